"""User code that the core needs while it sends: run by Python, on a thread of its own.

The core starts these functions; they must not raise, and nobody waits for them when the interpreter ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from matterapi._core import Handover

READ_SIZE = 256 * 1024
"""Bytes asked of a file object at once: large enough that passing them on does not matter."""


def read_file(file: BinaryIO, start: int | None, handover: Handover) -> None:
    """Hand over the content of `file`, from byte `start` on if it can seek, as long as it is wanted."""
    try:
        if start is not None:
            file.seek(start)
        while chunk := file.read(READ_SIZE):
            if not handover.give(chunk):
                return
    except BaseException as error:  # noqa: BLE001 - raised by the call that needs the content
        handover.fail(described(error))


def read_chunks(chunks: Iterable[bytes], handover: Handover) -> None:
    """Hand over what an iterator gives, as long as it is wanted."""
    try:
        for chunk in chunks:
            if not handover.give(chunk):
                return
    except BaseException as error:  # noqa: BLE001 - raised by the call that needs the content
        handover.fail(described(error))


def ask_mfa_code(ask: Callable[[], Any], handover: Handover) -> None:
    """Hand over the code that `ask` returns, or the awaitable that it returns."""
    from inspect import isawaitable  # noqa: PLC0415 - most programs have no such callable

    try:
        code = ask()
        if isawaitable(code):
            code = _awaited(code)
        handover.give(str.encode(code))
    except BaseException as error:  # noqa: BLE001 - raised by the call that needs the code
        handover.fail(described(error))


def _awaited(code: Any) -> Any:
    import asyncio  # noqa: PLC0415 - see above

    async def wait() -> Any:
        return await code

    return asyncio.run(wait())


def described(error: BaseException) -> str:
    """The error's class and text."""
    return f"{type(error).__name__}: {error}"
