"""The core's way from a frame to its event is Python's, where the core goes it at all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from matterapi._core import EventDecoder, ModelSchema
from matterapi.decoding.schema import schema_of
from matterapi.events import Connected, Event, Posted, Typing, buffer, typed
from matterapi.events.buffer import EventBuffer
from matterapi.events.catalog import HOMES
from matterapi.events.event import arrival_of, arrive
from matterapi.events.frame_value import MAX_EVENT_SIZE
from matterapi.events.typed import DECODER, judge_event
from tests.events.test_typed import RECORDED, posted, texts_of
from tests.support.effort import usually
from tests.support.event_frames import ENCODINGS, folded, spaced

NOW = 1_700_000_000.5
MUTATIONS = usually(4_000, 100_000)


def frames() -> Iterator[tuple[str, bytes]]:
    for encode in ENCODINGS:
        for one in RECORDED:
            if one["event"] in HOMES:
                data = folded(one["data"] or {}, texts_of(one["event"]))
                yield one["event"], encode(one["event"], data, one["broadcast"])


NAMED = list(frames())
FRAMES = [frame for _, frame in NAMED]


def shown(event: Event) -> Any:
    arrival = arrival_of(event)
    return type(event), event.model_dump(mode="json"), event.model_fields_set, tuple(arrival), event.broadcast


def test_most_recorded_frames_are_read_by_the_core() -> None:
    judged = [DECODER.decode(frame, NOW) for frame in FRAMES]
    assert sum(event is NotImplemented for event in judged) < len(FRAMES) / 20


@pytest.mark.parametrize("name", sorted({name for name, _ in NAMED}))
def test_a_recorded_frame_is_the_same_event_for_both(name: str) -> None:
    for frame in (frame for named, frame in NAMED if named == name):
        event = DECODER.decode(frame, NOW)
        python = judge_event(frame, NOW)
        assert python is not None, frame
        assert event is NotImplemented or shown(event) == shown(python), frame


def mutated(frame: bytes, rng: random.Random) -> bytes:
    """The frame with a few bytes changed, taken out, put in or moved."""
    text = bytearray(frame)
    for _ in range(rng.randrange(1, 4)):
        place, size = rng.randrange(len(text)), rng.randrange(1, 9)
        piece = bytes(text[place : place + size])
        match rng.randrange(5):
            case 0:
                text[place] = rng.randrange(256)
            case 1:
                del text[place : place + size]
            case 2:
                text[place:place] = piece
            case 3:
                text[place:place] = rng.choice([b"null", b'"seq":7,', b'"', b"{}", b"[", b"1e9", b"\\u00e4"])
            case _:
                other = rng.randrange(len(text))
                text[other : other + size] = piece
    return bytes(text)


def test_a_damaged_frame_is_the_same_event_for_both_or_left_to_python() -> None:
    rng = random.Random(20261130)  # noqa: S311 - a repeatable choice, no secret
    read = 0
    for _ in range(MUTATIONS):
        frame = mutated(rng.choice(FRAMES), rng)
        event = DECODER.decode(frame, NOW)
        if event is not NotImplemented:
            read += 1
            python = judge_event(frame, NOW)
            assert python is not None, frame
            assert shown(event) == shown(python), frame
    assert read > MUTATIONS / 20


def test_a_schema_that_was_prepared_is_not_asked_for_with_the_first_frame() -> None:
    asked: list[str] = []

    def describe(name: str) -> ModelSchema:
        asked.append(name)
        return schema_of(Typing)

    decoder = EventDecoder(describe, arrive, MAX_EVENT_SIZE)
    decoder.prepare("typing")
    assert asked == ["typing"]
    frame = b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "broadcast": null, "seq": 1}'
    assert type(decoder.decode(frame, NOW)) is Typing
    assert asked == ["typing"]


def test_a_stream_gets_its_classes_ready_before_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def describe(name: str) -> ModelSchema:
        asked.append(name)
        return schema_of(Typing)

    monkeypatch.setattr(buffer, "DECODER", EventDecoder(describe, arrive, MAX_EVENT_SIZE))
    EventBuffer((Typing, Connected))
    assert asked == ["typing"]


@pytest.mark.parametrize(
    "frame",
    [
        b'{"data": {}, "event": "typing", "broadcast": null, "seq": 1}',
        b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "seq": 1, "seq": 2}',
        b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "event": "posted"}',
        b'{"event": "typing", "data": null, "broadcast": null, "seq": 1}',
        b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "seq": 1.5}',
        b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}, "broadcast": [], "seq": 1}',
        b'{"event": "custom_a_b", "data": {}, "broadcast": null, "seq": 1}',
        b'{"event": "typing", "data": {"user_id": "u", "parent_id": ""}}x',
        b'{"status": "OK", "seq_reply": 1}',
        b"[]",
        b"\xff",
        b"",
    ],
)
def test_what_is_not_as_the_server_writes_it_is_left_to_python(frame: bytes) -> None:
    assert DECODER.decode(frame, NOW) is NotImplemented


def test_an_event_fetched_over_rest_says_so() -> None:
    frame = spaced("posted", posted(), recovered=True, seq=None)
    event = DECODER.decode(frame, NOW)
    assert isinstance(event, Posted)
    assert event.recovered
    assert event.seq is None


def test_a_number_that_python_does_not_read_costs_an_event_no_more_than_its_frame() -> None:
    frame = spaced("posted", posted(), broadcast={"x": 0}).replace(b'"x":0', b'"x":' + b"1" * 5000)
    event = DECODER.decode(frame, NOW)
    assert event.post.message == DECODER.decode(spaced("posted", posted()), NOW).post.message
    assert event.raw == {}
    assert event.broadcast is None


@pytest.mark.parametrize("null", [None, "null"])
def test_null_stands_for_an_empty_list_within_a_text_and_in_its_place(null: str | None) -> None:
    frame = spaced("sidebar_category_updated", {"updatedCategories": null})
    event = DECODER.decode(frame, NOW)
    assert event.updated_categories == []
    assert shown(event) == shown(judge_event(frame, NOW))  # type: ignore[arg-type]


def test_two_posts_are_never_one_object() -> None:
    first, second = (DECODER.decode(spaced("posted", posted()), NOW) for _ in range(2))
    assert first.post is not second.post


def test_a_name_is_described_once() -> None:
    asked: list[str] = []

    def describe(name: str) -> None:
        asked.append(name)

    decoder = EventDecoder(describe, lambda _event, _arrival: None, MAX_EVENT_SIZE)
    for _ in range(3):
        assert decoder.decode(spaced("posted", posted()), NOW) is NotImplemented
    assert asked == ["posted"]


def test_a_description_that_is_none_is_an_error_and_so_is_one_that_fails() -> None:
    def fail(name: str) -> Any:
        raise LookupError(name)

    for describe, error in ((lambda _: 5, TypeError), (fail, LookupError)):
        decoder = EventDecoder(describe, lambda _event, _arrival: None, MAX_EVENT_SIZE)  # type: ignore[arg-type,return-value]
        with pytest.raises(error):
            decoder.decode(spaced("posted", posted()), NOW)


def test_a_frame_with_too_much_in_it_is_left_to_python() -> None:
    decoder = EventDecoder(typed._describe, lambda _event, _arrival: None, 1000)
    assert decoder.decode(spaced("posted", posted()), NOW) is NotImplemented
