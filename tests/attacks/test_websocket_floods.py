"""Floods of the websocket: bounded memory, deadlines that hold, a log of few lines."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from matterapi.client import exceptions as e
from tests.attacks.apart import run_apart
from tests.attacks.conftest import Attack
from tests.attacks.listening import events_until
from tests.support.effort import checkered, usually
from tests.support.scripted import Connection, answer
from tests.support.websocket import ME, WebSocket, framed, websocket_server

GROWTH_MIB = 32
FLOOD = usually(2 * 1024, 8 * 1024)
ENDLESS = 32 * 1024 * 1024


@pytest.mark.parametrize(
    ("kind", "flood", "wire"), checkered(("sync", "async"), ("pings", "hellos"), ("plain", "tls"))
)
def test_a_flood_takes_no_memory_and_events_flow_on(flood: str, kind: str, wire: str) -> None:
    end = run_apart("tests.attacks.floods", flood, kind, wire, seconds=120)
    assert (end.code, end.said, end.errors) == (0, "True", "")
    assert end.growth < GROWTH_MIB


def forever(piece: bytes) -> Callable[[WebSocket], None]:
    data = piece * max(1, FLOOD // len(piece))

    def session(ws: WebSocket) -> None:
        pause = threading.Event()
        while True:
            ws.connection.send(data)
            # It never ends, but six floods at once need not take both processors for the ten seconds.
            pause.wait(0.01)

    return session


def fragments(ws: WebSocket) -> None:
    """A message that never ends, in pieces without content: no message ever comes out of it."""
    ws.send(b"", final=False)
    forever(framed(b"", opcode=0, final=False))(ws)


BEFORE_HELLO: dict[str, Callable[[WebSocket], None]] = {
    "pings": forever(framed(b"", opcode=9)),
    "pongs": forever(framed(b"", opcode=10)),
    "events": forever(framed(b'{"event": "posted", "data": {}, "broadcast": {}, "seq": 0}')),
    "replies": forever(framed(b'{"status":"OK","seq_reply":1}')),
    "no JSON": forever(framed(b"x")),
    "fragments": fragments,
}


async def test_no_flood_before_hello_outlives_the_time_for_hello(kind: str, attack: Attack) -> None:
    floods = iter(BEFORE_HELLO.items())
    left: list[str] = []

    def session(ws: WebSocket) -> None:
        name, flood = next(floods, ("", None))
        if flood is None:
            ws.hello()
            ws.event("posted", 1)
            ws.connection.wait_closed()
            return
        try:
            flood(ws)
        except OSError:
            left.append(name)

    with attack(websocket_server(session), ws_concurrent=False) as (_, client):
        # All at once: the ten seconds are waited for only once.
        streams = [events_until(kind, client, 1) for _ in BEFORE_HELLO]
        seen = await asyncio.gather(*streams)
    assert sorted(left) == sorted(BEFORE_HELLO)
    assert [[event["seq"] for event in events] for events in seen] == [[1]] * len(left), (
        "before hello: nobody's"
    )


async def test_a_server_that_says_hello_again_is_not_logged_again(
    kind: str, attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def session(ws: WebSocket) -> None:
        for _ in range(1000):
            ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with attack(websocket_server(session), ws_concurrent=False) as (_, client):
        await events_until(kind, client, 1)
    assert sum("Websocket connected" in record.message for record in caplog.records) == 1


async def test_the_version_of_a_server_is_logged_short_and_on_one_line(
    kind: str, attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    version = "11.2\r\n\x1b[2JERROR: \u202e\u2028" + "9" * 100_000

    def session(ws: WebSocket) -> None:
        ws.event("hello", 0, server_version=version)
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with attack(websocket_server(session), ws_concurrent=False) as (_, client):
        await events_until(kind, client, 1)
    (line,) = [record.message for record in caplog.records if "connected" in record.message]
    assert line.isprintable()
    assert len(line) < 400
    assert "11.2" in line


@pytest.mark.parametrize("concurrent", [False, True])
async def test_a_flood_of_what_is_no_event_fills_no_log(
    kind: str, attack: Attack, caplog: pytest.LogCaptureFixture, concurrent: bool
) -> None:
    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.connection.send(framed(b"[]") * 5000 + framed(b"no JSON") * 5000)
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with attack(websocket_server(session), ws_concurrent=concurrent) as (_, client):
        await events_until(kind, client, 1)
    said = [record.message for record in caplog.records if "left out" in record.message]
    assert 1 <= len(said) <= 5
    assert "10000" in said[-1], "how many they were is said"


def endless(connection: Connection, **headers: str) -> int:
    """Send an answer without end; returns the bytes sent when the client had enough."""
    head = answer(b"", **headers).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    connection.read_request()
    connection.send(head)
    sent = 0
    try:
        while True:
            connection.send(chunk)
            sent += len(chunk)
    except OSError:
        return sent


async def test_an_endless_answer_about_the_session_is_no_answer(kind: str, attack: Attack) -> None:
    """`GET /users/me` after a socket without hello: whoever floods it has not judged the credentials."""
    sockets: list[int] = []

    def session(ws: WebSocket) -> None:
        sockets.append(ws.connection.number)
        if len(sockets) > 1:
            ws.hello()
            ws.event("posted", 1)
            ws.connection.wait_closed()

    calm = websocket_server(session)

    def script(connection: Connection) -> None:
        if ME in connection.peek():
            server.seen.put(endless(connection))
        else:
            calm(connection)

    with attack(script, ws_concurrent=False, ws_reconnect_wait_time=0) as (server, client):
        await events_until(kind, client, 1)
        # The buffers of the two sockets take some MiB that nobody reads.
        assert await asyncio.to_thread(server.seen.get, timeout=30) < ENDLESS


async def test_an_endless_answer_to_a_login_is_refused(kind: str, attack: Attack) -> None:
    def script(connection: Connection) -> None:
        server.seen.put(endless(connection, Token="made"))

    with attack(script, auth={"login_id": "ann", "password": "pw"}) as (server, client):
        with pytest.raises(e.MatterapiError, match="larger than"):
            await client.users.get_user("me")
        # The connection of a sync client is closed by its next call, or with it.
        await client.aclose()
        assert await asyncio.to_thread(server.seen.get, timeout=30) < ENDLESS
