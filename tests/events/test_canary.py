"""No secret of the options is shown by any fault of the websocket: in errors, logs, warnings or output."""

import base64
import hashlib
import struct
from collections.abc import Callable
from typing import Any

import pytest

from matterapi._core import EventStream
from tests.support.canary import CANARY, EVERYWHERE, Shown
from tests.support.effort import checkered
from tests.support.scripted import Connection, answer, scripted
from tests.support.websocket import GUID, ME, WebSocket, websocket_server

ECHO = f"Authorization: Bearer {CANARY}; token={CANARY}; https://ann:{CANARY}@h"
PAGE = f"<html>{ECHO}</html>".encode()
REFUSED = answer(
    b'{"id":"x.app_error","message":"Invalid session token=%s","status_code":401}' % CANARY.encode()
)
REFUSED = REFUSED.replace(b"200 OK", b"401 Unauthorized")
OPTIONS: dict[str, dict[str, Any]] = {
    "token": {"auth": {"token": CANARY}, "httpx_client_options": EVERYWHERE},
    "password": {"auth": {"login_id": "ann", "password": CANARY, "mfa_token": CANARY}},
}


class Enough(ValueError):
    """Raised by the handler to end the stream."""


def upgraded(headers: dict[str, str], **fields: str) -> bytes:
    key = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
    given = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": key}
    given |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value)
    return f"HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n".encode()


UPGRADES: dict[str, Callable[[Connection, dict[str, str]], Any]] = {
    **{
        f"answered {status}": lambda c, _, status=status: c.send(
            answer(PAGE, f"{status} X", "text/html", Location=f"https://ann:{CANARY}@127.0.0.1:9/?t={CANARY}")
        )
        for status in (200, 302, 400, 401, 403, 404, 429, 500, 502, 503)
    },
    "no answer": lambda c, _: None,
    "reset": lambda c, _: c.reset(),
    "no HTTP": lambda c, _: c.send(PAGE + b"\r\n\r\n"),
    "half a head": lambda c, headers: c.send(upgraded(headers)[:40]),
    "a wrong accept": lambda c, headers: c.send(upgraded(headers, Sec_WebSocket_Accept=CANARY)),
    "no accept": lambda c, headers: c.send(upgraded(headers, Sec_WebSocket_Accept="")),
    "no upgrade": lambda c, headers: c.send(upgraded(headers, Upgrade="")),
    "a subprotocol": lambda c, headers: c.send(upgraded(headers, Sec_WebSocket_Protocol=CANARY)),
    "a long head": lambda c, headers: c.send(upgraded(headers, X_Long=CANARY * 3000)),
}


def closed(code: int) -> Callable[[WebSocket], None]:
    return lambda ws: ws.send(struct.pack(">H", code) + ECHO.encode()[:120], opcode=8)


SESSIONS: dict[str, Callable[[WebSocket], Any]] = {
    **{f"closed with {code}": closed(code) for code in (1000, 1001, 1002, 1003, 1008, 1011, 4000, 1005, 999)},
    "closed without a code": lambda ws: ws.close(None),
    "gone": lambda ws: None,
    "reset": lambda ws: ws.connection.reset(),
    "reserved bits": lambda ws: ws.connection.send(b"\xff\x00"),
    "a masked frame": lambda ws: ws.connection.send(b"\x81\x85abcd" + CANARY.encode()[:5]),
    "bad UTF-8": lambda ws: ws.send(CANARY.encode() + b"\xff"),
    "a frame too large": lambda ws: ws.connection.send(b"\x81\x7f" + struct.pack(">Q", 2**62) + PAGE),
    "half a frame": lambda ws: ws.connection.send(b"\x81\x7e\xff\xff" + PAGE),
    "no JSON": lambda ws: ws.send(PAGE),
    "a version that is none": lambda ws: ws.event("hello", 0, connection_id=CANARY, server_version=ECHO),
    "a failure": lambda ws: ws.send(b'{"status":"FAIL","error":{"message":"token=%s"}}' % CANARY.encode()),
}


class Script:
    """The first websocket meets a fault, every further one gets an event.

    After a refused upgrade the first question for the account is refused too.
    """

    def __init__(self, fault: str) -> None:
        kind, _, self.name = fault.partition(": ")
        self.upgrades = kind == "upgrade"
        self.met = False
        self.refused = False

    def __call__(self, connection: Connection) -> None:
        def session(ws: WebSocket) -> None:
            ws.hello()
            if not self.met:
                self.met = True
                SESSIONS[self.name](ws)
                return
            ws.event("posted", 1)
            ws.connection.wait_closed()

        if not self.upgrades or self.met:
            websocket_server(session, lambda line, _: answer(Token=CANARY))(connection)
            return
        while (request := connection.read_request()) is not None:
            line, headers, _ = request
            if "upgrade" not in headers:
                refused = ME in line and not self.refused
                self.refused = self.refused or refused
                connection.send(REFUSED if refused else answer(Token=CANARY))
                continue
            self.met = True
            UPGRADES[self.name](connection, headers)
            return


FAULTS = [*(f"upgrade: {name}" for name in UPGRADES), *(f"session: {name}" for name in SESSIONS)]


async def listen(kind: str, client: Any, handler: Callable[[dict[str, Any]], Any]) -> None:
    await (client.start_ws_sync(handler) if kind == "sync" else client.start_ws(handler))


@pytest.mark.parametrize(("kind", "option", "fault"), checkered(("sync", "async"), OPTIONS, FAULTS))
async def test_no_fault_of_the_websocket_shows_a_secret(
    kind: str, connect: Any, shown: Shown, option: str, fault: str
) -> None:
    def handler(event: dict[str, Any]) -> None:
        if event.get("event") == "posted":
            raise Enough

    script = Script(fault)
    with scripted(script) as server:
        more = {"ws_concurrent": False, "ws_reconnect_wait_time": 0, "debug": True}
        client = connect(server.url, **OPTIONS[option], **more)
        with shown.watching():
            await listen(kind, client, handler)
    assert script.met
    shown.add(
        client,
        client.sender.core,
        EventStream(client.sender.core, longest_wait=None, relogin=False, catch_up=False),
    )
    assert shown.leaks == []
    assert shown.seen == 4, "the stream ends with an exception"


async def test_no_rejection_of_a_token_shows_it(kind: str, connect: Any, shown: Shown) -> None:
    healthy = answer(b'{"status":"OK","database_status":"OK"}')
    script = websocket_server(lambda ws: None, lambda line, _: REFUSED if ME in line else healthy)
    with scripted(script) as server:
        client = connect(server.url, {"token": CANARY}, ws_concurrent=False, ws_reconnect_wait_time=0)
        with shown.watching():
            await listen(kind, client, print)
    assert shown.leaks == []
    assert shown.seen >= 2


async def test_the_log_of_a_failing_handler_masks_what_looks_like_a_credential(
    kind: str, connect: Any, shown: Shown, caplog: pytest.LogCaptureFixture
) -> None:
    def session(ws: WebSocket) -> None:
        if "Websocket task failed" in caplog.text:
            return
        ws.hello()
        ws.event("posted", 1)
        # Not before its failure is logged does the stream end.
        while "Websocket task failed" not in caplog.text:
            ws.send(b"", opcode=9)
            ws.read()
        ws.connection.reset()

    def rest(line: str, headers: dict[str, str]) -> bytes:
        return REFUSED if ME in line else answer(b'{"status":"OK","database_status":"OK"}')

    def handler(event: dict[str, Any]) -> None:
        raise RuntimeError(f"calling with Authorization: Bearer {CANARY}")

    with scripted(websocket_server(session, rest)) as server:
        client = connect(server.url, {"token": CANARY}, ws_reconnect_wait_time=0)
        with shown.watching():
            await listen(kind, client, handler)
    assert "Bearer [secure]" in caplog.text
    assert shown.leaks == []
