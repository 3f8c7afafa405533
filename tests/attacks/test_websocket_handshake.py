"""The handshake of the websocket: no bytes without end, nothing unasked, nothing in clear."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.attacks.conftest import Attack
from tests.attacks.listening import events_until
from tests.support.scripted import Connection, answer, scripted
from tests.support.websocket import GUID, WebSocket, websocket_server

MIB = 1024 * 1024


def upgraded(headers: dict[str, str], *fields: str) -> bytes:
    """The head of an answer that opens a websocket."""
    key = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
    lines = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {key}", *fields]
    return "\r\n".join(["HTTP/1.1 101 Switching Protocols", *lines, "", ""]).encode()


class Once:
    """A script whose first websocket is attacked; every further one gets an event."""

    def __init__(self, attack: Any) -> None:
        self.attack = attack
        self.attacked = False

    def __call__(self, connection: Connection) -> None:
        if "websocket" not in connection.peek() or self.attacked:
            websocket_server(self.session)(connection)
            return
        self.attacked = True
        request = connection.read_request()
        assert request is not None
        self.attack(connection, request[1])

    @staticmethod
    def session(ws: WebSocket) -> None:
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()


@pytest.mark.parametrize("wire", ["plain", "tls"])
@pytest.mark.parametrize(
    "field",
    [
        "Sec-WebSocket-Extensions: permessage-deflate",
        "sec-websocket-extensions: permessage-deflate; server_no_context_takeover, x",
        "Sec-WebSocket-Extensions:\r\nSec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: \xff",
        "Sec-WebSocket-Protocol: chat",
        "Sec-WebSocket-Protocol: ",
    ],
)
async def test_what_was_not_asked_for_is_refused(
    kind: str, attack: Attack, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    def unasked(connection: Connection, headers: dict[str, str]) -> None:
        assert "sec-websocket-extensions" not in headers
        assert "sec-websocket-protocol" not in headers
        connection.send(upgraded(headers, field))
        Once.session(WebSocket(connection, headers))

    caplog.set_level(logging.WARNING)
    with attack(Once(unasked), ws_concurrent=False, ws_reconnect_wait_time=0) as (_, client):
        assert len(await events_until(kind, client, 1)) == 1
    (ended,) = [record.message for record in caplog.records if "Websocket not connected" in record.message]
    assert "the websocket handshake failed" in ended


async def test_an_empty_list_of_extensions_names_none(kind: str, attack: Attack) -> None:
    def polite(connection: Connection, headers: dict[str, str]) -> None:
        connection.send(upgraded(headers, "Sec-WebSocket-Extensions: "))
        ws = WebSocket(connection, headers)
        ws.hello()
        ws.event("typing", 1)
        connection.wait_closed()

    with attack(Once(polite), ws_concurrent=False) as (_, client):
        (event,) = await events_until(kind, client, 1)
    assert event["event"] == "typing", "of the first socket"


async def test_no_header_of_the_caller_asks_for_an_extension(kind: str, attack: Attack) -> None:
    asked: list[str | None] = []

    def session(ws: WebSocket) -> None:
        asked.append(ws.headers.get("sec-websocket-extensions"))
        Once.session(ws)

    http = {"headers": {"Sec-WebSocket-Extensions": "permessage-deflate"}}
    with attack(websocket_server(session), ws_concurrent=False, httpx_client_options=http) as (_, client):
        await events_until(kind, client, 1)
    assert asked == [None]


def endless_head(connection: Connection, headers: dict[str, str]) -> int:
    connection.send(upgraded(headers)[:-2])
    return endless(connection, b"X-Long: " + b"x" * 1000 + b"\r\n")


def endless_line(connection: Connection, headers: dict[str, str]) -> int:
    connection.send(b"HTTP/1.1 101 ")
    return endless(connection, b"x" * 1000)


def endless_hints(connection: Connection, headers: dict[str, str]) -> int:
    return endless(connection, b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50)


def endless_body(connection: Connection, headers: dict[str, str]) -> int:
    connection.send(b"HTTP/1.1 503 Unavailable\r\nContent-Type: text/html\r\n\r\n")
    return endless(connection, b"<p>" * 1000)


def endless(connection: Connection, piece: bytes) -> int:
    sent = 0
    try:
        while True:
            connection.send(piece * 64)
            sent += 64 * len(piece)
    except OSError:
        return sent


@pytest.mark.parametrize("wire", ["plain", "tls"])
@pytest.mark.parametrize("flood", [endless_head, endless_line, endless_hints, endless_body])
async def test_an_answer_without_end_is_given_up(kind: str, attack: Attack, flood: Any) -> None:
    def attacked(connection: Connection, headers: dict[str, str]) -> None:
        server.seen.put(flood(connection, headers))

    with attack(Once(attacked), ws_concurrent=False, ws_reconnect_wait_time=0) as (server, client):
        await events_until(kind, client, 1)
        # What the buffers of two sockets hold goes out, read or not.
        assert await asyncio.to_thread(server.seen.get, timeout=30) < 16 * MIB


@pytest.mark.parametrize("wire", ["tls"])
@pytest.mark.parametrize("scheme", ["http", "ws"])
async def test_an_encrypted_upgrade_is_redirected_to_nothing_in_clear(
    kind: str, attack: Attack, scheme: str
) -> None:
    heads: list[Any] = []

    def thief(connection: Connection) -> None:
        heads.append(connection.read_request())

    with scripted(thief) as plain:
        target = plain.url.replace("http", scheme, 1)
        moved = answer(
            b"", "307 Temporary Redirect", Location=f"{target}/api/v4/websocket", Connection="close"
        )

        def redirected(connection: Connection, _: dict[str, str]) -> None:
            connection.send(moved)

        options = {"httpx_client_options": {"follow_redirects": True}, "ws_concurrent": False}
        with attack(Once(redirected), **options) as (_, client):
            with pytest.raises(e.ProtocolError, match="307"):
                await (client.start_ws_sync(print) if kind == "sync" else client.start_ws(print))
    assert heads == []


async def test_the_body_of_a_redirect_is_not_read_without_end(kind: str, attack: Attack) -> None:
    def script(connection: Connection) -> None:
        request = connection.read_request()
        if request is None:
            return
        if "/there" in request[0]:
            connection.send(answer())
            return
        connection.send(b"HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n")
        server.seen.put(endless(connection, b"<p>" * 1000))

    with attack(script, httpx_client_options={"follow_redirects": True}) as (server, client):
        assert (await client.users.get_user("me")).username == "ann"
        assert await asyncio.to_thread(server.seen.get, timeout=30) < 16 * MIB
