"""What a stream does when events come faster than they are taken, as its user has chosen."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.events import MultipleChannelsViewed, Posted, SlowConsumer, StatusChange, Typing
from tests.support.chat import Chat
from tests.support.room import until
from tests.support.scripted import scripted
from tests.support.websocket import WebSocket, websocket_server

Connect = Callable[..., Any]
ROOM = 1024
"""Events that wait in the core at most."""


class Flood:
    """A server that sends these events, and the sign that the client took them or went away."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self._over = threading.Event()

    def __call__(self, ws: WebSocket) -> None:
        with suppress(OSError):  # the client may go away in between
            ws.hello()
            ws.answer_ping()
            for seq, name in enumerate(self._names, 1):
                ws.event(name, seq)
            ws.wait_received()
        self._over.set()
        with suppress(OSError):
            ws.connection.wait_closed()

    async def over(self) -> None:
        assert await asyncio.to_thread(self._over.wait, 30)


async def test_pausing_loses_nothing_and_is_told(connect: Connect) -> None:
    names = ["typing", "posted"] * ROOM
    with scripted(websocket_server(Flood(*names))) as server:
        async with connect(server.url).events(Posted, Typing, SlowConsumer) as stream:
            found = [await stream.wait(30)]
            while found[-1].seq != len(names):
                found.append(await stream.wait(30))
            assert stream.counters().shed == 0
    told = [event for event in found if type(event) is SlowConsumer]
    assert [event.seq for event in found if event not in told] == list(range(1, len(names) + 1))
    # Who takes events as fast as they come is not told anything.
    assert [event.paused for event in told] in ([True], [])


async def test_shedding_drops_what_is_of_low_value_when_there_is_no_room(connect: Connect) -> None:
    low = [("typing", "status_change", "multiple_channels_viewed")[number % 3] for number in range(1200)]
    flood = Flood("posted", *low, "user_added", "posted", "typing")
    wanted = (Posted, Typing, StatusChange, MultipleChannelsViewed)
    with scripted(websocket_server(flood)) as server:
        async with connect(server.url).events(*wanted, overflow="shed") as stream:
            await flood.over()
            assert stream.counters().shed == 1200
            found = [await stream.wait(30) for _ in range(3)]
    assert [type(event) for event in found] == [Posted, Posted, Typing]
    assert [event.seq for event in found] == [1, 1203, 1204]


async def test_shedding_drops_nothing_while_there_is_room(connect: Connect) -> None:
    flood = Flood(*["typing"] * 1000)
    with scripted(websocket_server(flood)) as server:
        async with connect(server.url).events(Typing, overflow="shed") as stream:
            await flood.over()
            found = [await stream.wait(30) for _ in range(1000)]
            assert stream.counters().shed == 0
    assert [event.seq for event in found] == list(range(1, 1001))


async def test_shedding_pauses_for_what_is_of_value(connect: Connect) -> None:
    with scripted(websocket_server(Flood(*["posted"] * 2 * ROOM))) as server:
        async with connect(server.url).events(Posted, overflow="shed") as stream:
            found = [await stream.wait(30) for _ in range(2 * ROOM)]
            assert stream.counters().shed == 0
    assert [event.seq for event in found] == list(range(1, 2 * ROOM + 1))


async def test_raising_hands_out_what_waits_and_then_ends_the_stream(connect: Connect) -> None:
    flood = Flood(*["posted"] * 2 * ROOM)
    with scripted(websocket_server(flood)) as server:
        stream = connect(server.url).events(Posted, overflow="raise")
        await flood.over()
        seen = []
        with pytest.raises(e.EventQueueFull, match=r"\d+ events \(\d+ bytes\) wait already"):
            while True:
                seen.append((await stream.__anext__()).seq)
        assert await stream.wait(30) is None
    assert ROOM - 10 < len(seen) <= ROOM
    assert seen == list(range(1, len(seen) + 1))


async def test_raising_does_not_mind_how_much_is_fetched(chat: Chat) -> None:
    async with chat.listener().events(Posted, overflow="raise") as stream:
        await stream.ready(30)
        with chat.cut():
            for number in range(ROOM + 100):
                chat.write(str(number))
        await asyncio.to_thread(until, lambda: stream.counters().waiting >= ROOM // 2)
        chat.write("meanwhile")
        found = {(await stream.wait(30)).post.message for _ in range(ROOM + 101)}
    assert found == {*map(str, range(ROOM + 100)), "meanwhile"}


@pytest.mark.parametrize("value", ["drop", "", None, 1])
async def test_no_other_policy_is_taken(connect: Connect, value: Any) -> None:
    with pytest.raises(e.InvalidRequest, match=f"overflow is 'pause', 'shed' or 'raise', not {value!r}"):
        connect("http://127.0.0.1:1").events(Posted, overflow=value)
