"""Frames of websocket events as the server writes them, and what is to be found in them again."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from matterapi.testing.catalogue.events import EventEntry, bundled
from matterapi.testing.catalogue.samples import sample
from tests.fixtures.import_recorded_events import FIXTURE, unpack

Json = dict[str, Any]

BROADCAST: Json = {
    "omit_users": None,
    "user_id": "",
    "channel_id": "c" * 26,
    "team_id": "",
    "connection_id": "",
    "omit_connection_id": "",
}


def spaced(event: str, data: Any, broadcast: Any = BROADCAST, seq: Any = 5, **more: Any) -> bytes:
    """A frame as the server writes it once for all its recipients."""
    parts = {"event": event, "data": data, "broadcast": broadcast, "seq": seq, **more}
    return f"{{{', '.join(f'{json.dumps(key)}: {_inner(value)}' for key, value in parts.items())}}}".encode()


def compact(event: str, data: Any, broadcast: Any = BROADCAST, seq: Any = 5, **more: Any) -> bytes:
    """A frame as the server writes it for one recipient."""
    return (
        _inner({"event": event, "data": data, "broadcast": broadcast, "seq": seq, **more}) + "\n"
    ).encode()


ENCODINGS = (spaced, compact)


def _inner(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def folded(data: Json, texts: frozenset[str]) -> Json:
    """The data with JSON within JSON as text."""
    return {key: _inner(value) if key in texts else value for key, value in data.items()}


@cache
def schemas() -> Json:
    path = files("matterapi.testing.catalogue").joinpath("operations.json")
    found: Json = json.loads(path.read_bytes())["schemas"]
    return found


def sample_data(entry: EventEntry) -> Json:
    """A value for each field that an event can have, JSON within JSON as it is."""
    return {key: sample(field.type, schemas(), key) for key, field in entry.fields.items()}


SAMPLES: dict[str, Json] = {name: sample_data(entry) for name, entry in bundled().items()}

_VALUES: Json = {"str": "text <&> 漢字", "int": 1, "float": 1.5, "bool": True, "NoneType": None}


def recorded() -> list[Json]:
    """The distinct events that a real server sent, JSON within JSON as it is.

    Of most values only the types were kept; they have values again.
    """
    found: dict[str, Json] = {}
    for step in unpack(FIXTURE.read_bytes()):
        for events in step["got"].values():
            for shape in events:
                found.setdefault(json.dumps(shape), shape)
    return [
        {"event": one["event"], "data": _valued(one["data"]), "broadcast": _valued(one["broadcast"])}
        for one in found.values()
    ]


def _valued(shape: Any) -> Any:
    if isinstance(shape, dict):
        if shape.keys() == {"(json)"}:
            return _valued(shape["(json)"])
        return {key: _valued(one) for key, one in shape.items()}
    if isinstance(shape, list):
        return [_valued(one) for one in shape]
    return _VALUES.get(shape, shape)
