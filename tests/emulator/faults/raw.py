"""A plain socket that tells every byte it got and how the connection ended."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

GET = b"GET /api/v4/system/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def connect(server: MattermostServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def read_end(sock: socket.socket) -> tuple[bytes, str]:
    """All bytes to the end, which is `fin` or `reset`."""
    got = b""
    try:
        while data := sock.recv(1 << 20):
            got += data
    except ConnectionResetError:
        return got, "reset"
    return got, "fin"


def exchange(server: MattermostServer, request: bytes = GET) -> tuple[bytes, str]:
    with connect(server) as sock:
        sock.sendall(request)
        return read_end(sock)


def split(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
    return int(line.split()[1]), headers, body


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """First byte and payload of each whole frame."""
    found = []
    while len(data) >= 2:
        size, at = data[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(data[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(data[2:10], "big"), 10
        if len(data) < at + size:
            break
        found.append((data[0], data[at : at + size]))
        data = data[at + size :]
    return found
