"""What answers in the place of a server that is still starting: an error, or waited out if that was asked."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from matterapi import SyncClient
from matterapi.client import exceptions as e
from matterapi.events import Connected, Posted
from tests.support.scripted import Connection, answer, scripted
from tests.support.websocket import ME, WebSocket, websocket_server

Connect = Callable[..., Any]
PAGE = b"<html><title>Starting</title></html>"
PROXY = {
    "404": answer(b"404 page not found", "404 Not Found", "text/plain"),
    "200": answer(PAGE, "200 OK", "text/html"),
    "502": answer(PAGE, "502 Bad Gateway", "text/html"),
    "302": b"HTTP/1.1 302 Found\r\nLocation: http://starting.example/\r\nContent-Length: 0\r\n\r\n",
    "no HTTP/1.1": b"HTTP/1.0 101 Switching Protocols\r\n\r\n",
}
PASSWORD = {"login_id": "ann", "password": "secret"}
EXPIRED = b'{"id":"api.context.session_expired.app_error","message":"expired","status_code":401}'


def live(ws: WebSocket) -> None:
    ws.hello()
    ws.event("posted", 1, post="{}")
    ws.connection.wait_closed()


def behind(response: bytes, times: int) -> Callable[[Connection], None]:
    """A server behind a proxy that answers for it at first."""
    left = [times]
    server = websocket_server(live)

    def script(connection: Connection) -> None:
        if left[0] > 0:
            left[0] -= 1
            if connection.read_request() is not None:
                connection.send(response)
            return
        server(connection)

    return script


@pytest.mark.parametrize("name", PROXY)
async def test_a_server_that_is_starting_is_waited_for(connect: Connect, name: str) -> None:
    with scripted(behind(PROXY[name], times=3)) as server:
        client = connect(server.url, ws_wait_for_server=3600, ws_reconnect_wait_time=0)
        async with client.events(Posted) as stream:
            assert (await stream.wait(30)).seq == 1


@pytest.mark.parametrize("name", sorted({*PROXY} - {"502"}))
@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_after_that_time_it_is_an_error(connect: Connect, name: str, seconds: float) -> None:
    with scripted(behind(PROXY[name], times=10**9)) as server:
        client = connect(server.url, ws_wait_for_server=seconds, ws_reconnect_wait_time=0)
        with pytest.raises(e.ProtocolError, match="websocket"):
            await client.events(Posted).ready(30)


def test_start_ws_waits_as_well() -> None:
    with scripted(behind(PROXY["404"], times=3)) as server:
        client = SyncClient(
            options={
                "url": server.url,
                "auth": {"token": "t"},
                "ws_wait_for_server": 3600,
                "ws_reconnect_wait_time": 0,
                "ws_concurrent": False,
            }
        )

        def handler(event: dict[str, Any]) -> None:
            raise LookupError(event["event"])

        with pytest.raises(LookupError, match="posted"):
            client.start_ws_sync(handler)


async def test_a_login_that_a_proxy_answers_is_waited_for(connect: Connect) -> None:
    pages = [PROXY["200"], PROXY["404"]]

    def rest(line: str, headers: dict[str, str]) -> bytes:
        return pages.pop() if pages and "login" in line else answer(b"{}", "200 OK\r\nToken: t")

    with scripted(websocket_server(live, rest)) as server:
        client = connect(server.url, PASSWORD, ws_wait_for_server=3600, ws_reconnect_wait_time=0)
        async with client.events(Posted) as stream:
            assert (await stream.wait(30)).seq == 1
    assert pages == []


async def test_a_refused_login_is_an_error_at_once(connect: Connect) -> None:
    own = b'{"id":"api.user.login.bot_login_forbidden.app_error","message":"no","status_code":403}'
    with scripted(websocket_server(live, lambda *_: answer(own, "403 Forbidden"))) as server:
        client = connect(server.url, PASSWORD, ws_wait_for_server=3600)
        with pytest.raises(e.NotEnoughPermissions):
            await client.events(Posted).ready(30)


async def test_a_login_that_a_proxy_answers_in_the_life_of_a_stream_ends_nothing(connect: Connect) -> None:
    """The session has expired, the socket ends before its hello, and the check has to log in again."""
    lives: list[int] = []
    logins: list[str] = []
    up = threading.Event()

    def session(ws: WebSocket) -> None:
        lives.append(1)
        if len(lives) == 1 or up.is_set():
            ws.hello()
            ws.read_ping()
            if up.is_set():
                ws.connection.wait_closed()

    def rest(line: str, headers: dict[str, str]) -> bytes:
        if "login" in line:
            logins.append(line)
            if len(logins) == 2:
                return answer(PAGE, "200 OK", "text/html")
            if len(logins) > 2:
                up.set()
            return answer(b"{}", "200 OK\r\nToken: t")
        if ME in line and not up.is_set():
            return answer(EXPIRED, "401 Unauthorized")
        return answer(b'{"status":"OK"}')

    with scripted(websocket_server(session, rest)) as server:
        client = connect(server.url, PASSWORD, ws_reconnect_wait_time=0)
        async with client.events(Connected, missed="skip") as stream:
            assert type(await stream.wait(30)) is Connected
            assert type(await stream.wait(30)) is Connected
    assert len(logins) == 3
