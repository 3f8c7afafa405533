"""Bytes straight to the server, for what http.client would mend."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tests.conformance.target import Target

# An id of the right form that nobody has.
NOBODY = "a" * 26


def exchange(target: Target, request: bytes) -> bytes:
    """Send `request` as it is and return everything up to the end of the stream."""
    address = urlsplit(target.url)
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=30) as stream:
        stream.sendall(request)
        return b"".join(iter(lambda: stream.recv(65536), b""))


def request(verb: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    """Return the bytes of a request whose connection the server closes afterwards."""
    lines = [f"{verb} {path} HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(*parts: tuple[str, str | None, bytes], boundary: str = "facts") -> tuple[bytes, dict[str, str]]:
    """Return a multipart body of (name, filename, content) parts, and its header."""
    body = b""
    for name, filename, content in parts:
        file = "" if filename is None else f'; filename="{filename}"'
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        body += content + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}
