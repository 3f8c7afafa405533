"""Typed events come in order and to whoever asks; waiting for them, and leaving off."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Queue
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.events import (
    CaughtUp,
    Connected,
    Disconnected,
    Event,
    PluginEvent,
    Posted,
    PostEdited,
    Typing,
    UnknownEvent,
)
from matterapi.events.buffer import EventBuffer
from matterapi.events.stream import SyncEventStream
from matterapi.testing import MattermostServer
from matterapi.testing.faults import CloseFrame
from tests.events.test_buffer import TYPING, frames
from tests.events.test_progress import Positions
from tests.support.chat import Chat
from tests.support.scripted import answer, scripted, serve
from tests.support.websocket import WebSocket, websocket_server

Connect = Callable[..., Any]


async def taken(stream: Any, count: int) -> list[Any]:
    found = [await stream.wait(30) for _ in range(count)]
    assert None not in found
    return found


def messages(found: list[Any]) -> list[str]:
    return [event.post.message for event in found]


async def test_events_come_typed_and_in_order(chat: Chat) -> None:
    async with chat.listener().events(Posted, PostEdited) as stream:
        await stream.ready(30)
        first = chat.write("one")
        chat.edit(first, "two")
        last = chat.write("three")
        found = await taken(stream, 3)
    assert [type(event) for event in found] == [Posted, PostEdited, Posted]
    assert messages(found) == ["one", "two", "three"]
    assert [event.post.id for event in found] == [first.id, first.id, last.id]
    assert found[0].channel_display_name == "One"
    assert [event.recovered for event in found] == [False] * 3
    assert [event.seq for event in found] == sorted(event.seq for event in found)


async def test_without_classes_every_event_of_the_server_comes_and_no_other(chat: Chat) -> None:
    async with chat.listener().events() as stream:
        await stream.ready(30)
        chat.write("hello")
        while type(event := await stream.wait(30)) is not Posted:
            assert type(event).__module__.startswith("matterapi.events.catalog")
    assert type(event) is Posted


async def test_plugins_events_and_unknown_ones_come_with_their_data(connect: Connect) -> None:
    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.event("custom_poll_voted", 1, votes=3)
        ws.event("typing", 2, user_id="u", parent_id="")
        ws.event("of_tomorrow", 3, what=[1])
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        async with connect(server.url).events(PluginEvent, UnknownEvent) as stream:
            plugin, unknown = await taken(stream, 2)
    assert (type(plugin), plugin.name, plugin.data) == (PluginEvent, "custom_poll_voted", {"votes": 3})
    assert (type(unknown), unknown.name, unknown.data) == (UnknownEvent, "of_tomorrow", {"what": [1]})
    assert unknown.raw["seq"] == 3


async def test_the_life_cycle_comes_to_whoever_asks(chat: Chat) -> None:
    async with chat.listener().events(Posted, Connected, Disconnected) as stream:
        await stream.ready(30)
        chat.server.restart_sockets()
        found = await taken(stream, 3)
        chat.write("hello")
        found += await taken(stream, 1)
    assert [type(event) for event in found] == [Connected, Disconnected, Connected, Posted]
    first, ended, again, _ = found
    assert first.server_version.startswith("11.")
    assert (first.resumed, again.resumed) == (False, False)
    assert "cut" in ended.reason
    assert ended.retry_in == 0


async def test_a_stream_that_the_server_goes_on_with_is_called_resumed(chat: Chat) -> None:
    async with chat.listener().events(Connected) as stream:
        await stream.ready(30)
        with chat.server.faults.add(CloseFrame(1001, after_frames=1), times=1):
            chat.write("ends the connection")
            found = await taken(stream, 2)
    assert [event.resumed for event in found] == [False, True]


async def test_the_parent_of_all_events_stands_for_the_life_cycle_too(chat: Chat) -> None:
    async with chat.listener().events(Event) as stream:
        found = await taken(stream, 1)
    assert type(found[0]) is Connected


async def test_ready_comes_when_nothing_can_be_missed_any_more(connect: Connect) -> None:
    """A cut before the server has told its time leaves no time from which on to fetch what was missed."""
    sessions: list[int] = []

    def session(ws: WebSocket) -> None:
        sessions.append(1)
        ws.hello()
        if len(sessions) < 3:
            ws.wait_received()
            return
        ws.answer_ping()
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        async with connect(server.url, ws_reconnect_wait_time=0).events(Posted) as stream:
            assert await stream.ready(30) is stream
            assert len(sessions) == 3


@pytest.mark.parametrize("skips", [True, False])
async def test_ready_comes_with_the_connection_where_there_is_nothing_else_to_wait_for(
    connect: Connect, skips: bool
) -> None:
    class Known:
        def load(self) -> int:
            return 1

        def save(self, position: int) -> None:
            pass

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.connection.wait_closed()

    options: dict[str, Any] = {"missed": "skip"} if skips else {"checkpoint": Known()}
    with scripted(websocket_server(session)) as server:
        async with connect(server.url).events(Posted, **options) as stream:
            await stream.ready(30)


async def test_ready_and_wait_give_up_after_their_time(connect: Connect) -> None:
    with scripted(lambda connection: connection.wait_closed()) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(TimeoutError, match=r"not connected within 0\.01 s"):
                await stream.ready(0.01)
            assert await stream.wait(0.01) is None
            assert await stream.wait(0) is None


async def test_ready_raises_what_waiting_does_not_mend(connect: Connect) -> None:
    not_found = answer(b"404 page not found", "404 Not Found", "text/plain")
    with scripted(serve(not_found)) as server:
        stream = connect(server.url).events(Posted)
        with pytest.raises(e.ProtocolError, match="404"):
            await stream.ready(30)
        assert await stream.wait(30) is None


async def test_what_is_there_comes_without_waiting(connect: Connect) -> None:
    received = threading.Event()

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.answer_ping()
        ws.event("posted", 1, post="{}")
        ws.event("posted", 2, post="{}")
        ws.wait_received()
        received.set()
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        async with connect(server.url).events(Posted) as stream:
            assert await asyncio.to_thread(received.wait, 30)
            await stream.ready(0)
            found = [await stream.wait(0) for _ in range(3)]
    assert [event and event.seq for event in found] == [1, 2, None]


async def test_what_comes_after_a_wait_that_was_in_vain_comes_without_waiting(connect: Connect) -> None:
    go, received = threading.Event(), threading.Event()

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.answer_ping()
        ws.wait_received()
        assert go.wait(30)
        ws.event("posted", 1, post="{}")
        ws.wait_received()
        received.set()
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        async with connect(server.url).events(Posted) as stream:
            await stream.ready(30)
            assert await stream.wait(0.01) is None
            go.set()
            # On this thread: the loop has no turn in which it could have been handed over.
            assert received.wait(30)
            assert (await stream.wait(0)).seq == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_events": 0}, "max_events is a number of events, at least 1, not 0"),
        ({"max_events": -1}, "at least 1, not -1"),
        ({"max_events": 1.5}, r"at least 1, not 1\.5"),
        ({"max_wait": -0.1}, r"max_wait is a number of seconds, not -0\.1"),
        ({"max_wait": float("nan")}, "max_wait is a number of seconds, not nan"),
        ({"max_wait": float("inf")}, "max_wait is a number of seconds, not inf"),
    ],
)
async def test_batches_that_cannot_be_are_refused_at_once(
    connect: Connect, options: dict[str, Any], message: str
) -> None:
    with scripted(lambda connection: connection.wait_closed()) as server:
        async with connect(server.url).events(Posted) as stream:
            with pytest.raises(e.InvalidRequest, match=message):
                stream.batches(**options)


async def test_batches_are_full_or_waited_for(connect: Connect) -> None:
    last = threading.Event()

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.answer_ping()
        for seq in range(1, 6):
            ws.event("posted", seq, post="{}")
        ws.wait_received()
        last.set()
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        async with connect(server.url).events(Posted) as stream:
            assert await asyncio.to_thread(last.wait, 30)
            batches = stream.batches(max_events=2, max_wait=0.001)
            found = [await batches.__anext__() for _ in range(3)]
            stream.stop()
            assert [batch async for batch in batches] == []
    assert [[event.seq for event in batch] for batch in found] == [[1, 2], [3, 4], [5]]


async def test_a_batch_waits_for_no_more_than_it_may_hold(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        for number in range(3):
            chat.write(str(number))
        batch = await stream.batches(max_events=3, max_wait=3600).__anext__()
    assert messages(batch) == ["0", "1", "2"]


async def test_wait_for_takes_the_first_that_passes_its_check(chat: Chat) -> None:
    client = chat.listener()
    seen: Queue[str] = Queue()

    def check(event: Posted) -> bool:
        seen.put(str(event.post.message))
        return event.post.message == "ping 2"

    waiting = asyncio.ensure_future(client.wait_for(Posted, check, 30, channels=[chat.channel_id]))
    while seen.empty():  # until the stream is there
        await asyncio.to_thread(chat.write, "ping 1")
    chat.write("ping 2")
    assert (await waiting).post.message == "ping 2"


async def test_wait_for_ends_with_its_time(connect: Connect) -> None:
    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.event("posted", 1, post="{}")
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        client = connect(server.url)
        with pytest.raises(TimeoutError, match=r"no PostEdited came within 0\.01 s"):
            await client.wait_for(PostEdited, timeout=0.01)
        with pytest.raises(TimeoutError, match=r"no Posted came within 0\.2 s"):
            await client.wait_for(Posted, lambda event: False, 0.2)


@pytest.mark.parametrize(
    ("classes", "options", "message"),
    [
        (("posted",), {}, "by their classes, such as Posted, not by 'posted'"),
        ((dict,), {}, "by their classes"),
        ((), {"without": [UnknownEvent]}, "UnknownEvent cannot be left out"),
        ((), {"without": [CaughtUp]}, "CaughtUp cannot be left out"),
        ((), {"channels": "c" * 26}, r"channels takes a list of ids, not one: \['ccc"),
        ((), {"not_users": [""]}, "not_users takes ids, not ''"),
        ((), {"teams": [7]}, "teams takes ids, not 7"),
        ((), {"missed": "all"}, "'fetch' or 'skip', not 'all'"),
        ((), {"chanels": []}, "no option chanels"),
    ],
)
async def test_what_cannot_be_used_is_refused_before_anything_is_sent(
    connect: Connect, classes: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    connections: list[Any] = []
    with scripted(connections.append) as server:
        client = connect(server.url)
        with pytest.raises(e.InvalidRequest, match=message):
            client.events(*classes, **options)
        with pytest.raises(e.InvalidRequest, match=message):
            await client.wait_for(*(classes or (Posted,)), **options)
    assert connections == []


async def test_a_position_is_of_no_use_to_a_stream_that_skips(connect: Connect) -> None:
    with pytest.raises(e.InvalidRequest, match="missed='fetch'"):
        connect("http://127.0.0.1:1").events(missed="skip", checkpoint=object())


async def test_what_the_block_is_left_with_passes_and_closes_the_socket(connect: Connect) -> None:
    closed = threading.Event()

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.event("posted", 1, post="{}")
        ws.connection.wait_closed()
        closed.set()

    class Failure(Exception):
        pass

    with scripted(websocket_server(session)) as server:
        with pytest.raises(Failure):
            async with connect(server.url).events(Posted) as stream:
                async for _ in stream:
                    raise Failure
        assert await asyncio.to_thread(closed.wait, 30)
        assert await stream.wait(30) is None


class Received:
    """In the place of the core's stream: one batch."""

    def __init__(self, *items: Any) -> None:
        self._items: list[Any] | None = list(items)

    def next_batch(self, timeout: float | None = None) -> list[Any] | None:
        items, self._items = self._items, None
        return items

    def close(self) -> None:
        pass


@pytest.mark.parametrize("fails", [True, False])
def test_the_position_moves_past_what_was_in_hand_if_the_block_is_left_in_peace(fails: bool) -> None:
    positions = Positions()
    core: Any = Received(frames(TYPING), ("position", 10), frames(TYPING), ("position", 20))
    stream = SyncEventStream[Typing](core, EventBuffer((Typing,), positions))
    with suppress(LookupError), stream:
        for batch in stream.batches():
            assert len(batch) == 2
            if fails:
                raise LookupError
            break
    assert positions.saved == ([] if fails else [20])


async def test_cancelling_a_wait_loses_no_event(server: MattermostServer) -> None:
    chat = Chat(server, "async")
    found: list[Any] = []
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        for number in range(20):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(stream.__anext__(), 0)
            waiting = asyncio.ensure_future(stream.__anext__())
            await asyncio.sleep(0)
            chat.write(str(number))
            waiting.cancel()
            # What was there already has come, the cancellation too late.
            with suppress(asyncio.CancelledError):
                found.append(await waiting)
        assert len(found) < 20
        found += await taken(stream, 20 - len(found))
    assert messages(found) == [str(number) for number in range(20)]


async def test_two_tasks_share_a_stream(server: MattermostServer) -> None:
    chat = Chat(server, "async")
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        both = [asyncio.ensure_future(taken(stream, 10)) for _ in range(2)]
        for number in range(20):
            chat.write(str(number))
        found = messages([event for share in await asyncio.gather(*both) for event in share])
    assert sorted(found, key=int) == [str(number) for number in range(20)]
