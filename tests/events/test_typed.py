"""From frames to events: nothing is lost, whatever the server sends."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from matterapi import events
from matterapi.decoding import lenient
from matterapi.events import (
    Broadcast,
    Event,
    PluginEvent,
    PostDeleted,
    Posted,
    Typing,
    UnknownEvent,
    UserUpdated,
    typed,
)
from matterapi.events.catalog import HOMES
from matterapi.events.frame_value import MAX_EVENT_SIZE
from matterapi.events.typed import read_event
from matterapi.models import Post, User
from tests.support.always_sent import lacking
from tests.support.event_frames import BROADCAST, ENCODINGS, SAMPLES, compact, folded, recorded, spaced
from tests.support.recorded import without_null_lists

Encode = Callable[..., bytes]
NOW = 1_700_000_000.5
POST = {"id": "p", "message": 'a "b" <c> \u2028', "props": {"from_bot": "true"}, "file_ids": []}
NAMES = {
    "channel_type": "O",
    "channel_display_name": "Town Square",
    "channel_name": "town-square",
    "sender_name": "@ann",
    "team_id": "t",
    "set_online": True,
}
RECORDED = recorded()


@pytest.fixture(autouse=True)
def _nothing_told_yet() -> Iterator[None]:
    lenient._reported.clear()
    typed._told.clear()
    yield
    lenient._reported.clear()
    typed._told.clear()


def read(frame: bytes) -> Event:
    event = read_event(frame, NOW)
    assert event is not None
    return event


def dumped(event: Event) -> Any:
    """The data of an event by the server's names, JSON within JSON as it is."""
    return event.model_dump(mode="json", by_alias=True, exclude_unset=True)


def addressed(event: Event) -> Any:
    assert event.broadcast is not None
    return event.broadcast.model_dump(exclude_unset=True)


def posted(post: Any = POST, **more: Any) -> dict[str, Any]:
    return {"post": post if isinstance(post, str) else json.dumps(post), **NAMES, **more}


def texts_of(name: str) -> frozenset[str]:
    found: frozenset[str] = getattr(events, HOMES[name][1]).JSON_TEXTS
    return found


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize("name", SAMPLES)
def test_an_event_with_all_of_its_fields_becomes_its_class_and_loses_nothing(
    name: str, encode: Encode
) -> None:
    data = SAMPLES[name] | {"of tomorrow": {"a": [1]}}
    event = read(encode(name, folded(data, texts_of(name)), seq=7))
    assert type(event) is getattr(events, HOMES[name][1])
    found = dumped(event)
    assert found == without_null_lists(data, found)
    assert event.seq == 7
    assert event.raw["data"] == folded(data, texts_of(name))


@pytest.mark.parametrize("encode", ENCODINGS)
def test_a_recorded_event_becomes_its_class_and_loses_nothing(encode: Encode) -> None:
    assert len(RECORDED) > 380
    for one in RECORDED:
        name = one["event"]
        if name in HOMES:
            event = read(encode(name, folded(one["data"], texts_of(name)), one["broadcast"]))
            assert type(event) is getattr(events, HOMES[name][1])
            found = dumped(event)
            assert found == without_null_lists(one["data"], found)
            assert list(lacking([vars(event)])) == [], name
        else:
            event = read(encode(name, one["data"], one["broadcast"]))
            assert dumped(event) == {"name": name, "data": one["data"] or {}}
        assert addressed(event) == without_null_lists(one["broadcast"], addressed(event))


def test_the_recorded_events_are_of_more_than_50_classes() -> None:
    assert len({one["event"] for one in RECORDED if one["event"] in HOMES}) > 50


def test_a_post_is_read_by_the_fast_way_and_typed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(typed, "salvage", None)
    data = posted(mentions='["u"]', followers='["u"]', should_ack=True, otherFile="true", image="true")
    event = read(compact("posted", data))
    assert isinstance(event, Posted)
    assert isinstance(event.post, Post)
    assert event.post.message == POST["message"]
    assert event.post.props is not None
    assert event.post.props["from_bot"] == "true"
    assert event.mentions == event.followers == ["u"]
    assert (event.channel_name, event.other_file, event.should_ack) == ("town-square", "true", True)
    assert event.model_fields_set == {
        *NAMES,
        "post",
        "mentions",
        "followers",
        "should_ack",
        "other_file",
        "image",
    }
    assert caplog.records == []


def test_a_permalink_is_a_kind_of_embed_that_is_known(caplog: pytest.LogCaptureFixture) -> None:
    event = read(spaced("posted", posted({"metadata": {"embeds": [{"type": "permalink", "data": {}}]}})))
    assert dumped(event)["post"] == {"metadata": {"embeds": [{"type": "permalink", "data": {}}]}}
    assert caplog.records == []


def test_an_object_that_is_no_text_is_typed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "salvage", None)
    event = read(spaced("user_updated", {"user": {"username": "ann", "new": 1}}))
    assert isinstance(event, UserUpdated)
    assert isinstance(event.user, User)
    assert (event.user.username, event.user.model_extra) == ("ann", {"new": 1})


def test_what_travels_beside_the_data_is_read() -> None:
    broadcast = BROADCAST | {"omit_users": {"u": True}, "contains_sanitized_data": True, "new": 1}
    frame = spaced("typing", {"parent_id": "", "user_id": "u"}, broadcast, 12, recovered=True)
    event = read(frame)
    assert (event.seq, event.recovered) == (12, True)
    assert event.received_at == datetime.fromtimestamp(NOW, timezone.utc)
    assert isinstance(event.broadcast, Broadcast)
    assert addressed(event) == broadcast
    assert event.broadcast is event.broadcast
    assert event.raw == json.loads(frame)
    assert event.raw is not event.raw


@pytest.mark.parametrize(
    "frame",
    [
        b'{"event":"typing"}',
        b'{"event":"typing","data":null,"broadcast":null,"seq":null}',
        b'{"event":"typing","data":{},"seq":"5","recovered":1}',
        b'{"event":"typing","data":{},"seq":true,"recovered":"true"}',
        b'{"event":"typing","data":{},"seq":1.5}',
    ],
)
def test_what_is_missing_or_odd_beside_the_data_counts_as_absent(frame: bytes) -> None:
    event = read(frame)
    assert type(event) is Typing
    assert (event.seq, event.broadcast, event.recovered, event.user_id) == (None, None, False, None)


def test_a_broadcast_that_is_no_object_is_kept_as_it_came() -> None:
    assert read(spaced("typing", {"parent_id": "", "user_id": "u"}, ["x"])).broadcast == ["x"]


def test_data_by_the_name_of_what_every_event_has_does_not_take_its_place() -> None:
    more = {
        "seq": 99,
        "raw": 1,
        "broadcast": "b",
        "received_at": 0,
        "recovered": True,
        "NAME": "x",
        "_arrival": 2,
    }
    for data in (posted(**more), posted("no json", **more), SAMPLES["typing"] | more):
        name = "typing" if "parent_id" in data else "posted"
        event = read(spaced(name, data, seq=5))
        assert (event.seq, event.recovered, event.NAME) == (5, False, name)
        assert event.received_at.timestamp() == NOW
        assert addressed(event) == BROADCAST | {"omit_users": {}}
        assert event.raw["seq"] == 5
        assert event.model_extra == more


@pytest.mark.parametrize(
    "frame",
    [
        b'{"status":"OK","seq_reply":1}',
        b'{"status":"FAIL","error":{"message":"x"}}',
        b'{"event":null,"data":{}}',
        b'{"event":5}',
        b'["event"]',
        b'"event"',
        b"null",
        b"",
        b"{",
        b'{"event":"typing"}{"event":"typing"}',
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_is_none(frame: bytes) -> None:
    assert read_event(frame, NOW) is None


@pytest.mark.parametrize("encode", ENCODINGS)
@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("custom_playbooks_playbook_run_updated", PluginEvent),
        ("custom_", PluginEvent),
        ("of_tomorrow", UnknownEvent),
        ("", UnknownEvent),
        ("Posted", UnknownEvent),
        ("authentication_challenge", UnknownEvent),
    ],
)
def test_events_without_a_class_have_name_and_data(name: str, cls: type[Event], encode: Encode) -> None:
    data = {"payload": '{"a":1}', "name": "x", "_fields_set": 1, "n": [1, None]}
    for given in (data, {}, None):
        event = read(encode(name, given, seq=3))
        assert type(event) is cls
        assert dumped(event) == {"name": name, "data": given or {}}
        assert (event.seq, event.raw["data"]) == (3, given)


@pytest.mark.parametrize("name", ["custom_a_b", "of_tomorrow"])
def test_data_that_is_no_object_is_kept_as_it_came(name: str, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        event = read(spaced(name, [1, 2]))
        assert event.data == [1, 2]  # type: ignore[attr-defined]
    assert len(caplog.records) == 1


def test_data_of_a_known_event_that_is_no_object_is_in_the_frame_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for _ in range(2):
        event = read(spaced("guests_deactivated", "text"))
        assert (type(event).__name__, event.raw["data"]) == ("GuestsDeactivated", "text")
    assert caplog.messages == [
        "GuestsDeactivated.data: the server sent str where an object is declared; `raw` has it"
    ]


@pytest.mark.parametrize(
    ("data", "attribute", "found"),
    [
        (posted("no json"), "post", "no json"),
        (posted("5"), "post", 5),
        (posted("[1]"), "post", [1]),
        (posted({"message": 5}) | {"channel_type": 5}, "channel_type", 5),
        (posted() | {"post": {"message": "m"}}, "post", Post(message="m")),
        (posted() | {"post": 5}, "post", 5),
        (posted(set_online={"a": 1}), "set_online", {"a": 1}),
        (posted(mentions="{}"), "mentions", {}),
        (posted(mentions=["u"]), "mentions", ["u"]),
        (posted(mentions="[5]"), "mentions", [5]),
        (posted(sender_name=None), "sender_name", None),
        (posted(channel_name=None), "channel_name", None),
    ],
)
def test_a_value_that_does_not_fit_is_kept_as_it_came_and_the_rest_is_read(
    data: dict[str, Any], attribute: str, found: Any
) -> None:
    event = read(spaced("posted", data, seq=8))
    assert type(event) is Posted
    assert getattr(event, attribute) == found
    assert (event.seq, event.team_id) == (8, "t")
    expected = {key: _unfolded(value) if key in Posted.JSON_TEXTS else value for key, value in data.items()}
    assert dumped(event) == expected


def _unfolded(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"post": "no json"}, "Posted.post: the server sent str where Post is declared"),
        ({"channel_type": ["x"]}, "Posted.channel_type: the server sent list where str is declared"),
        ({"set_online": 5}, "Posted.set_online: the server sent int where bool | None is declared"),
        ({"image": {}}, "Posted.image: the server sent dict where str | None is declared"),
    ],
)
def test_a_value_that_does_not_fit_is_logged_once(
    value: dict[str, Any], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        assert isinstance(read(spaced("posted", posted(**value))), Posted)
    assert caplog.messages == [f"{text}; the value is kept as it came"]


def test_what_the_server_always_sends_is_none_when_it_does_not_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    for data in ({"post": json.dumps(POST)}, {"post": json.dumps(POST)}, {}, None):
        event = read(spaced("posted", data))
        assert isinstance(event, Posted)
        assert event.channel_name is None
        assert event.set_online is None
        assert (dumped(event).keys() if data else set()) == {*(data or {})}
    assert event.post is None
    assert sorted(message.partition(":")[0] for message in caplog.messages) == [
        "Posted.channel_name",
        "Posted.channel_type",
        "Posted.post",
        "Posted.team_id",
    ]


def test_an_odd_value_in_a_post_costs_neither_the_post_nor_the_event() -> None:
    event = read(spaced("post_deleted", {"post": '{"id":"p","create_at":"late","message":"m"}'}))
    assert isinstance(event, PostDeleted)
    assert (event.post.id, event.post.create_at, event.post.message) == ("p", "late", "m")


def test_lone_surrogates_become_replacement_characters() -> None:
    inner = '{"message":"a\\ud83db"}'
    assert dumped(read(spaced("post_deleted", {"post": inner})))["post"] == {"message": "a\ufffdb"}
    frame = b'{"event":"show_toast","data":{"message":"a\\ud83db"},"seq":1}'
    assert dumped(read(frame)) == {"message": "a\ufffdb"}


def test_numbers_in_a_text_are_exact_at_any_size() -> None:
    post = {"props": {"n": 2**80}}
    assert dumped(read(spaced("posted", posted(post))))["post"] == post
    assert read(spaced("of_tomorrow", {"n": 2**64 - 1}, seq=2**62)).seq == 2**62


def test_hostile_keys_do_no_harm() -> None:
    keys = [
        "__class__",
        "__dict__",
        "_fields_set",
        "model_fields",
        "__pydantic_extra__",
        "self",
        "model_config",
    ]
    for data in (posted(**dict.fromkeys(keys, 1)), posted(5, **dict.fromkeys(keys, 1))):
        event = read(spaced("posted", data))
        assert type(event) is Posted
        assert event.model_extra == dict.fromkeys(keys, 1)
        assert (event.__class__, event.model_fields_set >= {"post"}) == (Posted, True)


def test_the_fields_of_one_event_are_not_those_of_another() -> None:
    first, second = (read(spaced("posted", posted())) for _ in range(2))
    assert isinstance(first, Posted)
    first.model_fields_set.add("other")
    first.channel_name = "changed"
    first.new = 1  # type: ignore[attr-defined]
    assert isinstance(second, Posted)
    assert second.channel_name == "town-square"
    assert second.model_fields_set == {*NAMES, "post"}
    assert second.model_extra == {}


def test_a_frame_whose_values_take_too_much_memory_is_left_out_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    nested = b"[],"
    frame = b'{"event":"of_tomorrow","data":{"a":[' + nested * (MAX_EVENT_SIZE // 60) + b'1]},"seq":1}'
    for _ in range(2):
        assert read_event(frame, NOW) is None
    assert [(record.levelno, record.name) for record in caplog.records] == [(logging.WARNING, "matterapi")]
    assert "too large" in caplog.text


def test_a_text_whose_values_take_too_much_memory_stays_a_text(caplog: pytest.LogCaptureFixture) -> None:
    text = '{"props":{"a":[' + "[]," * (MAX_EVENT_SIZE // 60) + "1]}}"
    event = read(spaced("posted", posted(text)))
    assert isinstance(event, Posted)
    assert event.post == text
    assert event.channel_name == "town-square"
    assert len(caplog.records) == 1


def test_objects_that_would_take_too_much_memory_as_models_are_kept_as_they_came(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # The first one is no status: it leaves the rest to Python, whose models take more than the core's.
    statuses: list[dict[str, Any]] = [{"state": "no number"}, *[{}] * 100_000]
    for _ in range(2):
        event = read(spaced("plugin_statuses_changed", {"plugin_statuses": statuses, "new": 1}, seq=9))
        assert dumped(event) == {"plugin_statuses": statuses, "new": 1}
        assert type(event.plugin_statuses[0]) is dict  # type: ignore[attr-defined]
        assert event.seq == 9
    assert len(caplog.records) == 1
    assert "PluginStatusesChanged: the data is kept as it came, it is too large" in caplog.text
