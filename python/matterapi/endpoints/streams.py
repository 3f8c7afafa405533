"""A body as an iterator of bytes, sync and async."""

from __future__ import annotations

import re
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi._core import RawResponse, Transfer
from matterapi.client.exceptions import api_error
from matterapi.response import Response

from . import steps
from .file_names import offered_name, safe_name
from .operation import Operation
from .steps import Next, Script

if TYPE_CHECKING:
    from matterapi.client.async_client import AsyncClient
    from matterapi.client.base_client import BaseClient
    from matterapi.client.sync_client import SyncClient

_SIZE = re.compile(r"[0-9]{1,19}")


class Stream:
    """A download under way: what both kinds of streams have.

    The body comes as it is stored, without content coding. When its connection is cut, the rest is asked
    for by Range, up to four times in a row without progress. A body that is shorter than announced is a
    `ConnectionClosed`, one that is longer a `ProtocolError`; no piece reaches beyond the announced size. An
    answer whose length the server does not announce cannot be continued and has no end but the server's own.

    Args:
        client: Whose session carries the call.
        op: The operation, whose answer is a body.
        values: Path and query values.
    """

    def __init__(self, client: BaseClient, op: Operation[Any], values: dict[str, Any]) -> None:
        self._op = op
        self._transfer: Transfer = client._open(op, values)
        self._response: Response | None = None
        self._read = client._read

    @property
    def response(self) -> Response:
        """Status and header fields of the answer.

        Raises:
            RuntimeError: The stream has not been opened: enter it, or take a piece first.
        """
        if self._response is None:
            raise RuntimeError("the stream has not been opened yet: use `with`, or iterate")
        return self._response

    @property
    def size(self) -> int | None:
        """Bytes of the whole body, or `None` if the server does not say."""
        text = self.response.headers.get("content-length", "")
        return int(text) if _SIZE.fullmatch(text) else None

    @property
    def name(self) -> str:
        """The name that the server gives the file, made safe: one component, no device, never empty."""
        return safe_name(offered_name(self.response.headers.get("content-disposition", "")))

    @property
    def content_type(self) -> str:
        """The `Content-Type` of the answer, or an empty text."""
        return self.response.headers.get("content-type", "")

    def opening(self) -> Script[None]:
        """Wait for the answer's head, unless it is here.

        Raises:
            ApiError: The server refused.
        """
        if self._response is not None:
            return
        raw = yield Next(self._transfer)
        if not isinstance(raw, RawResponse):
            raise TypeError(f"a transfer without an answer: {raw!r}")
        response = self._read(raw, self._op)
        if not response.is_success:
            raise api_error(response, self._op.route)
        self._response = response

    def piece(self) -> Script[bytes | None]:
        """The next piece, or `None` at the end."""
        yield from self.opening()
        piece: bytes | None = yield Next(self._transfer)
        return piece

    def cancel(self) -> None:
        """Give up what has not come and close the connection."""
        self._transfer.close()


class FileStream(Stream):
    """The bytes of a file, piece by piece: `with client.files.stream(file_id) as stream: ...`.

    Pieces are of any size up to about 256 KiB. Leaving the block before the end closes the connection.
    """

    _client: SyncClient

    def __init__(self, client: SyncClient, op: Operation[Any], values: dict[str, Any]) -> None:
        super().__init__(client, op, values)
        self._client = client

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece = steps.run(self._client, self.piece())
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Give up what has not come and close the connection."""
        self.cancel()

    def __enter__(self) -> Self:
        steps.run(self._client, self.opening())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncFileStream(Stream):
    """As `FileStream`, for `async with` and `async for`."""

    _client: AsyncClient

    def __init__(self, client: AsyncClient, op: Operation[Any], values: dict[str, Any]) -> None:
        super().__init__(client, op, values)
        self._client = client

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await steps.wait(self._client, self.piece())
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Give up what has not come and close the connection."""
        self.cancel()

    async def __aenter__(self) -> Self:
        await steps.wait(self._client, self.opening())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
