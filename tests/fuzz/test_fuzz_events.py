"""A short run of the fuzzing of events, and that it sees what it is there for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from matterapi.events.typed import DECODER, judge_event
from tests.fuzz import fuzz_events
from tests.fuzz.fuzz_events import NOW, complaint, frames, make_case, work


def test_a_short_run_of_damaged_frames_finds_nothing() -> None:
    outcomes = list(work(11, iter(range(150))))
    assert [outcome.finding for outcome in outcomes if outcome.finding] == []
    sorts = Counter(outcome.sort for outcome in outcomes)
    assert sorts["read by the core"] > 10
    assert sorts["left to Python"] > 10


def test_a_case_follows_from_the_seed_and_its_number() -> None:
    assert make_case(1, 7) == make_case(1, 7)
    assert len({make_case(1, number) for number in range(20)}) > 15


class Wrong:
    """A decoder that reads another frame than the one it is given."""

    def __init__(self, frame: bytes) -> None:
        self._event = DECODER.decode(frame, NOW)

    def decode(self, frame: bytes, received_at: float) -> Any:
        return self._event


def test_an_event_that_is_not_pythons_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    one = b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "broadcast": {}, "seq": 1}'
    assert complaint(one) == ("read by the core", None)
    for other in (
        one.replace(b'"u"', b'"v"'),
        one.replace(b"1}", b"2}"),
        one.replace(b"{}", b'{"user_id":"u"}'),
    ):
        monkeypatch.setattr(fuzz_events, "DECODER", Wrong(other))
        _, found = complaint(one)
        assert found, other


def test_what_the_standard_library_reads_otherwise_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = frames()[0]
    monkeypatch.setattr(fuzz_events, "read_event", lambda *_: None)
    assert complaint(frame)[1] == "it is an event, and was left out"
    event = judge_event(frame, NOW)
    monkeypatch.setattr(fuzz_events, "read_event", lambda *_: event)
    monkeypatch.setattr(fuzz_events, "judge_event", lambda *_: event)
    assert "it has no name" in (complaint(b'{"data": {}}')[1] or "")
    assert "it is no JSON" in (complaint(b"{")[1] or "")
    assert "raw is" in (complaint(frame.replace(b'"data"', b'"dato"'))[1] or "")
