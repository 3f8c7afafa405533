"""An HTTP response as it goes over the wire, and the writing of its bytes."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import web
from typing_extensions import override

_RESET = struct.pack("ii", 1, 0)
_FLUSH_S = 0.001


@dataclass(slots=True)
class WireResponse:
    """A response before it is written; faults change it.

    Attributes:
        status: HTTP status code.
        headers: All headers in their order; those for the framing are added by `encode`.
        body: The body without framing.
        framing: How the end of the body is told: `length`, `chunked` or `none`.
        length: What `Content-Length` says instead of the truth.
        version: Protocol version of the status line.
        newline: End of each line of the head.
        before: Bytes that go before the response.
        framed: The body with framing, where a fault does that by itself.
        closes: Whether the connection ends after it.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    framing: str = "length"
    length: int | None = None
    version: str = "HTTP/1.1"
    newline: bytes = b"\r\n"
    before: bytes = b""
    framed: bytes | None = None
    closes: bool = False
    raw: bytes | None = field(default=None)

    def encode(self) -> tuple[bytes, int]:
        """Return the bytes of the whole response, and where among them the body begins."""
        if self.raw is not None:
            head, separator, _ = self.raw.partition(b"\r\n\r\n")
            return self.raw, len(head) + len(separator)
        headers = list(self.headers)
        body = self.body if self.framed is None else self.framed
        if self.framing == "length":
            headers.append(("Content-Length", str(len(body) if self.length is None else self.length)))
        elif self.framing == "chunked":
            headers.append(("Transfer-Encoding", "chunked"))
            body = chunked(body) if self.framed is None else body
        if self.closes and not any(name.lower() == "connection" for name, _ in headers):
            headers.append(("Connection", "close"))
        lines = [f"{self.version} {self.status} {phrase(self.status)}".encode()]
        lines += [f"{name}: {value}".encode("latin-1") for name, value in headers]
        head = self.before + self.newline.join(lines) + 2 * self.newline
        return head + body, len(head)

    def drop(self, name: str) -> None:
        """Drop a header."""
        self.headers = [header for header in self.headers if header[0].lower() != name.lower()]

    def put(self, name: str, value: str) -> None:
        """Set a header, in place of any of that name."""
        self.drop(name)
        self.headers.append((name, value))


def phrase(status: int) -> str:
    """Return the reason phrase of a status code; a number without one has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def chunked(body: bytes) -> bytes:
    """Return a body as one chunk and the end."""
    return (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"


def date_header() -> tuple[str, str]:
    """Return the header `Date` of this moment."""
    return "Date", formatdate(usegmt=True)


def from_response(response: web.Response) -> WireResponse:
    """Return a response of the server before aiohttp has written it."""
    body = response.body
    if not isinstance(body, (bytes, bytearray)):
        body = b""
    bodiless = response.status in (204, 304) or response.status < 200
    framing = "none" if bodiless else "chunked" if response.chunked else "length"
    return WireResponse(
        response.status, [*response.headers.items(), date_header()], bytes(body), framing=framing
    )


class WrittenResponse(web.StreamResponse):
    """Tells aiohttp that a response has been written already.

    Args:
        status: Its status.
        ends: Whether the connection is over.
    """

    def __init__(self, status: int, *, ends: bool) -> None:
        super().__init__(status=status)
        self._ends = ends

    @property
    @override
    def keep_alive(self) -> bool:
        return not self._ends

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write nothing."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing."""


async def flush(transport: asyncio.Transport) -> None:
    """Wait until the system has taken all that was written."""
    # A transport tells its protocol when it has room again, and the protocol here is aiohttp's.
    while transport.get_write_buffer_size() and not transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_FLUSH_S)


def reset(transport: asyncio.Transport) -> None:
    """End a connection by RST."""
    make_reset(transport.get_extra_info("socket"))
    transport.abort()


def make_reset(sock: socket.socket) -> None:
    """Make the closing of a socket send RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
