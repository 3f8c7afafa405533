"""A process of its own that makes and counts bytes: `python -m tests.large.byte_server`; prints its port."""

import re
import socket
import threading

BLOCK = bytes(256) * 4096  # 1 MiB


def serve(sock: socket.socket) -> None:
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            data = sock.recv(65536)
            if not data:
                return
            buffer += data
        head, _, buffer = buffer.partition(b"\r\n\r\n")
        if head.startswith(b"GET"):
            # The id of the file is its size.
            size = int(re.search(rb"/files/(\d+)", head)[1])  # type: ignore[index]
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            while size:
                sock.sendall(BLOCK[: min(size, len(BLOCK))])
                size -= min(size, len(BLOCK))
            continue
        left = size = int(re.search(rb"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
        left -= len(buffer)
        buffer = b""
        room = bytearray(1 << 20)
        while left:
            got = sock.recv_into(room, min(left, len(room)))
            if not got:
                return
            left -= got
        body = b'{"file_infos":[{"id":"f1","size":%d}],"client_ids":[]}' % size
        sock.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)  # noqa: T201
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
