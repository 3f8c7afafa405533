"""What a frame may be: every JSON object reaches the handler as a plain dict, nothing else does."""

from __future__ import annotations

import json

import pytest

from tests.attacks.conftest import Attack
from tests.attacks.listening import events_until
from tests.support.websocket import WebSocket, websocket_server

NO_OBJECTS = {
    "a list": b"[]",
    "a list of events": b'[{"event":"posted","data":{},"broadcast":{},"seq":3}]',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "a text": b'"posted"',
    "nothing": b"",
    "spaces": b"   ",
    "no JSON": b"<html>posted</html>",
    "half an event": b'{"event": "posted", "data": {"post": "',
    "two events": b'{"event": "posted", "data": {}}{"event": "posted", "data": {}}',
    "not a number": b'{"event": "posted", "data": {"n": NaN}}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "a deep event": b'{"event": "posted", "data": ' + b"[" * 100_000,
    "a number of many digits": b"9" * 100_000,
    "half a list": b"[" + b"[]," * 1000,
}
OBJECTS = {
    "empty": {},
    "neither event nor reply": {"a": 1},
    "an event that is a number": {"event": 5, "data": {}},
    "an event that is null": {"event": None, "data": {}},
    "an event that is an object": {"event": {"event": "posted"}},
    "data that is a text": {"event": "posted", "data": "text"},
    "data that is null": {"event": "posted", "data": None},
    "data that is a list": {"event": "posted", "data": [1]},
    "a status that is a number": {"status": 5, "seq_reply": "x"},
    "a reply of a dead session": {"status": "FAIL", "error": {"id": "x", "message": "m"}},
    "names of methods": {"event": "posted", "data": {"items": 1, "keys": 2, "__class__": 3}},
}


@pytest.mark.parametrize("coroutine", [False, True], ids=["function", "coroutine"])
@pytest.mark.parametrize("concurrent", [False, True], ids=["in order", "concurrent"])
async def test_what_is_no_object_reaches_no_handler_and_ends_nothing(
    kind: str, attack: Attack, concurrent: bool, coroutine: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def session(ws: WebSocket) -> None:
        ws.hello()
        for opcode in (1, 2):
            for frame in NO_OBJECTS.values():
                ws.send(frame, opcode)
        ws.send(b"\xff\xfe\x00", opcode=2)
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with attack(websocket_server(session), ws_concurrent=concurrent) as (_, client):
        seen = await events_until(kind, client, 1, coroutine)
    assert [event["seq"] for event in seen] == [1]
    assert not any(record.levelname == "ERROR" for record in caplog.records)
    assert any("left out" in record.message for record in caplog.records)


@pytest.mark.parametrize("opcode", [1, 2])
@pytest.mark.parametrize("concurrent", [False, True], ids=["in order", "concurrent"])
async def test_every_object_reaches_the_handler_as_it_is(
    kind: str, attack: Attack, concurrent: bool, opcode: int, caplog: pytest.LogCaptureFixture
) -> None:
    def session(ws: WebSocket) -> None:
        ws.hello()
        for item in OBJECTS.values():
            ws.send(json.dumps(item).encode(), opcode)
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with attack(websocket_server(session), ws_concurrent=concurrent) as (_, client):
        seen = await events_until(kind, client, 1)
    assert all(type(event) is dict for event in seen)
    missing = [item for item in OBJECTS.values() if item not in seen]
    assert missing == []
    assert len(seen) == len(OBJECTS) + 1
    assert not any("left out" in record.message for record in caplog.records)
