"""A session recorded on an 11.2 server, played again: same events, same fields, same listeners."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from tests.conformance.differences import Listed
from tests.conformance.target import VERSION, Target
from tests.conformance.websocket.replay import Outcome, play_all
from tests.fixtures.import_recorded_events import FIXTURE, event_shape, pack, shape, steps, unpack

LISTED = Listed.read(Path(__file__).with_name("differences.yaml"))


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    recorded = unpack(FIXTURE.read_bytes())
    with MattermostServer(version=VERSION) as server:
        return play_all(Target.of(server), recorded, set(LISTED.not_played))


def test_every_difference_is_listed_and_no_other(outcomes: list[Outcome]) -> None:
    LISTED.agrees_with({one.number: one.differences() for one in outcomes})


def test_most_steps_agree(outcomes: list[Outcome]) -> None:
    agreeing = [one for one in outcomes if not one.differences()]
    assert len(outcomes) > 280
    assert len(agreeing) > 200
    assert sum(len(events) for one in agreeing for events in one.got.values()) > 600
    assert len({event["event"] for one in agreeing for events in one.got.values() for event in events}) > 35


def _frame(name: str, data: Any) -> Any:
    return {"event": name, "data": data, "broadcast": {}}


def test_a_missing_event_a_missing_key_and_a_wrong_listener_are_differences() -> None:
    recorded = {"m": "GET", "status": 200, "got": {"ann": [event_shape(_frame("typing", {"user_id": "u"}))]}}
    same = {"ann": [event_shape(_frame("typing", {"user_id": "other"}))]}
    assert Outcome(0, recorded, 200, same).differences() == []
    wrong: list[tuple[int, dict[str, Any]]] = [
        (403, same),
        (200, {}),
        (200, {**same, "bob": same["ann"]}),
        (200, {"ann": [event_shape(_frame("typing", {}))]}),
        (200, {"ann": [event_shape(_frame("typing", {"user_id": "u", "x": 1}))]}),
        (200, {"ann": [event_shape(_frame("hello", {"user_id": "u"}))]}),
    ]
    for status, got in wrong:
        assert Outcome(0, recorded, status, got).differences() != []


def test_a_shape_keeps_keys_and_ids_and_unfolds_json() -> None:
    one_id = "a" * 26
    value = {
        "post": '{"id":"' + one_id + '","n":[{"x":1},{"y":2}]}',
        "text": "{no json",
        "flag": True,
        "no": None,
    }
    assert shape(value) == {
        "post": {"(json)": {"id": one_id, "n": [{"x": "int"}]}},
        "text": "str",
        "flag": "bool",
        "no": "NoneType",
    }


def test_the_importer_puts_events_behind_their_action() -> None:
    text = '{"event":"typing","data":{"user_id":"u"},"broadcast":{}}'
    recording = [
        {"k": "frame", "t_ms": 2, "listener": "ann", "opcode": 1, "frame": text},
        {"k": "section", "t_ms": 3, "name": "posts"},
        {"k": "rest", "t_ms": 3, "by": "ann", "m": "POST", "path": "/x", "status": 200, "dur_ms": 1},
        {"k": "frame", "t_ms": 4, "listener": "ann", "opcode": 1, "frame": text},
        {"k": "frame", "t_ms": 5, "listener": "ann", "opcode": 10, "frame": ""},
        {"k": "rest", "t_ms": 1, "by": "ann", "m": "GET", "path": "/y", "status": 200, "dur_ms": 1},
    ]
    found = unpack(pack(steps(recording)))
    assert [one.get("path") or one["connect"] for one in found] == ["/y", "all", "/x"]
    assert [len(one["got"].get("ann", [])) for one in found] == [0, 1, 1]
    assert pack(steps(recording)) == pack(steps(recording))
