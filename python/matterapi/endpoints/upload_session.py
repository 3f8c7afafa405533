"""Upload sessions (api4/upload.go): an upload that goes on where a cut connection left it."""

from __future__ import annotations

import random
from itertools import count
from os import SEEK_END
from pathlib import Path
from stat import S_ISREG
from typing import Any, cast

from matterapi.calls.body import Body, Part, Progress, Source
from matterapi.calls.codec import decode, decode_exactly, encode
from matterapi.calls.script import Pause, Script, Send
from matterapi.errors.exceptions import (
    ApiError,
    ConnectError,
    ConnectionClosed,
    ConnectTimeout,
    DecodeError,
    InvalidRequest,
    LocalFileError,
    MatterapiError,
    ReadTimeout,
    ResourceNotFound,
    WriteTimeout,
)
from matterapi.models.uploads import FileInfo

from .operations import uploads as op

MAX_CUTS = 5
"""How often in a row an upload is continued that does not get any further."""

_SPARE_CUTS = 50
_SLOWEST = 4096
"""Bytes that an upload has to get on by between two cuts on average, beside `_SPARE_CUTS` cuts: a server
that takes a byte at a time would keep a large file going for ever."""

_LONGEST_PAUSE = 60.0
_CUTS = (ConnectError, ConnectionClosed, ConnectTimeout, ReadTimeout, WriteTimeout)
_BUSY_STATUSES = frozenset({429, 502, 503, 504})
# The server has not noticed the cut yet and still waits for the rest on the old connection.
_BUSY_IDS = frozenset({"app.upload.upload_data.concurrent.app_error"})


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
    # Only what no answer has told before is progress: a server that goes back and forth makes none.
    offset, furthest, cuts = 0, 0, 0
    for tries in count(1):
        body = Body("raw", "application/octet-stream", part.source, start=offset)
        cut: MatterapiError | None = None
        try:
            response = yield Send(op.UPLOAD_DATA, values, body, _from(progress, offset, size))
            info = decode_exactly(op.UPLOAD_DATA, response)
            if info is not None:
                return info
        except MatterapiError as error:
            if not _passes(error):
                raise
            cut = error
        offset, cuts = yield from _offset(values, size, cuts, cut)
        if offset > furthest:
            furthest, cuts = offset, 0
        slow = tries > _SPARE_CUTS + furthest // _SLOWEST
        if slow or cuts >= MAX_CUTS:
            how = "too slowly" if slow else "and never has it"
            raise cut or DecodeError(
                f"the server takes the data {how}", response=response, route=op.UPLOAD_DATA.route
            )
    raise AssertionError  # pragma: no cover - count() has no end


def _offset(
    values: dict[str, Any], size: int, cuts: int, cut: MatterapiError | None
) -> Script[tuple[int, int]]:
    """Ask how much the server has, as often as is left of `MAX_CUTS`."""
    while True:
        yield Pause(_pause(cuts, cut))
        cuts += 1
        response = yield from _asked(values, cuts, cut)
        if response is None:
            continue
        found = decode_exactly(op.GET_UPLOAD, response).file_offset
        offset = 0 if found is None else found
        if not isinstance(offset, int) or not 0 <= offset <= size:
            raise DecodeError(
                f"the server has {offset!r} bytes of {size}", response=response, route=op.GET_UPLOAD.route
            )
        return offset, cuts


def _asked(values: dict[str, Any], cuts: int, cut: MatterapiError | None) -> Script[Any]:
    """The answer to GET /uploads/{id}, or `None` if asking again makes sense."""
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
        if not _passes(error) or cuts >= MAX_CUTS:
            raise
        return None
    return response


def _passes(error: MatterapiError) -> bool:
    """Whether what failed may work in a moment."""
    if isinstance(error, ApiError):
        return error.status_code in _BUSY_STATUSES or error.error_id in _BUSY_IDS
    return isinstance(error, _CUTS)


def _pause(cuts: int, cut: MatterapiError | None) -> float:
    """Seconds: what the server asks for, else a random time up to 0.5 s, 1 s, 2 s, 4 s, 8 s."""
    asked = None if cut is None else cut.retry_after
    if asked is not None:
        return min(asked, _LONGEST_PAUSE)
    return random.uniform(0, 0.5 * 2 ** min(cuts, 4))  # noqa: S311 - jitter, not a secret


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
