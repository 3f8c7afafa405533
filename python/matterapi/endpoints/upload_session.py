"""Upload sessions (api4/upload.go): an upload that goes on where a cut connection left it."""

from __future__ import annotations

import random
from os import SEEK_END
from pathlib import Path
from stat import S_ISREG
from typing import Any, cast

from matterapi._core import UploadRetry
from matterapi.calls.body import Body, Part, Progress, Source
from matterapi.calls.codec import decode, decode_exactly, encode
from matterapi.calls.script import Pause, Script, Send
from matterapi.errors.exceptions import (
    ApiError,
    ConnectionClosed,
    DecodeError,
    InvalidRequest,
    LocalFileError,
    MatterapiError,
    ResourceNotFound,
    TransportError,
)
from matterapi.errors.from_core import kind_of
from matterapi.models.uploads import FileInfo

from .operations import uploads as op


def upload_resumably(channel_id: str, part: Part, progress: Progress | None) -> Script[FileInfo]:
    """Upload one file in a session of its own.

    The whole rest is sent at once, so the server's rule that the first piece has 5 MiB or is the whole
    file (uploadData, app/upload.go) is kept; of a first piece that was cut before, nothing remains.

    Args:
        channel_id: Id of the channel.
        part: The file; its content can be read from any byte.
        progress: Called with the bytes of this file.

    Raises:
        InvalidRequest: The content can be read only once, or has no known size.
        LocalFileError: There is no such file.
        ApiError: The server refused.
        TransportError: The connection was cut five times in a row without progress, or much too often
            for the progress there was.
        DecodeError: The server takes the data and does not have more of it in the end, five times in a row
            or much too often.
    """
    size = size_of(part.source)
    fields = {"channel_id": channel_id, "filename": part.filename, "file_size": size}
    response = yield Send(op.CREATE_UPLOAD, {}, encode(op.CREATE_UPLOAD, fields, None, None))
    upload_id = decode_exactly(op.CREATE_UPLOAD, response).id
    if not upload_id:
        raise DecodeError("an upload session without an id", response=response, route=op.CREATE_UPLOAD.route)
    values = {"upload_id": upload_id}
    retry, offset = UploadRetry(), 0
    while True:
        body = Body("raw", "application/octet-stream", part.source, start=offset)
        cut: MatterapiError | None = None
        try:
            response = yield Send(op.UPLOAD_DATA, values, body, _from(progress, offset, size))
            info = decode_exactly(op.UPLOAD_DATA, response)
            if info is not None:
                return info
        except MatterapiError as error:
            cut = error
        failure = cut or DecodeError(
            "the server takes the data and has too little of it",
            response=response,
            route=op.UPLOAD_DATA.route,
        )
        offset = yield from _offset(values, size, retry, cut, failure)
        if not retry.goes_on(offset):
            raise failure


def _offset(
    values: dict[str, Any], size: int, retry: UploadRetry, cut: MatterapiError | None, failure: MatterapiError
) -> Script[int]:
    """Ask how much the server has, until it says so or nothing helps any more."""
    pause = _pause(retry, cut)
    while True:
        if pause is None:
            raise failure
        yield Pause(pause)
        try:
            response = yield Send(op.GET_UPLOAD, values)
            decode(op.GET_UPLOAD, response)
        except ResourceNotFound as gone:
            if cut is None:
                raise
            # A session ends with its last byte; whether that came is all that cannot be known.
            raise ConnectionClosed(
                f"{cut.message}; the upload session is gone: the file is complete and its answer was lost, "
                "or the session was removed",
                route=op.UPLOAD_DATA.route,
            ) from gone
        except MatterapiError as error:
            failure, pause = error, _pause(retry, error)
            continue
        found = decode_exactly(op.GET_UPLOAD, response).file_offset
        offset = 0 if found is None else found
        if not isinstance(offset, int) or not 0 <= offset <= size:
            raise DecodeError(
                f"the server has {offset!r} bytes of {size}", response=response, route=op.GET_UPLOAD.route
            )
        return offset


def _pause(retry: UploadRetry, failure: MatterapiError | None) -> float | None:
    """Seconds until the next try, as the core's rules for upload sessions have it; `None` for no more."""
    jitter = random.random()  # noqa: S311 - not a secret
    if failure is None:
        return retry.after_loss(jitter)
    if isinstance(failure, ApiError):
        return retry.after_error(
            failure.status_code or 0, failure.error_id or "", failure.retry_after, jitter
        )
    if isinstance(failure, TransportError):
        return retry.after_failure(kind_of(failure), jitter)
    return None


def _from(progress: Progress | None, offset: int, size: int) -> Progress | None:
    return None if progress is None else lambda done, _total: progress(offset + done, size)


def size_of(source: Source) -> int:
    """The size in bytes of content that can be read from any byte.

    Raises:
        InvalidRequest: The content can be read only once.
        LocalFileError: There is no such regular file.
    """
    if isinstance(source, bytes):
        return len(source)
    if isinstance(source, Path):
        try:
            found = source.stat()
        except OSError as error:
            raise LocalFileError(f"{source}: {error}", route=op.CREATE_UPLOAD.route) from error
        if not S_ISREG(found.st_mode):
            raise LocalFileError(f"{source}: not a regular file", route=op.CREATE_UPLOAD.route)
        return found.st_size
    seekable = getattr(source, "seekable", None)
    if not callable(seekable) or not seekable():
        raise InvalidRequest(
            "a resumable upload needs content that can be read again: a path, bytes or a file object that "
            "can seek",
            route=op.CREATE_UPLOAD.route,
        )
    return int(cast("Any", source).seek(0, SEEK_END))
