"""What ends a stream from outside: `stop`, a signal, and the end of its client."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.events import Posted
from matterapi.testing import MattermostServer
from tests.support.chat import Chat
from tests.support.scripted import ScriptedServer, scripted
from tests.support.websocket import WebSocket, websocket_server

Connect = Callable[..., Any]


class Sent:
    """A server that sends three events, and the sign that the client has received them."""

    def __init__(self) -> None:
        self.received = threading.Event()
        self.closed = threading.Event()

    def session(self, ws: WebSocket) -> None:
        ws.hello()
        for seq in (1, 2, 3):
            ws.event("posted", seq, post="{}")
        ws.wait_received()
        self.received.set()
        ws.connection.wait_closed()
        self.closed.set()

    @contextmanager
    def serve(self) -> Iterator[ScriptedServer]:
        with scripted(websocket_server(self.session)) as server:
            yield server


async def rest(stream: Any) -> list[int]:
    return [event.seq async for event in stream]


async def in_thread(stop: Callable[[], None]) -> None:
    await asyncio.to_thread(stop)


async def in_task(stop: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(stop)


@pytest.mark.parametrize("elsewhere", [in_thread, in_task])
async def test_what_was_received_still_comes_after_a_stop(connect: Connect, elsewhere: Any) -> None:
    sent = Sent()
    with sent.serve() as server:
        async with connect(server.url).events(Posted) as stream:
            assert (await stream.wait(30)).seq == 1
            assert await asyncio.to_thread(sent.received.wait, 30)
            await elsewhere(stream.stop)
            assert await asyncio.to_thread(sent.closed.wait, 30)
            assert await rest(stream) == [2, 3]
            assert await rest(stream) == []


async def test_a_stop_without_drain_drops_what_was_not_taken(connect: Connect) -> None:
    sent = Sent()
    with sent.serve() as server:
        async with connect(server.url).events(Posted) as stream:
            assert (await stream.wait(30)).seq == 1
            assert await asyncio.to_thread(sent.received.wait, 30)
            stream.stop(drain=0)
            assert await rest(stream) == []


async def test_a_long_drain_hands_everything_out(connect: Connect) -> None:
    sent = Sent()
    with sent.serve() as server:
        async with connect(server.url).events(Posted) as stream:
            assert await asyncio.to_thread(sent.received.wait, 30)
            stream.stop(drain=3600)
            assert await rest(stream) == [1, 2, 3]


async def test_a_stop_ends_a_wait(chat: Chat) -> None:
    async with chat.listener().events(Posted) as stream:
        await stream.ready(30)
        waiting = [asyncio.ensure_future(each) for each in (rest(stream), stream.wait(None))]
        await asyncio.to_thread(stream.stop)
        assert await waiting[0] == []
        assert await waiting[1] is None


async def test_a_stop_ends_batches_after_the_last_one(connect: Connect) -> None:
    sent = Sent()
    with sent.serve() as server:
        async with connect(server.url).events(Posted) as stream:
            assert await asyncio.to_thread(sent.received.wait, 30)
            stream.stop()
            batches = [[event.seq for event in batch] async for batch in stream.batches(max_wait=3600)]
    assert batches == [[1, 2, 3]]


def test_a_signal_handler_may_stop_a_stream(server: MattermostServer) -> None:
    chat = Chat(server, "sync")
    client = SyncClient(options={"url": server.url, "auth": chat.auth})
    before = signal.getsignal(signal.SIGUSR1)
    try:
        with client.events(Posted) as stream:
            signal.signal(signal.SIGUSR1, lambda *_: stream.stop())
            stream.ready(30)
            chat.write("one")
            seen = []
            for event in stream:
                seen.append(event.post.message)
                threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGUSR1)).start()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert seen == ["one"]


async def test_a_signal_handler_of_a_loop_may_stop_a_stream(server: MattermostServer) -> None:
    chat = Chat(server, "async")
    loop = asyncio.get_running_loop()
    async with chat.listener().events(Posted) as stream:
        loop.add_signal_handler(signal.SIGUSR1, stream.stop)
        try:
            await stream.ready(30)
            os.kill(os.getpid(), signal.SIGUSR1)
            assert await rest(stream) == []
        finally:
            loop.remove_signal_handler(signal.SIGUSR1)


async def test_the_end_of_a_client_is_the_end_of_its_streams(chat: Chat) -> None:
    client = chat.listener()
    streams = [client.events(Posted), client.events(Posted)]
    for stream in streams:
        await stream.ready(30)
    waiting = [asyncio.ensure_future(rest(stream)) for stream in streams]
    await client.aclose()
    assert await asyncio.gather(*waiting) == [[], []]


async def test_wait_for_says_that_its_client_was_closed(chat: Chat) -> None:
    client = chat.listener()
    asked = threading.Event()

    def check(event: Posted) -> bool:
        asked.set()
        return False

    waiting = asyncio.ensure_future(client.wait_for(Posted, check))
    while not asked.is_set():
        await asyncio.to_thread(chat.write, "not the one")
    await client.aclose()
    with pytest.raises(TimeoutError, match="no Posted came before the stream was ended"):
        await waiting


@pytest.mark.parametrize("concurrent", [True, False])
@pytest.mark.parametrize("method", ["start_ws", "start_ws_sync", "start_ws_sync, coroutine"])
async def test_start_ws_returns_when_its_client_is_closed(chat: Chat, method: str, concurrent: bool) -> None:
    class_ = SyncClient if chat.kind == "sync" else AsyncClient
    client = class_(options={"url": chat.server.url, "auth": chat.auth, "ws_concurrent": concurrent})
    came = threading.Event()

    async def coroutine(event: dict[str, Any]) -> None:
        came.set()

    def function(event: dict[str, Any]) -> None:
        came.set()

    handler: Any = coroutine if "coroutine" in method else function
    run = (
        client.start_ws(handler) if method == "start_ws" else asyncio.to_thread(client.start_ws_sync, handler)
    )
    running = asyncio.ensure_future(run)
    assert await asyncio.to_thread(came.wait, 30)
    if isinstance(client, SyncClient):
        client.close()
    else:
        await client.aclose()
    await asyncio.wait_for(running, 30)


async def test_a_session_gives_streams_that_end_with_the_client(chat: Chat) -> None:
    client = chat.listener()
    async with client.session() as session:
        stream = session.events(Posted)
        await stream.ready(30)
    chat.write("after the session")
    assert (await stream.wait(30)).post.message == "after the session"
    await client.aclose()
    assert await rest(stream) == []
