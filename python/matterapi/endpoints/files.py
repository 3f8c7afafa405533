"""Files in one call: what `client.files` offers beside the server's own operations."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import iscoroutinefunction
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, overload

from matterapi.bases.files import AsyncContent, Content, NamedContent
from matterapi.bases.files import FileInfo as Upload
from matterapi.calls import script
from matterapi.calls.body import Progress
from matterapi.calls.codec import decode_exactly, encode
from matterapi.calls.download import check_destination, download
from matterapi.calls.multipart import multipart_parts
from matterapi.calls.script import Script, Send
from matterapi.calls.stream import AsyncFileStream, FileStream
from matterapi.errors.exceptions import InvalidRequest
from matterapi.models.uploads import FileInfo

from .base import AsyncApi, SyncApi
from .operations import files as op
from .upload_session import size_of, upload_resumably

_File = TypeVar("_File", bound=BinaryIO)


def _upload(
    channel_id: str, files: Sequence[Any], progress: Progress | None, resumable: bool
) -> Script[list[FileInfo]]:
    _check_progress(progress)
    if not files:
        raise InvalidRequest("give at least one file", route=op.UPLOAD_FILE.route)
    if resumable:
        return (yield from _upload_one_by_one(channel_id, files, progress))
    body = encode(op.UPLOAD_FILE, None, {"files": list(files)}, None)
    response = yield Send(op.UPLOAD_FILE, {"channel_id": channel_id}, body, progress)
    return decode_exactly(op.UPLOAD_FILE, response).file_infos or []


def _upload_one_by_one(
    channel_id: str, files: Sequence[Any], progress: Progress | None
) -> Script[list[FileInfo]]:
    try:
        parts = multipart_parts({"files": list(files)})
    except (TypeError, ValueError) as error:
        raise InvalidRequest(str(error), route=op.UPLOAD_FILE.route) from error
    sizes = [size_of(part.source) for part in parts]
    infos = []
    for number, part in enumerate(parts):
        before = sum(sizes[:number])
        infos.append((yield from upload_resumably(channel_id, part, _within(progress, before, sum(sizes)))))
    return infos


def _within(progress: Progress | None, before: int, total: int) -> Progress | None:
    return None if progress is None else lambda done, _size: progress(before + done, total)


def _check_progress(progress: Any) -> None:
    if progress is not None and (not callable(progress) or iscoroutinefunction(progress)):
        raise InvalidRequest("progress must be a plain function", route=op.UPLOAD_FILE.route)


class SyncFileTransfers(SyncApi):
    """Uploads and downloads of the sync client."""

    def upload(
        self,
        channel_id: str,
        *files: Upload | NamedContent[Content],
        progress: Progress | None = None,
        resumable: bool = False,
    ) -> list[FileInfo]:
        """Upload files to a channel, streamed: none of them is held in memory.

        Args:
            channel_id: Id of the channel whose posts will show them.
            files: Paths (text is a path), binary file objects, bytes, iterators of bytes, or tuples
                `(name, content)` or `(name, content, content type)` of these. File objects and iterators
                are read on a thread. The server attaches at most 10 to a post.
            progress: Called with the bytes handed to the connection and the bytes in all, between pieces
                and on the calling thread. Without `resumable` the request's body counts, which is a
                little more than the files, and whose size is `None` if a file has none. The number goes
                back when something has to be sent again. Its exception ends the call.
            resumable: Send each file in an upload session, which goes on where it was when the connection
                is cut. Only for content that can be read again; one session after the other.

        Returns:
            What the server knows of each file, in the order given. Their ids go into a post's `file_ids`.

        Raises:
            InvalidRequest: No file was given, or one that cannot be sent.
            LocalFileError: A file cannot be read, or its size changed on the way.
            ContentTooLarge: A file has more bytes than the server takes.
        """
        return script.run(self.client.sender, _upload(channel_id, files, progress, resumable))

    @overload
    def download(self, file_id: str, to: None = None, *, progress: Progress | None = None) -> bytes: ...
    @overload
    def download(
        self, file_id: str, to: str | PathLike[str], *, progress: Progress | None = None
    ) -> Path: ...
    @overload
    def download(self, file_id: str, to: _File, *, progress: Progress | None = None) -> _File: ...
    def download(self, file_id: str, to: Any = None, *, progress: Progress | None = None) -> Any:
        """Download a file; a path or file object takes it without holding it in memory.

        A cut connection is continued by Range, as long as the file on the server is the same.

        Args:
            file_id: Id of the file (26 characters).
            to: A path: the file appears there when it is whole, and replaces what is there. A folder: the
                same under the server's name, made safe, with a number if that is taken. A binary file
                object: the bytes are written where it stands. By default the bytes are returned.
            progress: Called with the bytes received and the size of the file, after each piece.

        Returns:
            The bytes, the path of the file, or the file object.

        Raises:
            LocalFileError: The path cannot be written.
            DecodeError: It is larger than `max_response_size` and no place for it was given.
            ConnectionClosed: The rest could not be had.
            ProtocolError: The server sent a part that was not asked for, or more than it announced.
        """
        check_destination(to, op.GET_FILE)
        _check_progress(progress)
        stream, limit = self.stream(file_id), self.client.options.max_response_size
        return script.run(self.client.sender, download(stream, op.GET_FILE, to, progress, limit))

    def stream(self, file_id: str) -> FileStream:
        """Download a file as an iterator of bytes.

            with client.files.stream(file_id) as stream:
                for piece in stream: ...

        Args:
            file_id: Id of the file (26 characters).
        """
        return FileStream(self.client.sender, op.GET_FILE, {"file_id": file_id})


class AsyncFileTransfers(AsyncApi):
    """Uploads and downloads of the async client."""

    async def upload(
        self,
        channel_id: str,
        *files: Upload | NamedContent[AsyncContent],
        progress: Progress | None = None,
        resumable: bool = False,
    ) -> list[FileInfo]:
        """As `SyncFileTransfers.upload`; takes async iterators of bytes too.

        These are read, and `progress` is called, on the running loop.
        """
        return await script.wait(self.client.sender, _upload(channel_id, files, progress, resumable))

    @overload
    async def download(self, file_id: str, to: None = None, *, progress: Progress | None = None) -> bytes: ...
    @overload
    async def download(
        self, file_id: str, to: str | PathLike[str], *, progress: Progress | None = None
    ) -> Path: ...
    @overload
    async def download(self, file_id: str, to: _File, *, progress: Progress | None = None) -> _File: ...
    async def download(self, file_id: str, to: Any = None, *, progress: Progress | None = None) -> Any:
        """As `SyncFileTransfers.download`; files are written on threads."""
        check_destination(to, op.GET_FILE)
        _check_progress(progress)
        stream, limit = self.stream(file_id), self.client.options.max_response_size
        return await script.wait(self.client.sender, download(stream, op.GET_FILE, to, progress, limit))

    def stream(self, file_id: str) -> AsyncFileStream:
        """As `SyncFileTransfers.stream`, for `async with` and `async for`."""
        return AsyncFileStream(self.client.sender, op.GET_FILE, {"file_id": file_id})
