"""The raw answer of the server, where a call has no typed result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeVar

from typing_extensions import Self

from matterapi.decoding.plain_json import load_json, parse_json
from matterapi.redaction.known_secrets import mask, mask_beginning, mask_bytes
from matterapi.redaction.patterns import redact

from .charsets import is_encoding, known_charset
from .values import URL, HeaderPairs, Headers, Request, parse_cookies, parse_links

if TYPE_CHECKING:
    from matterapi._core import RawResponse

Text = TypeVar("Text", str, bytes)

MAX_KEPT = 64 * 1024
"""Bytes of a body that an error reads, and keeps; an error of the server has some hundred."""


class _Facts(NamedTuple):
    """An exchange that the core did not make."""

    content: bytes
    headers: HeaderPairs
    url: str
    method: str
    request_headers: HeaderPairs
    elapsed: float
    http_version: str
    received: int


class Response:
    """An HTTP answer, completely read, with the attributes and methods of `httpx.Response`.

    Args:
        status_code: HTTP status.
        headers: Header fields as they came.
        content: The body after content decoding.
        url: The URL called.
        method: Verb of the request.
        request_headers: Header fields of the request; credentials are masked.
        elapsed: Seconds from sending the request to the end of the answer.
        http_version: Such as `HTTP/1.1`.
    """

    error_for: ClassVar[Callable[[Response], Exception]]
    """Makes the error for a status; given by `matterapi.errors.from_response`, which knows this module."""

    history: tuple[()] = ()
    _encoding: str | None = None
    _is_refused: bool = False
    lacks_credentials: bool = False
    """Whether the client that made the call had none to send."""
    next_request: None = None
    is_closed = True
    is_stream_consumed = True
    default_encoding: str | Callable[[bytes], str] = "utf-8"

    def __init__(
        self,
        status_code: int,
        headers: HeaderPairs = (),
        content: bytes = b"",
        *,
        url: str = "",
        method: str = "GET",
        request_headers: HeaderPairs = (),
        elapsed: float = 0.0,
        http_version: str = "HTTP/1.1",
    ) -> None:
        self.status_code = status_code
        self._exchange: _Facts | RawResponse = _Facts(
            content, headers, url, method, request_headers, elapsed, http_version, len(content)
        )

    @classmethod
    def from_core(cls, raw: RawResponse) -> Response:
        """An answer of the core. Only the status is copied; the rest is read when asked for."""
        response = cls.__new__(cls)
        response.status_code = raw.status_code
        response._exchange = raw
        return response

    @cached_property
    def content(self) -> bytes:
        """The body, content coding undone."""
        return self._exchange.content

    @property
    def decodable(self) -> bytes | RawResponse:
        """The body for the core's decoder, which reads the core's own without a copy."""
        exchange = self._exchange
        return self.content if isinstance(exchange, _Facts) else exchange

    @cached_property
    def headers(self) -> Headers:
        """Header fields of the answer."""
        return Headers(self._exchange.headers)

    @property
    def request_id(self) -> str | None:
        """The id by which the server's log names the call; None if the answer is not the server's."""
        return self.headers.get("x-request-id")

    @cached_property
    def request(self) -> Request:
        """Method, URL and header fields that were sent, without credentials."""
        facts = self._exchange
        return Request(facts.method, facts.url, facts.request_headers)

    @property
    def url(self) -> URL:
        """The URL called."""
        return self.request.url

    @property
    def elapsed(self) -> timedelta:
        """Time from sending the request to the end of the answer."""
        return timedelta(seconds=self._exchange.elapsed)

    @property
    def http_version(self) -> str:
        """Such as `HTTP/1.1`."""
        return self._exchange.http_version

    @property
    def extensions(self) -> dict[str, Any]:
        """Always empty: there are no transport details to offer."""
        return {}

    @property
    def reason_phrase(self) -> str:
        """The standard phrase of the status, or an empty text for an unknown one."""
        from http import HTTPStatus  # noqa: PLC0415 - rare, and costs every program 3 ms

        try:
            return HTTPStatus(self.status_code).phrase
        except ValueError:
            return ""

    @property
    def is_informational(self) -> bool:
        """Whether the status is 1xx."""
        return 100 <= self.status_code < 200

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status_code < 300

    @property
    def is_redirect(self) -> bool:
        """Whether the status is 3xx."""
        return 300 <= self.status_code < 400

    @property
    def is_client_error(self) -> bool:
        """Whether the status is 4xx."""
        return 400 <= self.status_code < 500

    @property
    def is_server_error(self) -> bool:
        """Whether the status is 5xx."""
        return 500 <= self.status_code < 600

    @property
    def is_error(self) -> bool:
        """Whether the status is 4xx or 5xx."""
        return 400 <= self.status_code < 600

    @property
    def has_redirect_location(self) -> bool:
        """Whether this is a redirect that says where to."""
        return self.status_code in {301, 302, 303, 307, 308} and "location" in self.headers

    @property
    def charset_encoding(self) -> str | None:
        """The charset that `Content-Type` names, if any."""
        for parameter in self.headers.get("content-type", "").split(";")[1:]:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset":
                return value.strip().strip("\"'") or None
        return None

    @property
    def encoding(self) -> str:
        """The encoding that `text` uses; may be set to any of Python's.

        By default the charset that the server names, if it is a common one of web pages, else UTF-8.
        """
        if self._encoding and is_encoding(self._encoding):
            return self._encoding
        if named := known_charset(self.charset_encoding):
            return named
        default = self.default_encoding
        return default(self.content) if callable(default) else default

    @encoding.setter
    def encoding(self, value: str) -> None:
        self._encoding = value

    @property
    def text(self) -> str:
        """The body as text; what cannot be decoded becomes U+FFFD."""
        return self.content.decode(self.encoding, "replace")

    def json(self, **kwargs: Any) -> Any:
        """The body as JSON.

        Args:
            **kwargs: Passed to `json.loads`.

        Raises:
            ValueError: The body is not one JSON document, or, without `kwargs`, its values would take more
                than 256 MiB of memory.
        """
        return load_json(self.content, **kwargs) if kwargs else parse_json(self.content)

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies that the answer sets, by name; the client itself stores none."""
        return parse_cookies(self.headers.get_list("set-cookie"))

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """The `Link` field by relation."""
        return parse_links(self.headers.get("link", ""))

    @property
    def num_bytes_downloaded(self) -> int:
        """Size of the body in bytes, after content decoding."""
        return self._exchange.received

    def raise_for_status(self) -> Self:
        """Return the response itself unless its status is 4xx or 5xx.

        Raises:
            ApiError: The class for the status.
        """
        if self.is_error:
            raise type(self).error_for(self)
        return self

    def bounded(self, limit: int) -> Response:
        """The response itself if its body has at most `limit` bytes, else a copy with the rest cut off."""
        if len(self.content) <= limit:
            return self
        bounded = Response.__new__(Response)
        bounded.__dict__.update(self.__dict__, content=self.content[:limit])
        return bounded

    def for_error(self, limit: int | None = None) -> Response:
        """What an error keeps: the answer without secrets of this process's clients, itself if it has none.

        Args:
            limit: Bytes of the body to keep; by default all.
        """
        content = mask_bytes(self.content) if limit is None else mask_beginning(self.content, limit)
        came, asked = self.headers.multi_items(), self._exchange.url
        headers = [(name, mask(value)) for name, value in came]
        url = mask(asked)
        if (content, headers, url) == (self.content, came, asked):
            return self
        return self._with(content, headers, url)

    def at(self, url: str) -> Response:
        """The same answer under another URL, where that which was asked lets in who knows it."""
        return self._with(self.content, self.headers.multi_items(), url)

    def _with(self, content: bytes, headers: list[tuple[str, str]], url: str) -> Response:
        exchange, sent = self._exchange, self.request.headers.multi_items()
        rest = (exchange.elapsed, exchange.http_version, exchange.received)
        kept = Response.__new__(Response)
        kept.__dict__.update(
            self.__dict__, _exchange=_Facts(content, headers, url, exchange.method, sent, *rest)
        )
        for read in ("content", "headers", "request"):
            kept.__dict__.pop(read, None)
        return kept

    def refuse(self) -> None:
        """Note that this success became an error: its pickle masks credentials in the body from now on."""
        self._is_refused = True

    def read(self) -> bytes:
        """The body, which is already here."""
        return self.content

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The body in pieces of `chunk_size` bytes, by default in one piece."""
        return _pieces(self.content, chunk_size)

    def iter_raw(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The same as `iter_bytes`: the body is kept only after content decoding."""
        return _pieces(self.content, chunk_size)

    def iter_text(self, chunk_size: int | None = None) -> Iterator[str]:
        """The text in pieces of `chunk_size` characters, by default in one piece."""
        return _pieces(self.text, chunk_size)

    def iter_lines(self) -> Iterator[str]:
        """The lines of the text without their ends."""
        return iter(self.text.splitlines())

    def close(self) -> None:
        """Do nothing: the connection is free as soon as the answer exists."""

    async def aread(self) -> bytes:
        """The async twin of `read`."""
        return self.content

    async def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The async twin of `iter_bytes`."""
        for piece in self.iter_bytes(chunk_size):
            yield piece

    async def aiter_raw(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """The async twin of `iter_raw`."""
        for piece in self.iter_raw(chunk_size):
            yield piece

    async def aiter_text(self, chunk_size: int | None = None) -> AsyncIterator[str]:
        """The async twin of `iter_text`."""
        for piece in self.iter_text(chunk_size):
            yield piece

    async def aiter_lines(self) -> AsyncIterator[str]:
        """The async twin of `iter_lines`."""
        for line in self.iter_lines():
            yield line

    async def aclose(self) -> None:
        """The async twin of `close`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<Response [{self.status_code} {self.reason_phrase}]>"

    def __getstate__(self) -> dict[str, Any]:
        # Pickles travel: no credential leaves in one, neither from a header nor from an error's text.
        return {
            "status_code": self.status_code,
            "_exchange": _Facts(
                self._shareable_content(),
                self.headers.masked().multi_items(),
                redact(self._exchange.url),
                self._exchange.method,
                self.request.headers.multi_items(),
                self._exchange.elapsed,
                self.http_version,
                self.num_bytes_downloaded,
            ),
            "_encoding": self._encoding,
            "_is_refused": self._is_refused,
            "lacks_credentials": self.lacks_credentials,
        }

    def _shareable_content(self) -> bytes:
        if not (self.is_error or self._is_refused):
            return self.content
        kept = self.for_error(MAX_KEPT)
        masked = redact(kept.text)
        return kept.content if masked == kept.text else masked.encode(self.encoding, "replace")


def _pieces(content: Text, size: int | None) -> Iterator[Text]:
    if size is not None and size < 1:
        raise ValueError(f"chunk_size must be at least 1, not {size}")
    step = size or len(content) or 1
    return (content[start : start + step] for start in range(0, len(content), step))
