"""Handlers: what may be one, and how many run at the same time."""

import asyncio
import gc
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client import exceptions as e
from matterapi.events import handlers
from tests.events.test_start_ws import WAYS, Collector, Enough, collect, flood, listen, options
from tests.support.scripted import Connection, answer, scripted
from tests.support.websocket import PING, WebSocket, websocket_server

CLIENTS = [SyncClient, AsyncClient]


@pytest.mark.parametrize("make", CLIENTS)
@pytest.mark.parametrize("handler", [None, 5, "print", [print]])
def test_what_cannot_be_called_is_refused_before_anything_is_sent(make: Any, handler: Any) -> None:
    reached: list[Connection] = []
    with scripted(reached.append) as server:
        client = make(options=options(server.url))
        for start in (client.start_ws_sync, lambda given: asyncio.run(client.start_ws(given))):
            with pytest.raises(
                e.InvalidRequest, match=f"event_handler must be .*, not {type(handler).__name__}"
            ):
                start(handler)
    assert reached == []


@pytest.mark.parametrize("make", CLIENTS)
async def test_start_ws_sync_in_a_running_loop_says_what_to_await(make: Any) -> None:
    async def handler(event: dict[str, Any]) -> None: ...

    with pytest.raises(RuntimeError, match="await start_ws"):
        make(options=options("http://127.0.0.1:1")).start_ws_sync(handler)


@pytest.mark.parametrize("make", CLIENTS)
async def test_a_plain_function_may_block_a_running_loop(make: Any) -> None:
    with scripted(flood(1)) as server, pytest.raises(Enough):
        make(options=options(server.url)).start_ws_sync(Collector(1))


def test_the_log_says_ended_only_of_what_was_connected(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "matterapi.client")
    sessions: list[int] = []

    def session(ws: WebSocket) -> None:
        sessions.append(1)
        if len(sessions) == 1:
            return  # without hello: it never was
        ws.hello()
        ws.event("posted", 1)

    def rest(line: str, headers: dict[str, str]) -> bytes:
        return answer(b'{"status":"OK"}') if PING in line else answer()

    with scripted(websocket_server(session, rest)) as server, pytest.raises(Enough):
        SyncClient(options=options(server.url)).start_ws_sync(Collector(2))
    told = [record.message.partition(":")[0].partition(",")[0] for record in caplog.records]
    assert told == [
        "Websocket not connected",
        "Websocket connected",
        "Websocket ended",
        "Websocket connected",
    ]


class Load:
    """Counts the events in hand, and lets the handlers go on when there is no room for more.

    Args:
        patch: Puts probes in place of the semaphores and the pool that the handlers use.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = self.most = 0
        self.go, self.go_async = threading.Event(), asyncio.Event()
        self._lock = threading.Lock()
        load = self

        class FullSemaphore(threading.Semaphore):
            def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
                if not super().acquire(blocking=False):
                    load.release()
                    return super().acquire(blocking, timeout)
                return True

        class FullAsyncSemaphore(asyncio.Semaphore):
            async def acquire(self) -> Literal[True]:
                if self.locked():
                    load.release()
                return await super().acquire()

        class CountingPool(ThreadPoolExecutor):
            def submit(self, *args: Any, **kwargs: Any) -> Any:
                load.enter()
                return super().submit(*args, **kwargs)

        patch.setattr(handlers, "Semaphore", FullSemaphore)
        patch.setattr(handlers, "ThreadPoolExecutor", CountingPool)
        patch.setattr(asyncio, "Semaphore", FullAsyncSemaphore)

    def release(self) -> None:
        self.go.set()
        self.go_async.set()

    def enter(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
            too_many = self.now > 2 * handlers.MAX_HANDLERS
        if too_many:
            self.release()

    def leave(self) -> None:
        with self._lock:
            self.now -= 1


@pytest.mark.parametrize("way", WAYS)
def test_at_most_1024_events_are_in_hand(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 3000
    load, everything = Load(monkeypatch), threading.Event()
    seen: list[int] = []

    def note(event: dict[str, Any]) -> None:
        load.leave()
        seen.append(event["seq"])
        if len(seen) == count:
            everything.set()

    def handler(event: dict[str, Any]) -> None:
        load.go.wait()
        note(event)

    async def async_handler(event: dict[str, Any]) -> None:
        load.enter()
        await load.go_async.wait()
        note(event)

    with scripted(flood(count)) as server:
        given = async_handler if "coroutine" in way else handler
        listen(way, options(server.url, ws_concurrent=True), given, everything)
    assert sorted(seen) == list(range(1, count + 1))
    assert load.most == handlers.MAX_HANDLERS == 1024


@pytest.mark.parametrize("way", WAYS)
def test_relogin_with_a_token_asks_for_no_login(way: str) -> None:
    asked: list[str] = []
    connections: list[str] = []

    def session(ws: WebSocket) -> None:
        connections.append(ws.headers["authorization"])
        ws.hello()
        ws.event("posted", 1)

    def rest(line: str, headers: dict[str, str]) -> bytes:
        asked.append(line)
        return answer(Token="another")

    with scripted(websocket_server(session, rest)) as server:
        collect(way, options(server.url), 3, relogin=True)
    assert connections[:3] == ["Bearer t"] * 3
    assert asked == []


def assert_ended(way: str, wanted: type[BaseException], concurrent: bool) -> None:
    """Fail unless what a handler raises to end the program does so."""

    def handler(event: dict[str, Any]) -> None:
        raise wanted(3)

    async def async_handler(event: dict[str, Any]) -> None:
        raise wanted(3)

    given = async_handler if "coroutine" in way else handler
    with scripted(flood(1)) as server:
        client = (SyncClient if "SyncClient" in way else AsyncClient)(
            options=options(server.url, ws_concurrent=concurrent)
        )
        with pytest.raises(wanted) as caught:
            if "start_ws_sync" in way:
                client.start_ws_sync(given)
            else:
                asyncio.run(client.start_ws(given))
    assert caught.value.args == (3,)


@pytest.mark.parametrize("way", WAYS)
def test_a_handler_can_end_the_program(way: str, caplog: pytest.LogCaptureFixture) -> None:
    for wanted in (SystemExit, KeyboardInterrupt):
        for concurrent in (False, True):
            assert_ended(way, wanted, concurrent)
    gc.collect()  # a task whose failure nobody asked for says so when it goes
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
