"""One test body for both ways to a server: a call over HTTP, and the first event of the websocket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.faces import make_client
from tests.support.scripted import Connection, answer
from tests.support.websocket import WebSocket, websocket_server

WAYS = ["sync HTTP", "async HTTP", "sync websocket", "async websocket"]


class Arrived(Exception):
    """Raised by the handler to end `start_ws`."""


class Reached:
    """A server that notes the head of every request, answers calls, and greets websockets with an event."""

    def __init__(self) -> None:
        self.heads: list[tuple[str, dict[str, str]]] = []

    def script(self) -> Callable[[Connection], None]:
        def session(ws: WebSocket) -> None:
            self.heads.append((ws.headers[":line"], ws.headers))
            ws.hello()
            ws.event("posted", 1)
            ws.connection.wait_closed()

        def rest(line: str, headers: dict[str, str]) -> bytes:
            self.heads.append((line, headers))
            return answer()

        return websocket_server(session, rest)


async def reach(
    way: str, url: str, options_auth: Any = "token", ws_url: str | None = None, **http: Any
) -> None:
    """Make a call, or receive an event.

    Args:
        way: One of `WAYS`.
        url: The server's URL.
        options_auth: The option `auth`.
        ws_url: The option of that name.
        **http: `httpx_client_options`.
    """
    kind, _, what = way.partition(" ")
    auth = {"token": "t" * 26} if options_auth == "token" else options_auth
    client = make_client(kind, url, auth, ws_url=ws_url, httpx_client_options=http, ws_concurrent=False)
    if what == "HTTP":
        assert (await client.users.get_user("me")).username == "ann"
        return

    def handler(event: dict[str, Any]) -> None:
        assert event["event"] == "posted"
        raise Arrived

    with pytest.raises(Arrived):
        await (client.start_ws_sync(handler) if kind == "sync" else client.start_ws(handler))
