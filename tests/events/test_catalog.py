"""A class for each event of the catalogue, and what all of them have in common."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any

import pytest
from pydantic import BaseModel

from matterapi import events
from matterapi.decoding.schema import decoder_for, describe
from matterapi.events import (
    AsyncEventStream,
    Broadcast,
    CaughtUp,
    Checkpoint,
    Connected,
    Disconnected,
    Event,
    GapNotice,
    PluginEvent,
    Pong,
    Posted,
    SlowConsumer,
    SQLiteCheckpoint,
    StreamCounters,
    SyncEventStream,
    Typing,
    UnknownEvent,
)
from matterapi.events.catalog import HOMES
from matterapi.events.typed import read_event
from matterapi.models import Post
from matterapi.testing.catalogue.events import bundled
from tests.support.event_frames import BROADCAST, spaced

CATALOGUE: dict[str, dict[str, Any]] = {
    name: entry["data"]
    for name, entry in json.loads(
        files("matterapi.testing.catalogue").joinpath("events.json").read_bytes()
    ).items()
}
COMMON = {"seq", "broadcast", "recovered", "received_at", "raw"}
CLASSES: dict[str, type[Event]] = {name: getattr(events, home[1]) for name, home in HOMES.items()}
OF_THE_LIBRARY = [Connected, Disconnected, CaughtUp, GapNotice, SlowConsumer, UnknownEvent, PluginEvent]


def test_every_event_of_the_catalogue_has_a_class_and_no_two_have_one() -> None:
    assert CLASSES.keys() == bundled().keys()
    assert len(set(CLASSES.values())) == len(CLASSES) == 89
    assert {cls.NAME: cls for cls in CLASSES.values()} == CLASSES


def test_all_classes_are_shown_by_the_package() -> None:
    shown = {getattr(events, name) for name in events.__all__}
    beside = {AsyncEventStream, Checkpoint, Pong, SQLiteCheckpoint, StreamCounters, SyncEventStream}
    assert shown == {*CLASSES.values(), *OF_THE_LIBRARY, Event, Broadcast, *beside}
    assert {*events.__all__} <= {*dir(events)}
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        events.Nonsense  # noqa: B018


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_fields_of_the_catalogue(name: str) -> None:
    entry, cls = bundled()[name], CLASSES[name]
    keys = {field.alias or attribute for attribute, field in cls.model_fields.items()}
    assert keys == entry.fields.keys()
    assert {key for key, field in entry.fields.items() if field.is_text} == cls.JSON_TEXTS
    assert [attribute for attribute in cls.model_fields if attribute != attribute.lower()] == []
    assert len(inspect.getdoc(cls) or "") > 60


@pytest.mark.parametrize("cls", [*CLASSES.values(), *OF_THE_LIBRARY], ids=lambda cls: cls.__name__)
def test_no_field_has_the_name_of_what_every_event_has(cls: type[Event]) -> None:
    assert {*cls.model_fields} & {*dir(Event)} == set()
    assert {*dir(cls)} >= COMMON


@pytest.mark.parametrize("cls", [*CLASSES.values(), *OF_THE_LIBRARY], ids=lambda cls: cls.__name__)
def test_the_core_can_make_instances_of_every_class(cls: type[Event]) -> None:
    kind, _, _ = describe(cls)
    assert kind == "model"


def test_an_instance_of_the_core_keeps_data_apart_from_what_every_event_has() -> None:
    body = b'{"parent_id":"","user_id":"u","seq":7,"raw":{"a":1},"recovered":true,"_arrival":1}'
    event = decoder_for(Typing).decode(body)
    assert type(event) is Typing
    assert (event.seq, event.raw, event.recovered, event.broadcast) == (None, {}, False, None)
    assert event.model_extra == {"seq": 7, "raw": {"a": 1}, "recovered": True, "_arrival": 1}


def test_only_what_a_catch_up_cannot_know_or_the_server_leaves_out_may_be_none() -> None:
    required = {name for name, field in Posted.model_fields.items() if field.is_required()}
    assert required == {"post", "channel_type", "channel_name", "team_id"}
    assert Posted.model_fields["sender_name"].annotation == str | None
    for name, cls in CLASSES.items():
        if name != "posted":
            always = {field.alias or key for key, field in cls.model_fields.items() if field.is_required()}
            assert always == {key for key, one in CATALOGUE[name].items() if one["required"]}, name


def test_an_event_that_somebody_made_came_now_and_from_nobody() -> None:
    before = datetime.now(timezone.utc)
    event = Posted(post=Post(message="hi"), channel_type="O", channel_name="town-square", team_id="t")
    assert (event.seq, event.broadcast, event.recovered, event.raw) == (None, None, False, {})
    assert before <= event.received_at <= datetime.now(timezone.utc)
    assert event.received_at == event.received_at
    assert event.received_at.utcoffset() == timedelta(0)


def test_the_events_of_the_stream_have_their_fields() -> None:
    assert Connected(resumed=True, server_version="11.2.0").resumed
    assert Disconnected(reason="reset", retry_in=0.5).retry_in == 0.5
    assert CaughtUp(posted=1, edited=2, deleted=3, channels=4).channels == 4
    assert GapNotice(channel_id="c", since=1, until=2, kind="edits").kind == "edits"
    assert SlowConsumer(depth=1, size=2, paused=False).size == 2
    assert {cls.NAME for cls in OF_THE_LIBRARY} == {""}


def test_what_every_event_has_cannot_be_set() -> None:
    event = Typing(parent_id="", user_id="u")
    for name in COMMON:
        with pytest.raises(AttributeError):
            setattr(event, name, None)


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, BaseModel.model_copy, lambda event: pickle.loads(pickle.dumps(event))],  # noqa: S301
    ids=["copy", "deepcopy", "model_copy", "pickle"],
)
def test_a_copy_came_as_the_event_did(copied: object) -> None:
    frame = spaced("typing", {"parent_id": "", "user_id": "u", "new": 1}, recovered=True)
    event = read_event(frame, 1_700_000_000.25)
    assert event is not None
    for one in (event, copied(event)):  # type: ignore[operator]
        assert type(one) is Typing
        assert one == event
        assert (one.seq, one.recovered, one.received_at.timestamp()) == (5, True, 1_700_000_000.25)
        assert one.broadcast == Broadcast.model_validate(BROADCAST | {"omit_users": {}})
        assert one.raw["data"] == {"parent_id": "", "user_id": "u", "new": 1}
        assert one.model_extra == {"new": 1}


def test_a_copy_of_an_event_that_somebody_made_came_with_it() -> None:
    event = Typing(parent_id="", user_id="u")
    assert copy.copy(event).received_at == event.received_at


def test_a_class_loads_its_topic_only() -> None:
    code = "from matterapi.events import Posted; import sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    found = {name for name in done.stdout.split() if name.startswith("matterapi.events.catalog.")}
    assert found == {"matterapi.events.catalog.posts"}
