"""Responses that come instead of the server's own: of the server in trouble, or of a proxy before it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from typing_extensions import override

from matterapi.testing.http.encoding import dumps
from matterapi.testing.http.errors import AppError

from .fault import RequestFault
from .wire import WireResponse, date_header

Headers = Mapping[str, str] | tuple[tuple[str, str], ...]
_BODY_KINDS = (bytes, str, Mapping, list)


class ReplacingFault(RequestFault, ABC):
    """A response instead of the server's; the request takes no effect."""

    __slots__ = ()

    @abstractmethod
    def wire_response(self) -> WireResponse:
        """Return what is answered."""


@dataclass(frozen=True, slots=True)
class Status(ReplacingFault):
    """A response of any status, with any headers and body.

    Args:
        status: HTTP status code, 101 or 200 to 999.
        headers: Further headers; pairs for a name that occurs twice.
        body: Bytes or text as they are, or a value sent as JSON. By default an AppError of the server, for
            429 its text `limit exceeded` (app/ratelimit.go).
        error_id: Id of that AppError.
        content_type: By default JSON for the AppError and for values, text for text.
        closes: Whether the connection ends after it.
    """

    status: int
    headers: Headers = ()
    body: Any = None
    error_id: str = "emulator.fault.app_error"
    content_type: str | None = None
    closes: bool = False

    def __post_init__(self) -> None:
        fits = isinstance(self.status, int) and (self.status == 101 or 200 <= self.status <= 999)
        self.require(fits, "status", "101, or a number from 200 to 999")
        check_headers(self)
        possible = "bytes, text, or a dict or list to send as JSON"
        self.require(self.body is None or isinstance(self.body, _BODY_KINDS), "body", possible)

    @override
    def wire_response(self) -> WireResponse:
        body, content_type = self._content()
        headers = [("Content-Type", self.content_type or content_type), date_header(), *pairs(self.headers)]
        return WireResponse(self.status, headers, body, closes=self.closes)

    def _content(self) -> tuple[bytes, str]:
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            return self.body.encode(), "text/plain; charset=utf-8"
        if self.body is not None:
            return dumps(self.body), "application/json"
        if self.status == 429:
            return b"limit exceeded\n", "text/plain; charset=utf-8"
        error = AppError(self.status, self.error_id, "The server was told to fail.")
        return dumps(error.body("f" * 26)), "application/json"


@dataclass(frozen=True, slots=True)
class Html(ReplacingFault):
    """A page of HTML, as proxies and wrong addresses give.

    Args:
        status: HTTP status code, 200 to 999.
        page: The page.
    """

    status: int = 502
    page: str = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"

    def __post_init__(self) -> None:
        self.require(isinstance(self.status, int) and 200 <= self.status <= 999, "status", "from 200 to 999")

    @override
    def wire_response(self) -> WireResponse:
        headers = [("Content-Type", "text/html"), ("Server", "nginx"), date_header()]
        return WireResponse(self.status, headers, self.page.encode())


@dataclass(frozen=True, slots=True)
class Redirect(ReplacingFault):
    """A redirect.

    Args:
        location: Where to; None for a redirect without a `Location`.
        status: 300 to 399.
    """

    location: str | None
    status: int = 302

    def __post_init__(self) -> None:
        self.require(isinstance(self.status, int) and 300 <= self.status <= 399, "status", "from 300 to 399")
        printable = self.location is None or self.location.isprintable()
        self.require(printable, "location", "a URL or path without line ends, or None")

    @override
    def wire_response(self) -> WireResponse:
        headers = [date_header()]
        if self.location is not None:
            headers.append(("Location", self.location))
        return WireResponse(self.status, headers, b"")


@dataclass(frozen=True, slots=True)
class RawResponse(ReplacingFault):
    """Any bytes as a response.

    Args:
        data: The bytes, head and all.
        closes: Whether the connection ends after them.
    """

    data: bytes
    closes: bool = True

    def __post_init__(self) -> None:
        self.require(isinstance(self.data, bytes), "data", "bytes")

    @override
    def wire_response(self) -> WireResponse:
        return WireResponse(0, [], b"", raw=self.data, closes=self.closes)


@dataclass(frozen=True, slots=True)
class EarlyResponse(ReplacingFault):
    """A response before the request was read to its end, as for an upload that is too large.

    Args:
        answered: What is answered.
        after: Bytes of the body that are read first.
        resets: Whether the connection is then reset; otherwise it is ended once the client ends it.
    """

    response: Status = field(default_factory=lambda: Status(413))
    after: int = 0
    resets: bool = True

    def __post_init__(self) -> None:
        self.require(isinstance(self.response, Status), "response", "a Status")
        self.require_count("after")

    @override
    def wire_response(self) -> WireResponse:
        response = self.response.wire_response()
        response.closes = True
        return response


def pairs(headers: Headers) -> list[tuple[str, str]]:
    """Return headers as pairs."""
    return list(headers.items()) if isinstance(headers, Mapping) else list(headers)


def check_headers(fault: Status) -> None:
    """Refuse headers that cannot be written.

    Raises:
        ValueError: They are no texts, or have line ends.
    """
    headers = fault.headers
    listed = pairs(headers) if isinstance(headers, (Mapping, tuple)) else [("", "")]
    fits = all(
        isinstance(part, str) and part.isascii() and "\n" not in part and "\r" not in part and (part or at)
        for pair in listed
        for at, part in enumerate(pair)
    )
    fault.require(fits, "headers", "a dict of texts or pairs of texts, ASCII and without line ends")
