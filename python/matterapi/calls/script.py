"""Calls that take several steps, written once for both clients.

A script is a generator: it yields a step, is given its result or exception, and returns what the caller
gets. Only the two drivers know whether a step blocks or is awaited.
"""

from __future__ import annotations

import time
import types
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from matterapi._core import Transfer

from .body import Body, Progress
from .operation import Operation
from .transfer_step import TransferStep

if TYPE_CHECKING:
    from matterapi.http.response import Response
    from matterapi.options.hooks import EventHooks

R = TypeVar("R")


class Sends(Protocol):
    """What a script needs of a `SyncSender`."""

    def send(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None = None
    ) -> Response:
        """See `SyncSender.send`."""
        ...

    def next(self, transfer: Transfer) -> TransferStep:
        """See `SyncSender.next`."""
        ...


class AsyncSends(Protocol):
    """What a script needs of an `AsyncSender`."""

    async def send(
        self, op: Operation[Any], values: dict[str, Any], body: Body | None, progress: Progress | None = None
    ) -> Response:
        """See `AsyncSender.send`."""
        ...

    async def next(self, transfer: Transfer) -> TransferStep:
        """See `AsyncSender.next`."""
        ...


@dataclass(frozen=True)
class Send:
    """Send a request; the result is its `Response`, whatever the status."""

    op: Operation[Any]
    values: dict[str, Any]
    body: Body | None = None
    progress: Progress | None = None

    def run(self, sender: Sends) -> Any:
        """Send it on the calling thread."""
        return sender.send(self.op, self.values, self.body, self.progress)

    async def wait(self, sender: AsyncSends) -> Any:
        """Send it from the running loop."""
        return await sender.send(self.op, self.values, self.body, self.progress)


@dataclass(frozen=True)
class Next:
    """Take the next step of a transfer."""

    transfer: Transfer

    def run(self, sender: Sends) -> TransferStep:
        """Take it on the calling thread."""
        return sender.next(self.transfer)

    async def wait(self, sender: AsyncSends) -> TransferStep:
        """Take it from the running loop."""
        return await sender.next(self.transfer)


@dataclass(frozen=True)
class Do:
    """Call a function that may block for a while, such as one that writes to a file."""

    function: Callable[[], Any]

    def run(self, _sender: Sends) -> Any:
        """Call it."""
        return self.function()

    async def wait(self, _sender: AsyncSends) -> Any:
        """Call it on a thread."""
        import asyncio  # noqa: PLC0415 - programs without a loop need none

        return await asyncio.to_thread(self.function)


@dataclass(frozen=True)
class Pause:
    """Let some seconds pass."""

    seconds: float

    def run(self, _sender: Sends) -> None:
        """Sleep."""
        time.sleep(self.seconds)

    async def wait(self, _sender: AsyncSends) -> None:
        """Let the loop do other things."""
        import asyncio  # noqa: PLC0415 - see `Do`

        await asyncio.sleep(self.seconds)


@dataclass(frozen=True)
class Tell:
    """Call the user's functions for an event, which the async client may have to await."""

    hooks: EventHooks
    event: str
    seen: Any

    def run(self, _sender: Sends) -> None:
        """Call them."""
        self.hooks.run(self.event, self.seen)

    async def wait(self, _sender: AsyncSends) -> None:
        """Call and await them."""
        await self.hooks.run_async(self.event, self.seen)


Step: TypeAlias = Send | Next | Do | Pause | Tell
Script: TypeAlias = Generator[Step, Any, R]


def run(sender: Sends, script: Script[R]) -> R:
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


async def wait(sender: AsyncSends, script: Script[R]) -> R:
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
