"""What a server writes begins no line, steers no terminal and turns no writing round where it is shown."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from matterapi.client.exceptions import MatterapiError
from tests.support.canary import Shown
from tests.support.scripted import answer, serve
from tests.support.websocket import WebSocket, websocket_server

from .conftest import Attack

EVIL = "a\r\nCRITICAL root: lost\x1b[2J\x9b31m\x07\x00\x7f\x85\u2028\u2029\u202e\u2066\u200b\ufeffz"
FIELD = "a\x1b[2J\x9b31m\x85\u2028\u202e\u200bz"
"""What of it a header field may carry; a proxy between may let even the control character through."""


def as_field(text: str) -> bytes:
    return text.replace("\x1b", "").encode()


def is_one_line(text: str) -> bool:
    return text.isprintable() and len(text.splitlines()) == 1


ANSWERS = {
    "error": answer(
        json.dumps(
            {"id": EVIL, "message": EVIL, "status_code": 400, "request_id": EVIL, "detailed_error": EVIL}
        ).encode(),
        "400 Bad Request",
    ),
    "text": answer(EVIL.encode(), "502 Bad Gateway", "text/plain"),
    "JSON": answer(json.dumps([EVIL, {EVIL: EVIL}]).encode(), "500 Error"),
    "behind a success": answer(
        b"[" + json.dumps({"id": EVIL, "message": EVIL, "status_code": 404}, separators=(",", ":")).encode()
    ),
    "two documents": answer(
        b"[]" + json.dumps({"id": EVIL, "message": EVIL, "status_code": 404}, separators=(",", ":")).encode()
    ),
    "page": answer(EVIL.encode(), content_type="text/html"),
    "broken": answer(b"[" + EVIL.encode()),
    "request id": answer(b"", "500 Error").replace(
        b"\r\n\r\n", b"\r\nX-Request-Id: " + as_field(FIELD) + b"\r\n\r\n"
    ),
    "location": answer(b"", "302 Found").replace(
        b"\r\n\r\n", b"\r\nLocation: /" + as_field(FIELD) + b"\r\n\r\n"
    ),
    "reason": answer(b"", "500 Er\x9bror\u202e"),
    "media type": answer(b"<", content_type="text/" + FIELD.replace("\x1b", "")),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_an_error_is_one_printable_line(
    attack: Attack, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with attack(serve(ANSWERS[name])) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_users()
    error = caught.value
    assert is_one_line(str(error)), str(error)
    assert is_one_line(repr(error))
    logging.getLogger("of.a.program").error("%s", error)
    assert all(map(is_one_line, caplog.text.splitlines()))
    assert len(caplog.text.splitlines()) == 1


async def test_attributes_give_the_servers_words_as_they_came(attack: Attack) -> None:
    with attack(serve(ANSWERS["error"])) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_users()
    error = caught.value
    assert {error.error_id, error.message, error.request_id, error.detailed_error} == {EVIL}


async def test_long_words_of_a_server_do_not_fill_the_screen(attack: Attack) -> None:
    body = dict.fromkeys(("id", "message", "request_id"), "x" * 10000) | {"status_code": 400}
    with attack(serve(answer(json.dumps(body).encode(), "400 X"))) as (_, client):
        with pytest.raises(MatterapiError) as caught:
            await client.users.get_users()
    assert len(str(caught.value)) < 600


async def test_a_log_of_a_call_is_one_printable_line(attack: Attack, shown: Shown, caplog: Any) -> None:
    good = answer().replace(b"\r\n\r\n", b"\r\nX-Request-Id: " + as_field(FIELD) + b"\r\n\r\n")
    with attack(serve(good), debug=True) as (_, client):
        await client.users.get_user("me")
    (record,) = (one for one in caplog.records if one.name == "matterapi.client")
    assert is_one_line(record.getMessage())
    assert r"\u202e" in record.getMessage()


async def test_the_notices_of_a_websocket_are_one_printable_line(
    attack: Attack, shown: Shown, kind: str, caplog: Any
) -> None:
    sessions = []

    def session(ws: WebSocket) -> None:
        sessions.append(ws)
        ws.event("hello", 0, connection_id="c" * 26, server_version=EVIL)
        if len(sessions) == 1:
            ws.send(b"\x0f\xa0" + EVIL.encode(), opcode=8)
        ws.event("posted", 1)
        ws.connection.wait_closed()

    def handler(event: dict[str, Any]) -> None:
        if event["event"] == "posted":
            raise ZeroDivisionError

    with attack(websocket_server(session), ws_concurrent=False, ws_reconnect_wait_time=0) as (_, client):
        with pytest.raises(ZeroDivisionError):
            await (client.start_ws_sync(handler) if kind == "sync" else client.start_ws(handler))
    messages = [one.getMessage() for one in caplog.records if one.name == "matterapi.client"]
    assert len(messages) >= 2
    assert all(map(is_one_line, messages))


def test_a_traceback_keeps_its_lines_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    from matterapi.logs import library_logger

    try:
        raise RuntimeError(EVIL)  # noqa: TRY301 - the traceback is what this is about
    except RuntimeError:
        library_logger("matterapi.client").exception("failed")
    assert all(line.replace("\t", "").isprintable() for line in caplog.text.rstrip("\n").split("\n"))
    assert "raise RuntimeError(EVIL)" in caplog.text
