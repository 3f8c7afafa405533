import asyncio
import functools
import json
import select
import threading
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi._core import EventStream
from matterapi.client import exceptions as e
from tests.support.scripted import answer, scripted
from tests.support.websocket import ME, PING, WebSocket, websocket_server

UNAUTHORIZED = answer(
    b'{"id":"api.context.session_expired.app_error","message":"expired","status_code":401}',
    "401 Unauthorized",
)
LOGIN = "/api/v4/users/login"
WRONG_PASSWORD = answer(
    b'{"id":"api.user.login.invalid_credentials_email_username","message":"wrong password",'
    b'"status_code":401}',
    "401 Unauthorized",
)
HEALTHY = answer(b'{"status":"OK","database_status":"OK"}')
UNHEALTHY = answer(b'{"status":"UNHEALTHY","database_status":"UNHEALTHY"}', "500 Internal Server Error")


class Enough(Exception):
    """Raised by a handler to end `start_ws` in sequential mode."""


def options(url: str, **more: Any) -> dict[str, Any]:
    return {"url": url, "auth": {"token": "t"}, "ws_concurrent": False, "ws_reconnect_wait_time": 0, **more}


class Collector:
    """A handler that ends the stream after `count` events."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if len(self.events) == self.count:
            raise Enough

    @property
    def seqs(self) -> list[int | None]:
        return [event.get("seq") for event in self.events]


class AsyncCollector(Collector):
    async def __call__(self, event: dict[str, Any]) -> None:  # type: ignore[override]
        await asyncio.sleep(0)
        super().__call__(event)


def collect(way: str, settings: dict[str, Any], count: int, **more: Any) -> Collector:
    """Runs `start_ws` or `start_ws_sync` of either client until `count` events came."""
    client = (SyncClient if "SyncClient" in way else AsyncClient)(options=settings)
    collector = (AsyncCollector if "coroutine" in way else Collector)(count)
    with pytest.raises(Enough):
        if "start_ws_sync" in way:
            client.start_ws_sync(collector, **more)
        else:
            asyncio.run(client.start_ws(collector, **more))
    return collector


def listen(way: str, settings: dict[str, Any], handler: Any, until: threading.Event) -> None:
    """Runs `start_ws` or `start_ws_sync` of either client until the event is set."""
    client = (SyncClient if "SyncClient" in way else AsyncClient)(options=settings)

    async def in_a_task() -> None:
        stream = asyncio.create_task(client.start_ws(handler))
        assert await asyncio.to_thread(until.wait, 30)
        stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stream

    if "start_ws_sync" not in way:
        asyncio.run(in_a_task())
        return
    streams: list[EventStream] = []
    open_stream = client.open_stream
    client.open_stream = lambda **given: streams.append(open_stream(**given)) or streams[0]
    thread = threading.Thread(target=client.start_ws_sync, args=(handler,))
    thread.start()
    assert until.wait(30)
    streams[0].close()
    thread.join(30)
    assert not thread.is_alive()


WAYS = [
    f"{client}.{method}, {handler}"
    for client in ("SyncClient", "AsyncClient")
    for method in ("start_ws", "start_ws_sync")
    for handler in ("function", "coroutine")
]


@pytest.mark.parametrize("way", WAYS)
def test_events_arrive_in_order_as_plain_dicts_without_hello(way: str) -> None:
    def session(ws: WebSocket) -> None:
        assert ws.headers["authorization"] == "Bearer t"
        assert "origin" not in ws.headers
        ws.hello()
        ws.event("posted", 1, post='{"message":"hi"}')
        ws.send(b'{"event":"typing","data":null,"broadcast":null,"seq":2}\n')
        ws.send(b'{"status":"OK","seq_reply":7}')
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        events = collect(way, options(server.url), 3).events
    assert events[0]["data"]["post"] == '{"message":"hi"}'
    assert events[1:] == [
        {"event": "typing", "data": None, "broadcast": None, "seq": 2},
        {"status": "OK", "seq_reply": 7},
    ]


@pytest.mark.parametrize("end", ["fin", "close 1000", "close 1011", "empty close", "bad frame", "rst"])
def test_every_end_of_a_connection_is_followed_by_a_new_one(end: str) -> None:
    connections: list[int] = []

    def session(ws: WebSocket) -> None:
        connections.append(ws.connection.number)
        ws.hello()
        ws.event("posted", 1, number=len(connections))
        if end.startswith("close"):
            ws.close(int(end.split()[1]))
        elif end == "empty close":
            ws.close(None)
        elif end == "bad frame":
            ws.connection.send(b"\xff\x00")  # reserved bits
        elif end == "rst":
            ws.connection.reset()
            return
        if end != "fin":
            ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        collector = collect("SyncClient.start_ws_sync", options(server.url), 3)
    numbers = [event["data"]["number"] for event in collector.events]
    # A reset takes back what the client has not read yet.
    assert numbers == (sorted(set(numbers)) if end == "rst" else [1, 2, 3])


def test_frames_up_to_8_mib_pass_whole_or_in_fragments() -> None:
    filler = b"x" * (8 * 1024 * 1024 - 100)
    texts = [b'{"event": "posted", "data": {"post": "%s"}, "seq": %d}' % (filler, seq) for seq in (1, 2)]

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.send(texts[0])
        ws.send(texts[1][:1000], final=False)
        ws.send(b"", opcode=9)
        ws.send(texts[1][1000:], opcode=0)
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        events = collect("AsyncClient.start_ws, coroutine", options(server.url), 2).events
    assert events == [json.loads(text) for text in texts]


def test_a_rejected_token_is_found_confirmed_and_final() -> None:
    asked: list[str] = []

    def rest(line: str, headers: dict[str, str]) -> bytes:
        asked.append(line.split()[1])
        return UNAUTHORIZED if ME in line else HEALTHY

    with scripted(websocket_server(lambda ws: None, rest)) as server:
        with pytest.raises(e.NoAccessTokenProvided) as caught:
            SyncClient(options=options(server.url)).start_ws_sync(print)
    status = f"{PING}?get_server_status=true"
    assert asked == [ME, status, ME, status]
    assert caught.value.error_id == "api.context.session_expired.app_error"


@pytest.mark.parametrize("way", ["SyncClient.start_ws_sync", "AsyncClient.start_ws"])
def test_a_refused_login_is_confirmed_and_final(way: str) -> None:
    asked: list[str] = []

    def rest(line: str, headers: dict[str, str]) -> bytes:
        asked.append(line.split()[1])
        return HEALTHY if PING in line else WRONG_PASSWORD

    settings = options("", auth={"login_id": "ann", "password": "wrong"})
    with scripted(websocket_server(lambda ws: None, rest)) as server:
        with pytest.raises(e.NoAccessTokenProvided, match="wrong password") as caught:
            collect(way, {**settings, "url": server.url}, 1)
    status = f"{PING}?get_server_status=true"
    assert asked == [LOGIN, LOGIN, status, LOGIN, status]
    assert caught.value.route == f"POST {LOGIN}"


def test_a_server_without_its_database_is_waited_for() -> None:
    sessions: list[int] = []

    def session(ws: WebSocket) -> None:
        sessions.append(1)
        if len(sessions) < 3:
            return
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with scripted(
        websocket_server(session, lambda line, _: UNAUTHORIZED if ME in line else UNHEALTHY)
    ) as server:
        collector = collect("SyncClient.start_ws_sync", options(server.url), 1)
    assert collector.seqs == [1]
    assert len(sessions) == 3


def test_a_fresh_client_with_a_password_logs_in_before_it_listens() -> None:
    def rest(line: str, headers: dict[str, str]) -> bytes:
        return answer(Token="made")

    def session(ws: WebSocket) -> None:
        assert ws.headers["authorization"] == "Bearer made"
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()

    settings = {"auth": {"login_id": "ann", "password": "pw"}}
    with scripted(websocket_server(session, rest)) as server:
        assert collect("AsyncClient.start_ws", options(server.url, **settings), 1).seqs == [1]


def test_relogin_logs_in_again_before_every_reconnect() -> None:
    logins: list[str] = []
    tokens: list[str] = []

    def rest(line: str, headers: dict[str, str]) -> bytes:
        logins.append(line)
        return answer(Token=f"token{len(logins)}")

    def session(ws: WebSocket) -> None:
        tokens.append(ws.headers["authorization"])
        ws.hello()
        ws.event("posted", 1)

    settings = options("", auth={"login_id": "ann", "password": "pw"})
    collector = Collector(3)
    with scripted(websocket_server(session, rest)) as server:
        client = SyncClient(options={**settings, "url": server.url})
        with pytest.raises(Enough):
            client.start_ws_sync(collector, relogin=True)
    assert tokens[:3] == ["Bearer token1", "Bearer token2", "Bearer token3"]


def test_a_refused_upgrade_ends_a_stream_that_never_was() -> None:
    not_found = answer(b"404 page not found", "404 Not Found", "text/plain")
    with scripted(lambda c: c.read_request() and c.send(not_found)) as server:
        with pytest.raises(e.ProtocolError, match="404"):
            SyncClient(options=options(server.url)).start_ws_sync(print)


def test_the_sub_path_of_the_url_is_kept() -> None:
    lines: list[str] = []

    def session(ws: WebSocket) -> None:
        lines.append(ws.headers[":line"])
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as server:
        collect("SyncClient.start_ws_sync", options(f"{server.url}/mm/"), 1)
    assert lines == ["GET /mm/api/v4/websocket HTTP/1.1"]


def flood(count: int) -> Any:
    def session(ws: WebSocket) -> None:
        ws.hello()
        for seq in range(1, count + 1):
            ws.event("posted", seq)
        ws.connection.wait_closed()

    return websocket_server(session)


@pytest.mark.parametrize("way", WAYS)
def test_concurrent_handlers_get_every_event_and_their_failures_end_nothing(
    way: str, caplog: pytest.LogCaptureFixture
) -> None:
    count = 300
    seen: set[int] = set()
    everything = threading.Event()

    def note(event: dict[str, Any]) -> None:
        seen.add(event["seq"])
        if len(seen) == count:
            everything.set()
        if event["seq"] == 7:
            raise RuntimeError("seven")

    async def note_async(event: dict[str, Any]) -> None:
        note(event)

    handler: Any = note_async if "coroutine" in way else functools.partial(note)
    with scripted(flood(count)) as server:
        listen(way, options(server.url, ws_concurrent=True), handler, everything)
    assert seen == set(range(1, count + 1))
    assert any(
        "Websocket task failed" in record.message and "seven" in record.message for record in caplog.records
    )


def test_callable_objects_bound_methods_and_partials_of_coroutines_are_awaited() -> None:
    class Bot:
        def __init__(self) -> None:
            self.seen: list[int] = []

        async def __call__(self, event: dict[str, Any]) -> None:
            await self.handle(event, "call")

        async def handle(self, event: dict[str, Any], how: str = "method") -> None:
            await asyncio.sleep(0)
            self.seen.append(event["seq"])
            if len(self.seen) == 2:
                raise Enough

    for make in (lambda bot: bot, lambda bot: bot.handle, lambda bot: functools.partial(bot.handle, how="p")):
        bot = Bot()
        with scripted(flood(2)) as server:
            client = AsyncClient(options=options(server.url))
            with pytest.raises(Enough):
                asyncio.run(client.start_ws(make(bot)))
        assert bot.seen == [1, 2]


def test_a_function_that_returns_an_awaitable_is_awaited_too() -> None:
    collector = AsyncCollector(2)
    with scripted(flood(2)) as server, pytest.raises(Enough):
        asyncio.run(
            AsyncClient(options=options(server.url)).start_ws(lambda event: collector(event))  # noqa: PLW0108 - a plain function on purpose
        )
    assert collector.seqs == [1, 2]


def test_a_slow_handler_loses_nothing_and_the_queue_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    count = 20_000
    release = threading.Event()
    seqs: list[int] = []

    def session(ws: WebSocket) -> None:
        ws.hello()
        for seq in range(1, count + 1):
            # Full are the queue and all buffers of the connection when nobody reads for so long.
            if not release.is_set() and not select.select([], [ws.connection.socket], [], 2)[1]:
                release.set()
            ws.event("posted", seq, filler="x" * 2000)
        ws.connection.wait_closed()

    def handler(event: dict[str, Any]) -> None:
        assert release.wait(30)
        seqs.append(event["seq"])
        if event["seq"] == count:
            raise Enough

    with scripted(websocket_server(session)) as server, pytest.raises(Enough):
        SyncClient(options=options(server.url)).start_ws_sync(handler)
    assert seqs == list(range(1, count + 1))
    assert sum("faster than they are handled" in record.message for record in caplog.records) == 1


def test_cancelling_start_ws_closes_the_socket() -> None:
    closed = threading.Event()
    first = threading.Event()

    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()
        closed.set()

    async def main(url: str) -> None:
        async def handler(event: dict[str, Any]) -> None:
            first.set()

        stream = asyncio.create_task(AsyncClient(options=options(url)).start_ws(handler))
        assert await asyncio.to_thread(first.wait, 30)
        stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stream
        assert await asyncio.to_thread(closed.wait, 30)

    with scripted(websocket_server(session)) as server:
        asyncio.run(main(server.url))
    assert closed.is_set()


def test_a_handler_that_waits_holds_up_no_other_event() -> None:
    order: list[int] = []
    last_came, first_went_on = asyncio.Event(), asyncio.Event()

    async def handler(event: dict[str, Any]) -> None:
        if event["seq"] == 1:
            await last_came.wait()
            first_went_on.set()
        order.append(event["seq"])
        if event["seq"] == 5:
            last_came.set()

    async def main(url: str) -> None:
        stream = asyncio.create_task(AsyncClient(options=options(url, ws_concurrent=True)).start_ws(handler))
        await asyncio.wait_for(first_went_on.wait(), 30)
        await asyncio.sleep(0)
        stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stream

    with scripted(flood(5)) as server:
        asyncio.run(main(server.url))
    assert order == [2, 3, 4, 5, 1]


def test_a_handler_that_cancels_its_own_task_costs_no_other_event() -> None:
    seen: list[int] = []
    last_came = asyncio.Event()

    async def handler(event: dict[str, Any]) -> None:
        seen.append(event["seq"])
        if event["seq"] == 5:
            last_came.set()
        if event["seq"] == 2:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.sleep(0)

    async def main(url: str) -> None:
        stream = asyncio.create_task(AsyncClient(options=options(url, ws_concurrent=True)).start_ws(handler))
        await asyncio.wait_for(last_came.wait(), 30)
        stream.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stream

    with scripted(flood(5)) as server:
        asyncio.run(main(server.url))
    assert seen == [1, 2, 3, 4, 5]
