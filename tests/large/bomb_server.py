"""A process of its own that answers with gzip bombs: `python -m tests.large.bomb_server`; prints its port."""

import re
import socket
import struct
import threading
import zlib
from contextlib import suppress

MIB = 1024 * 1024
BLOCK = b" " * 16 * MIB


def packed_block() -> bytes:
    """What unpacks to `BLOCK`, as often as it is repeated: nothing in it refers to what came before."""
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)


HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
PIECE = packed_block()
LAST = b"\x03\x00"


def send_bomb(sock: socket.socket, status: bytes, blocks: int) -> None:
    size = len(HEADER) + blocks * len(PIECE) + len(LAST) + 8
    sock.sendall(
        b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (status, size, HEADER)
    )
    checksum = 0
    for _ in range(blocks):
        sock.sendall(PIECE)
        checksum = zlib.crc32(BLOCK, checksum)
    sock.sendall(LAST + struct.pack("<II", checksum, blocks * len(BLOCK) % 2**32))


def serve(sock: socket.socket) -> None:
    with suppress(ConnectionError):
        while head := sock.recv(65536):
            # The last part of the path: the status, and how many MiB the answer becomes.
            asked = re.search(rb"/(\d+)-(\d+) HTTP", head)
            if asked is None:
                sock.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"id":"x"}')
                continue
            send_bomb(sock, asked[1] + b" Bomb", int(asked[2]) * MIB // len(BLOCK))
    sock.close()


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
