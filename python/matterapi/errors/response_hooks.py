"""The response hooks of 0.5.0, for programs that gave them to an httpx client of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, Protocol, TypeAlias

from matterapi.http.response import Response

from .from_response import api_error


class HttpxResponse(Protocol):
    """What is needed of an `httpx.Response`."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        ...

    @property
    def content(self) -> bytes:
        """The body, once it is read."""
        ...

    @property
    def headers(self) -> Any:
        """Header fields, with `multi_items`."""
        ...

    @property
    def request(self) -> Any:
        """What was sent: method, URL and header fields."""
        ...

    def read(self) -> bytes:
        """Read the body."""
        ...

    async def aread(self) -> bytes:
        """Read the body."""
        ...


AnyResponse: TypeAlias = Response | HttpxResponse
"""An answer of this library or of httpx."""


def raise_sync(response: AnyResponse) -> None:
    """Raise the error for an answer that is no success.

    Args:
        response: An answer of this library or of httpx.

    Raises:
        ApiError: The class for the status.
    """
    if not response.is_success:
        response.read()
        _refuse(response)


async def raise_async(response: AnyResponse) -> None:
    """The same as a coroutine, for `httpx.AsyncClient`.

    Args:
        response: An answer of this library or of httpx.

    Raises:
        ApiError: The class for the status.
    """
    if not response.is_success:
        await response.aread()
        _refuse(response)


def _refuse(response: AnyResponse) -> NoReturn:
    if isinstance(response, Response):
        raise api_error(response, None)
    request = response.request
    raise api_error(
        Response(
            response.status_code,
            _pairs(response.headers),
            response.content,
            url=str(request.url),
            method=request.method,
            request_headers=_pairs(request.headers),
        ),
        None,
    )


def _pairs(headers: Any) -> Iterable[tuple[str, str]]:
    pairs: Iterable[tuple[str, str]] = headers.multi_items()
    return pairs
