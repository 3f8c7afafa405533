"""Where a download goes: into memory, a file object, or a path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Protocol, TypeAlias, TypeVar

from matterapi.errors.exceptions import DecodeError, InvalidRequest, LocalFileError

from .body import Progress
from .operation import Operation
from .script import Do, Script
from .stream import Stream

T = TypeVar("T")

Destination: TypeAlias = str | os.PathLike[str] | BinaryIO | None
"""A path, a folder, a binary file object, or `None` for memory."""


class _Target(Protocol):
    """Takes the pieces of a download."""

    def begin(self) -> None:
        """Get ready to write."""

    def write(self, piece: bytes) -> object:
        """Take a piece."""

    def finish(self) -> Any:
        """Everything is here: put it in place, and return what the caller gets."""

    def discard(self) -> None:
        """It will never be whole; after `finish` this does nothing."""


def download(
    stream: Stream, op: Operation[Any], to: Destination, progress: Progress | None, limit: int | None
) -> Script[Any]:
    """Take a stream to its end and put it where it should go.

    Args:
        stream: The download.
        op: Its operation, for errors.
        to: See `Destination`.
        progress: Called after each piece.
        limit: Bytes that may go into memory; `None` for any number.

    Returns:
        The bytes, the path, or the file object that was given.

    Raises:
        LocalFileError: The path cannot be written.
        DecodeError: It is too large for memory.
    """
    try:
        yield from stream.opening()
        size = stream.size
        target = _target(to, stream, op, limit)
        try:
            yield from _do(target, target.begin)
            done = 0
            while (piece := (yield from stream.piece())) is not None:
                yield from _do(target, _writing(target, piece))
                done += len(piece)
                if progress is not None:
                    progress(done, size)
            return (yield from _do(target, target.finish))
        finally:
            target.discard()
    finally:
        stream.cancel()


def _do(target: _Target, work: Callable[[], T]) -> Script[T]:
    """What may wait for a disk is done where nobody else waits for it; memory is at hand."""
    if isinstance(target, _Memory):
        return work()
    result: T = yield Do(work)
    return result


def _writing(target: _Target, piece: bytes) -> Callable[[], object]:
    return lambda: target.write(piece)


def check_destination(to: Any, op: Operation[Any]) -> None:
    """Refuse what nothing can be written to, before anything is sent.

    Raises:
        InvalidRequest: It is neither `None`, a path, nor an object with a method `write`.
    """
    if to is None or isinstance(to, (str, os.PathLike)) or callable(getattr(to, "write", None)):
        return
    raise InvalidRequest(
        f"a download goes to a path or to a binary file object, not to {type(to).__name__}", route=op.route
    )


def _target(to: Any, stream: Stream, op: Operation[Any], limit: int | None) -> _Target:
    if to is None:
        return _Memory(limit, stream, op)
    if not isinstance(to, (str, os.PathLike)):
        return _FileObject(to)
    path = Path(to)
    if path.is_dir():
        return _PathTarget(path / stream.name, op, replace=False)
    return _PathTarget(path, op, replace=True)


class _Memory:
    """Collects the pieces as bytes.

    A buffer that grows may be copied, and then takes its place twice. What has no announced size, such as a
    bomb, is kept in pieces until all of it has come.
    """

    def __init__(self, limit: int | None, stream: Stream, op: Operation[Any]) -> None:
        self._buffer = BytesIO()
        self._pieces: list[bytes] = []
        self._in_pieces = stream.size is None
        self._taken = 0
        self._limit = limit
        self._response = stream.response
        self._route = op.route
        self._check(stream.size or 0)

    def _check(self, size: int) -> None:
        if self._limit is not None and size > self._limit:
            raise DecodeError(
                f"the file is larger than the {self._limit} bytes that max_response_size allows in memory; "
                "download it to a path",
                response=self._response,
                route=self._route,
            )

    def begin(self) -> None:
        pass

    def write(self, piece: bytes) -> None:
        self._taken += len(piece)
        self._check(self._taken)
        if self._in_pieces:
            self._pieces.append(piece)
        else:
            self._buffer.write(piece)

    def finish(self) -> bytes:
        return b"".join(self._pieces) if self._in_pieces else self._buffer.getvalue()

    def discard(self) -> None:
        # Not left to whoever keeps the exception, whose traceback leads here.
        self._buffer.close()
        self._pieces.clear()


class _FileObject:
    """Writes to the caller's object, which stays open and keeps what came."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def begin(self) -> None:
        pass

    def write(self, piece: bytes) -> None:
        left = memoryview(piece)
        # Raw files may take less than they are given.
        while left and (taken := self._file.write(left)) is not None:
            left = left[taken:]

    def finish(self) -> BinaryIO:
        return self._file

    def discard(self) -> None:
        pass


class _PathTarget:
    """Writes beside the path, and puts the file in place when it is whole.

    Args:
        path: Where it should be in the end.
        op: The operation, for errors.
        replace: Whether to replace a file that is there; else the name gets a number.
    """

    def __init__(self, path: Path, op: Operation[Any], *, replace: bool) -> None:
        self._path = path
        self._partial = path.with_name(f".{token_hex(8)}.part")
        self._route = op.route
        self._replace = replace
        self._file: BinaryIO | None = None

    def begin(self) -> None:
        with self._writing():
            self._file = self._partial.open("xb")

    def write(self, piece: bytes) -> None:
        with self._writing():
            if self._file is not None:
                self._file.write(piece)

    def finish(self) -> Path:
        with self._writing():
            if self._file is not None:
                self._file.close()
            path = self._path if self._replace else _reserved(self._path)
            self._partial.replace(path)
            self._file = None
        return path

    def discard(self) -> None:
        if self._file is None:
            return
        with suppress(OSError):
            self._file.close()
        self._partial.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise LocalFileError(f"cannot write {self._path}: {error}", route=self._route) from error


def _reserved(path: Path) -> Path:
    """A path in the same folder that nothing had: the given one, or one with a number."""
    for number in count(2):
        try:
            # Fails for whatever is there, also for a link that leads nowhere.
            path.open("xb").close()
        except FileExistsError:
            path = path.with_name(f"{_unnumbered(path.stem, number)} ({number}){path.suffix}")
        else:
            return path
    raise AssertionError  # pragma: no cover - count() has no end


def _unnumbered(stem: str, number: int) -> str:
    return stem.removesuffix(f" ({number - 1})") if number > 2 else stem
