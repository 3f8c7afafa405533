"""A body as an iterator of bytes, sync and async."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi._core import Transfer
from matterapi.errors.advice import wrong_address
from matterapi.errors.body import is_html
from matterapi.errors.exceptions import DecodeError
from matterapi.errors.from_response import api_error
from matterapi.http.file_names import offered_name, safe_name
from matterapi.http.response import Response

from . import script, watched
from .operation import Operation
from .script import Next, Script
from .sender import raw_response

if TYPE_CHECKING:
    from .async_sender import AsyncSender
    from .sender import Sender
    from .sync_sender import SyncSender

_SIZE = re.compile(r"[0-9]{1,19}")


class Stream:
    """A download under way: what both kinds of streams have.

    The body comes as it is stored, without content coding. When its connection is cut, the rest is asked
    for by Range, up to four times in a row without progress. A body that is shorter than announced is a
    `ConnectionClosed`, one that is longer a `ProtocolError`; no piece reaches beyond the announced size. An
    answer whose length the server does not announce cannot be continued and has no end but the server's own.

    Args:
        sender: What carries the call.
        op: The operation, whose answer is a body.
        values: Path and query values.
    """

    def __init__(self, sender: Sender, op: Operation[Any], values: dict[str, Any]) -> None:
        self._op = op
        self._values = values
        self._transfer: Transfer = sender.open(op, values)
        self._response: Response | None = None
        self._via = sender

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
            DecodeError: The answer is a web page: the server itself gives every file a Content-Disposition
                and no file this type (WriteFileResponse, shared/web/files.go).
        """
        if self._response is not None:
            return
        if self._via.watchers:
            _, response = yield from watched.opened(self._via, self._op, self._values, self._open)
        else:
            raw = yield Next(self._transfer)
            response = self._via.response(raw_response(raw), self._op)
        if not response.is_success:
            raise api_error(response, self._op.route)
        if is_html(response) and "content-disposition" not in response.headers:
            self.cancel()
            raise DecodeError(
                f"no file of the server's. {wrong_address(response)}", response=response, route=self._op.route
            )
        self._response = response

    def _open(self, headers: Mapping[str, str]) -> Transfer:
        if headers:
            own = self._via.own_with(headers)
            self._transfer = self._via.open(self._op, self._values, own)
        return self._transfer

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

    _sender: SyncSender

    def __init__(self, sender: SyncSender, op: Operation[Any], values: dict[str, Any]) -> None:
        super().__init__(sender, op, values)
        self._sender = sender

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        piece = script.run(self._sender, self.piece())
        if piece is None:
            raise StopIteration
        return piece

    def close(self) -> None:
        """Give up what has not come and close the connection."""
        self.cancel()

    def __enter__(self) -> Self:
        script.run(self._sender, self.opening())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncFileStream(Stream):
    """As `FileStream`, for `async with` and `async for`."""

    _sender: AsyncSender

    def __init__(self, sender: AsyncSender, op: Operation[Any], values: dict[str, Any]) -> None:
        super().__init__(sender, op, values)
        self._sender = sender

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await script.wait(self._sender, self.piece())
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Give up what has not come and close the connection."""
        self.cancel()

    async def __aenter__(self) -> Self:
        await script.wait(self._sender, self.opening())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
