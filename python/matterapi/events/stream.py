"""Streams of typed events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from typing_extensions import Self

from matterapi._core import Bridge
from matterapi._core import EventStream as CoreStream
from matterapi.calls.loop_bridge import complete
from matterapi.errors.exceptions import InvalidRequest

from .actions import AsyncActions, SyncActions
from .buffer import EventBuffer
from .event import Event

E_co = TypeVar("E_co", bound=Event, covariant=True)


class StreamCounters(NamedTuple):
    """What a stream has done so far.

    Attributes:
        received: Events that came over the socket.
        recovered: Events that were fetched because they had been missed.
        duplicates: Events of the socket that had been handed over already.
        filtered: Events that were not wanted.
        shed: Events of low value that were dropped because the queue was full.
        delivered: Events that were taken, those about the stream itself included.
        gaps: Notices of what could not be proved.
        connections: Connections that the server greeted.
        resumed: Those of them on which it went on with the stream of before.
        waiting: Events that were not taken yet.
        waiting_bytes: Bytes that those of them take that wait in the core.
        lag: Seconds since the event came that is taken next, once it has left the core; 0 if there is none.
    """

    received: int
    recovered: int
    duplicates: int
    filtered: int
    shed: int
    delivered: int
    gaps: int
    connections: int
    resumed: int
    waiting: int
    waiting_bytes: int
    lag: float


class EventStream(Generic[E_co]):
    """Parent of `SyncEventStream` and `AsyncEventStream`.

    Args:
        core: The connection.
        buffer: What was received.
    """

    def __init__(self, core: CoreStream, buffer: EventBuffer[E_co]) -> None:
        self._core = core
        self._buffer = buffer
        self._ends_at: float | None = None
        self._ended = False

    def stop(self, drain: float | None = None) -> None:
        """End the stream: from any thread, task or signal handler.

        The connection is closed at once. What was received by then is still handed out, then iteration ends.

        Args:
            drain: Seconds; for so long at most, then the rest is dropped. `None`: until nothing is left.
        """
        if drain is not None:
            self._ends_at = time.monotonic() + drain
            self._buffer.hold()
        self._core.close()

    def close(self) -> None:
        """End the stream, and drop what was not taken."""
        self.stop(drain=0)

    def counters(self) -> StreamCounters:
        """What the stream has done so far; from any thread."""
        core = self._core.counters()
        core["waiting"] += self._buffer.waiting
        return StreamCounters(**core, delivered=self._buffer.delivered, lag=self._buffer.lag)

    def ack(self, event: Event) -> None:
        """Say that you are done with an event, of a stream with `manual_ack`: from any thread or task.

        Raises:
            ValueError: It was acknowledged before, or is not of this stream.
        """
        self._buffer.progress.done(event)

    def _next_buffered(self) -> E_co | None:
        if self._ends_at is not None and time.monotonic() >= self._ends_at:
            self._buffer.clear()
            self._ended = True
            return None
        return self._buffer.take()

    def _received(self, batch: list[Any] | None) -> None:
        if batch is None:
            self._ended = True
        else:
            self._buffer.add(batch)

    def _left(self, error: BaseException | None) -> None:
        """The user left the stream's block, done with the last event unless an exception says otherwise."""
        if error is None:
            self._buffer.begin()
        self.close()


class SyncEventStream(EventStream[E_co], SyncActions):
    """Events, one after the other, for code without an event loop: iterate over it, in a `with` block."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left(error)

    def __iter__(self) -> Iterator[E_co]:
        # Not this: the core hands out what waits without a step of Python's.
        return self._buffer.events(self.__next__)

    def __next__(self) -> E_co:
        self._buffer.begin()
        event = self._next(None)
        if event is None:
            raise StopIteration
        return event

    def batches(self, max_events: int = 500, max_wait: float = 0.25) -> Iterator[list[E_co]]:
        """Lists of events, none of them empty.

        Args:
            max_events: Events in a list at most.
            max_wait: Seconds from the first event of a list until it is handed out at the latest.

        Raises:
            InvalidRequest: One of them cannot be used.
        """
        _check_batches(max_events, max_wait)
        return self._batches(max_events, max_wait)

    def _batches(self, max_events: int, max_wait: float) -> Iterator[list[E_co]]:
        while True:
            self._buffer.begin()
            event = self._next(None)
            if event is None:
                return
            batch, until = [event], time.monotonic() + max_wait
            while len(batch) < max_events and (event := self._next(until)) is not None:
                batch.append(event)
            yield batch

    def ready(self, timeout: float | None = None) -> Self:
        """Wait for the first connection: from then on nothing is missed. What comes meanwhile is kept.

        Args:
            timeout: Seconds; `None` waits for ever.

        Raises:
            TimeoutError: There was none in that time.
            NoAccessTokenProvided: The server rejected the credentials.
            TransportError: The connection failed in a way that waiting does not mend.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while not (self._buffer.is_ready or self._ended):
            if not self._receive(until) and not self._buffer.is_ready:
                raise TimeoutError(f"the event stream was not connected within {timeout} s")
        return self

    def wait(self, timeout: float | None) -> E_co | None:
        """The next event.

        Args:
            timeout: Seconds; `None` waits for ever.

        Returns:
            `None` when there was none in that time, or the stream has ended.
        """
        self._buffer.begin()
        return self._next(None if timeout is None else time.monotonic() + timeout)

    def _next(self, until: float | None) -> E_co | None:
        """The next event; `None` at the end, and after the time `until`."""
        while True:
            event = self._next_buffered()
            if event is not None or self._ended:
                return event
            if not self._receive(until):
                return self._next_buffered()

    def _receive(self, until: float | None) -> bool:
        """Take what came, waiting for it; whether the time `until` had not passed."""
        limits = [each for each in (until, self._ends_at) if each is not None]
        timeout = max(0.0, min(limits) - time.monotonic()) if limits else None
        self._received(self._core.next_batch(timeout))
        return until is None or time.monotonic() < until


class AsyncEventStream(EventStream[E_co], AsyncActions):
    """Events, one after the other, for asyncio: iterate over it, in an `async with` block.

    Cancelling a wait loses no event: the next one waits on.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left(error)

    def __aiter__(self) -> AsyncIterator[E_co]:
        # See `SyncEventStream.__iter__`.
        return self._buffer.async_events(self.__anext__)

    async def __anext__(self) -> E_co:
        self._buffer.begin()
        event = await self._next(None)
        if event is None:
            raise StopAsyncIteration
        return event

    def batches(self, max_events: int = 500, max_wait: float = 0.25) -> AsyncIterator[list[E_co]]:
        """See `SyncEventStream.batches`."""
        _check_batches(max_events, max_wait)
        return self._batches(max_events, max_wait)

    async def _batches(self, max_events: int, max_wait: float) -> AsyncIterator[list[E_co]]:
        while True:
            self._buffer.begin()
            event = await self._next(None)
            if event is None:
                return
            batch, until = [event], time.monotonic() + max_wait
            while len(batch) < max_events and (event := await self._next(until)) is not None:
                batch.append(event)
            yield batch

    async def ready(self, timeout: float | None = None) -> Self:
        """See `SyncEventStream.ready`."""
        until = None if timeout is None else time.monotonic() + timeout
        while not (self._buffer.is_ready or self._ended):
            if not await self._receive(until) and not self._buffer.is_ready:
                raise TimeoutError(f"the event stream was not connected within {timeout} s")
        return self

    async def wait(self, timeout: float | None) -> E_co | None:
        """See `SyncEventStream.wait`."""
        self._buffer.begin()
        return await self._next(None if timeout is None else time.monotonic() + timeout)

    async def _next(self, until: float | None) -> E_co | None:
        while True:
            event = self._next_buffered()
            if event is not None or self._ended:
                return event
            if not await self._receive(until):
                return self._next_buffered()

    async def _receive(self, until: float | None) -> bool:
        batch = self._core.next_batch(0)
        if batch == []:
            limits = [each for each in (until, self._ends_at) if each is not None]
            await self._filled(max(0.0, min(limits) - time.monotonic()) if limits else None)
            # Taken by who is awake, so that a wait that is cancelled loses nothing.
            batch = self._core.next_batch(0)
            self._received(batch)
        else:
            self._received(batch)
            # Where more comes than is taken, other tasks have their turn all the same.
            await asyncio.sleep(0)
        return until is None or time.monotonic() < until

    async def _filled(self, timeout: float | None) -> None:
        """Wait until the core has something, or for `timeout` seconds."""
        timers: list[asyncio.TimerHandle] = []

        def submit(bridge: Bridge, future: asyncio.Future[Any]) -> int:
            token = self._core.submit_wait(bridge, future)
            if timeout is not None:
                timers.append(future.get_loop().call_later(timeout, _expire, future))
            return token

        try:
            await complete(submit)
        except asyncio.TimeoutError:
            pass
        finally:
            for timer in timers:
                timer.cancel()


def _expire(future: asyncio.Future[Any]) -> None:
    if not future.done():
        future.set_exception(asyncio.TimeoutError())


_LONGEST = 1e9
"""Seconds: what is longer is no time to wait."""


def _check_batches(max_events: int, max_wait: float) -> None:
    if not (isinstance(max_events, int) and max_events > 0):
        raise InvalidRequest(f"max_events is a number of events, at least 1, not {max_events!r}")
    if not 0 <= max_wait < _LONGEST:
        raise InvalidRequest(f"max_wait is a number of seconds, not {max_wait!r}")
