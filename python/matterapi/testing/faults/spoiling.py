"""Faults in the bytes of a response: the request is carried out, and what comes back is broken."""

from __future__ import annotations

import gzip
import io
from abc import ABC, abstractmethod
from dataclasses import dataclass

from typing_extensions import override

from .fault import RequestFault
from .wire import WireResponse

_BLOCK = 1 << 16


class SpoilingFault(RequestFault, ABC):
    """Changes the server's own response."""

    __slots__ = ()

    @abstractmethod
    def spoil(self, response: WireResponse) -> None:
        """Change `response`; its body is not compressed."""


@dataclass(frozen=True, slots=True)
class WrongLength(SpoilingFault):
    """A `Content-Length` that is not that of the body.

    Args:
        by: Bytes that it says too many; below 0 bytes are left over after the response.
        closes: Whether the connection ends after the body; by default when bytes are missing.
    """

    by: int
    closes: bool | None = None

    def __post_init__(self) -> None:
        fits = isinstance(self.by, int) and self.by != 0
        self.require(fits, "by", "a whole number of bytes other than 0")

    @override
    def spoil(self, response: WireResponse) -> None:
        response.framing = "length"
        response.length = max(len(response.body) + self.by, 0)
        response.closes = (response.closes or self.by > 0) if self.closes is None else self.closes


@dataclass(frozen=True, slots=True)
class BadFraming(SpoilingFault):
    """A body whose end cannot be told.

    Args:
        kind: `conflicting-lengths` (two of them), `length-and-chunked` (both), `bad-chunk-size`, or
            `unterminated` (chunks without the last one, then the end of the connection).
    """

    kind: str

    def __post_init__(self) -> None:
        choices = ("conflicting-lengths", "length-and-chunked", "bad-chunk-size", "unterminated")
        self.require_one_of("kind", choices)

    @override
    def spoil(self, response: WireResponse) -> None:
        size = len(response.body)
        if self.kind == "conflicting-lengths":
            response.framing = "length"
            response.put("Content-Length", str(size + 1))
            return
        response.framing = "chunked"
        if self.kind == "length-and-chunked":
            response.put("Content-Length", str(size))
        elif self.kind == "bad-chunk-size":
            response.framed = b"xyz\r\n" + response.body + b"\r\n0\r\n\r\n"
        else:
            response.framed = b"%x\r\n%b\r\n" % (size, response.body)
            response.closes = True


@dataclass(frozen=True, slots=True)
class BadGzip(SpoilingFault):
    """A body that says it is compressed with gzip and cannot be decompressed.

    Args:
        kind: `magic` (not compressed at all), `truncated`, `crc` (wrong checksum), `bomb` (some 1000
            times larger when decompressed), `nested` (compressed twice), or `unknown` (another encoding).
        size: Bytes of a bomb when decompressed.
    """

    kind: str
    size: int = 64 << 20

    def __post_init__(self) -> None:
        self.require_one_of("kind", ("magic", "truncated", "crc", "bomb", "nested", "unknown"))
        self.require_count("size", least=1)

    @override
    def spoil(self, response: WireResponse) -> None:
        packed = gzip.compress(response.body, mtime=0)
        if self.kind == "truncated":
            packed = packed[: len(packed) // 2]
        elif self.kind == "crc":
            packed = packed[:-8] + bytes(byte ^ 0xFF for byte in packed[-8:-4]) + packed[-4:]
        elif self.kind == "bomb":
            packed = _bomb(self.size)
        elif self.kind == "nested":
            packed = gzip.compress(packed, mtime=0)
        if self.kind not in ("magic", "unknown"):
            response.body = packed
        response.put("Content-Encoding", "x-unknown" if self.kind == "unknown" else "gzip")
        response.framing = "length"


def _bomb(size: int) -> bytes:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as file:
        for start in range(0, size, _BLOCK):
            file.write(b" " * min(_BLOCK, size - start))
    return packed.getvalue()


@dataclass(frozen=True, slots=True)
class InvalidJson(SpoilingFault):
    """A body that is no JSON, or JSON that decoders disagree about.

    Args:
        kind: `text` (no JSON), `truncated`, `utf8` (a byte that is no UTF-8), `bom`, `deep` (lists
            in lists), `long-string`, `duplicate-key`, `nan`, `infinity`, `huge-float` (1e400) or
            `huge-integer` (2^70). The last five add a field `fault` to an object.
        size: Depth, or bytes of the long string.
    """

    kind: str
    size: int = 1_000_000

    def __post_init__(self) -> None:
        self.require_one_of("kind", (*_WHOLE, *_FIELDS))
        self.require_count("size", least=1)

    @override
    def spoil(self, response: WireResponse) -> None:
        response.body = self._body(response.body)
        response.put("Content-Type", "application/json")
        response.framing = "length"

    def _body(self, body: bytes) -> bytes:
        if self.kind in _FIELDS:
            rest = body[1:].lstrip() if body.startswith(b"{") else b"}"
            return b"{" + _FIELDS[self.kind] + (b"" if rest.startswith(b"}") else b",") + rest
        if self.kind == "truncated":
            return body[: len(body) // 2]
        if self.kind == "utf8":
            return body.replace(b'":"', b'":"\xff', 1) if b'":"' in body else b'"\xff"'
        if self.kind == "bom":
            return b"\xef\xbb\xbf" + body
        if self.kind == "deep":
            return b"[" * self.size + b"]" * self.size
        return b'"' + b"x" * self.size + b'"' if self.kind == "long-string" else b"this is not JSON"


_WHOLE = ("text", "truncated", "utf8", "bom", "deep", "long-string")
_FIELDS = {
    "duplicate-key": b'"fault":"first","fault":"last"',
    "nan": b'"fault":NaN',
    "infinity": b'"fault":Infinity',
    "huge-float": b'"fault":1e400',
    "huge-integer": b'"fault":%d' % 2**70,
}


@dataclass(frozen=True, slots=True)
class OddHead(SpoilingFault):
    """A head that is large, or written in an old or unusual way.

    Args:
        kind: `many-headers` (200 more, or `size`), `huge-header` (one of 1 MiB, or `size`), `obs-fold`
            (a header on two lines), `lf-only` (lines without CR) or `http-1.0`.
        size: Number of headers, or bytes of the header; by default as above.
    """

    kind: str
    size: int | None = None

    def __post_init__(self) -> None:
        self.require_one_of("kind", ("many-headers", "huge-header", "obs-fold", "lf-only", "http-1.0"))
        if self.size is not None:
            self.require_count("size", least=1)

    @override
    def spoil(self, response: WireResponse) -> None:
        if self.kind == "many-headers":
            response.headers += [(f"X-Fault-{number}", "x") for number in range(self.size or 200)]
        elif self.kind == "huge-header":
            response.headers.append(("X-Fault", "x" * (self.size or 1 << 20)))
        elif self.kind == "obs-fold":
            response.headers.append(("X-Fault", "first\r\n second"))
        elif self.kind == "lf-only":
            response.newline = b"\n"
        else:
            response.version = "HTTP/1.0"
            response.closes = True


@dataclass(frozen=True, slots=True)
class Informational(SpoilingFault):
    """Responses of status 1xx before the response.

    Args:
        count: How many.
        status: 100, or 102 to 199.
    """

    count: int = 1000
    status: int = 103

    def __post_init__(self) -> None:
        self.require_count("count", least=1)
        fits = isinstance(self.status, int) and 100 <= self.status <= 199 and self.status != 101
        self.require(fits, "status", "100, or from 102 to 199")

    @override
    def spoil(self, response: WireResponse) -> None:
        interim = WireResponse(self.status, [], b"", framing="none")
        response.before += interim.encode()[0] * self.count


@dataclass(frozen=True, slots=True)
class BadUpgrade(SpoilingFault):
    """A 101 that a websocket client must refuse; for the route `GET /api/v4/websocket`.

    Args:
        kind: `accept` (wrong `Sec-WebSocket-Accept`), `no-accept`, `no-upgrade` (no `Upgrade`),
            `subprotocol` or `extension` (one that was not asked for).
    """

    kind: str

    def __post_init__(self) -> None:
        choices = ("accept", "no-accept", "no-upgrade", "subprotocol", "extension")
        self.require_one_of("kind", choices)

    @override
    def spoil(self, response: WireResponse) -> None:
        if self.kind == "accept":
            response.put("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
        elif self.kind == "no-accept":
            response.drop("Sec-WebSocket-Accept")
        elif self.kind == "no-upgrade":
            response.drop("Upgrade")
        elif self.kind == "subprotocol":
            response.put("Sec-WebSocket-Protocol", "fault")
        else:
            response.put("Sec-WebSocket-Extensions", "permessage-deflate")
