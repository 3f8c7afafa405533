"""Calls that take several steps, written once for both clients.

A script is a generator: it yields a step, is given its result or exception, and returns what the caller
gets. Only the two drivers know whether a step blocks or is awaited.
"""

from __future__ import annotations

import time
import types
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from matterapi._core import RawResponse, Transfer

from .body import Body, Progress
from .operation import Operation

if TYPE_CHECKING:
    from .async_sender import AsyncSender
    from .sync_sender import SyncSender

R = TypeVar("R")


@dataclass(frozen=True)
class Send:
    """Send a request; the result is its `Response`, whatever the status."""

    op: Operation[Any]
    values: dict[str, Any]
    body: Body | None = None
    progress: Progress | None = None

    def run(self, sender: SyncSender) -> Any:
        """Send it on the calling thread."""
        return sender.send(self.op, self.values, self.body, self.progress)

    async def wait(self, sender: AsyncSender) -> Any:
        """Send it from the running loop."""
        return await sender.send(self.op, self.values, self.body, self.progress)


@dataclass(frozen=True)
class Next:
    """Take the next step of a transfer: its raw answer, a piece of that as bytes, or `None`."""

    transfer: Transfer

    def run(self, sender: SyncSender) -> int | bytes | RawResponse | None:
        """Take it on the calling thread."""
        return sender.next(self.transfer)

    async def wait(self, sender: AsyncSender) -> int | bytes | RawResponse | None:
        """Take it from the running loop."""
        return await sender.next(self.transfer)


@dataclass(frozen=True)
class Do:
    """Call a function that may block for a while, such as one that writes to a file."""

    function: Callable[[], Any]

    def run(self, _sender: SyncSender) -> Any:
        """Call it."""
        return self.function()

    async def wait(self, _sender: AsyncSender) -> Any:
        """Call it on a thread."""
        import asyncio  # noqa: PLC0415 - programs without a loop need none

        return await asyncio.to_thread(self.function)


@dataclass(frozen=True)
class Pause:
    """Let some seconds pass."""

    seconds: float

    def run(self, _sender: SyncSender) -> None:
        """Sleep."""
        time.sleep(self.seconds)

    async def wait(self, _sender: AsyncSender) -> None:
        """Let the loop do other things."""
        import asyncio  # noqa: PLC0415 - see `Do`

        await asyncio.sleep(self.seconds)


Step: TypeAlias = Send | Next | Do | Pause
Script: TypeAlias = Generator[Step, Any, R]


def run(sender: SyncSender, script: Script[R]) -> R:
    """Carry out a script on the calling thread."""

    def take(step: Step) -> Generator[Any, Any, Any]:
        yield from ()
        return step.run(sender)

    # Nothing in it ever waits, so that it runs to its end at once.
    try:
        next(_carry_out(script, take))
    except StopIteration as end:
        value: R = end.value
        return value
    raise AssertionError


async def wait(sender: AsyncSender, script: Script[R]) -> R:
    """Carry out a script on the running loop."""
    return await _waiting(script, lambda step: step.wait(sender).__await__())


# Generators and no coroutines: Ctrl-C may come before one has begun, and Python would warn of a coroutine.
def _carry_out(script: Script[R], take: Callable[[Step], Generator[Any, Any, Any]]) -> Generator[Any, Any, R]:
    try:
        step = next(script)
        while True:
            try:
                result = yield from take(step)
            except BaseException as error:  # noqa: BLE001 - the script's to handle
                step = script.throw(error)
            else:
                step = script.send(result)
    except StopIteration as end:
        value: R = end.value
        return value


_waiting = types.coroutine(_carry_out)
