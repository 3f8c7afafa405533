"""A loop gets from the core what the stream itself gives: the same events, in the same order."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from matterapi.events import AsyncEventStream, Disconnected, Event, Posted, SyncEventStream, Typing
from matterapi.events.buffer import EventBuffer
from tests.events.test_buffer import PLUGIN, TYPING, frames
from tests.events.test_event_decoder import FRAMES, NOW, shown
from tests.events.test_progress import Positions

ALL = [(frame, NOW + number) for number, frame in enumerate(FRAMES)]


class Nothing(Exception):
    """Nothing waits."""


def no_event() -> Any:
    raise Nothing


async def no_event_either() -> Any:
    raise Nothing


def filled(*classes: type[Event], progress: Any = None) -> EventBuffer[Any]:
    buffer = EventBuffer[Any](classes, progress)
    buffer.add([frames(*ALL), ("reconnecting", "cut", 1.5), ("position", 10), frames(TYPING)])
    return buffer


def in_a_loop(buffer: EventBuffer[Any]) -> Iterator[Any]:
    return buffer.events(no_event)


def in_an_async_loop(buffer: EventBuffer[Any]) -> Iterator[Any]:
    async def collect() -> list[Any]:
        found = []
        try:
            async for event in buffer.async_events(no_event_either):
                found.append(event)  # noqa: PERF401 - what came before the exception counts
        except Nothing:
            return found
        raise AssertionError

    yield from asyncio.run(collect())
    raise Nothing


Loop = Callable[[EventBuffer[Any]], Iterator[Any]]
loops = pytest.mark.parametrize("loop", [in_a_loop, in_an_async_loop])


def looped(loop: Loop, buffer: EventBuffer[Any]) -> list[Any]:
    found = []
    with pytest.raises(Nothing):
        for event in loop(buffer):
            found.append(event)  # noqa: PERF402 - what came before the exception counts
    return found


def taken(buffer: EventBuffer[Any]) -> list[Any]:
    return list(iter(buffer.take, None))


@loops
@pytest.mark.parametrize("classes", [(), (Event,), (Posted, Typing), (Disconnected,)])
def test_a_loop_gets_what_is_taken_one_by_one(loop: Loop, classes: tuple[type[Event], ...]) -> None:
    plain, buffer = filled(*classes), filled(*classes)
    expected = taken(plain)
    found = looped(loop, buffer)
    assert [type(event) for event in found] == [type(event) for event in expected]
    assert [shown(event) for event in found if type(event) is not Disconnected] == [
        shown(event) for event in expected if type(event) is not Disconnected
    ]
    assert (buffer.delivered, buffer.waiting) == (plain.delivered, 0) == (len(found), 0)


@loops
def test_a_position_is_saved_when_the_loop_asks_for_more(loop: Loop) -> None:
    positions = Positions()
    assert len(looped(loop, filled(Typing, progress=positions))) > 1
    assert positions.saved == [10]


@loops
def test_a_loop_whose_stream_is_to_end_asks_about_each_event(loop: Loop) -> None:
    buffer = filled()
    buffer.hold()
    assert looped(loop, buffer) == []
    assert buffer.waiting > 0


def test_what_waits_has_the_lag_of_its_first() -> None:
    buffer = EventBuffer[Any](())
    assert (buffer.waiting, buffer.lag) == (0, 0)
    buffer.add([("position", 1), frames((TYPING[0], time.time() - 50), PLUGIN), ("position", 2)])
    assert buffer.waiting == 2
    assert 50 <= buffer.lag < 80


async def test_a_wait_that_never_began_has_taken_nothing() -> None:
    buffer = filled(Typing)
    waiting = buffer.waiting
    events = buffer.async_events(no_event_either)
    events.__anext__()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(events.__anext__(), 0)
    assert (buffer.waiting, buffer.delivered) == (waiting, 0)
    first, second = events.__anext__(), events.__anext__()
    assert await second != await first
    assert buffer.delivered == 2


async def test_a_loop_waits_for_what_python_waits_for() -> None:
    buffer, more = EventBuffer[Any](()), asyncio.Event()

    async def rest() -> Any:
        await more.wait()
        raise StopAsyncIteration

    def ended() -> Awaitable[list[Any]]:
        events: AsyncIterator[Any] = buffer.async_events(rest)

        async def collect() -> list[Any]:
            return [event async for event in events]

        return asyncio.ensure_future(collect())

    buffer.add([frames(TYPING)])
    waiting, cancelled = ended(), asyncio.ensure_future(ended())
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    more.set()
    assert [type(event) for event in await waiting] == [Typing]


def test_both_streams_hand_their_loops_to_the_core() -> None:
    core: Any = None
    for stream in (SyncEventStream[Any](core, filled(Typing)), AsyncEventStream[Any](core, filled(Typing))):
        loop = iter(stream) if isinstance(stream, SyncEventStream) else aiter(stream)
        assert type(loop).__module__ == "matterapi._core"
