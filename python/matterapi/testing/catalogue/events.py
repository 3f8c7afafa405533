"""The events that a server can send, and what can be in them (events.json, generated)."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import orjson

from matterapi.testing.http.encoding import JsonObject, dumps_text

from .operations import TypeExpr

_PLUGIN_EVENT = re.compile(r"custom_[^_].*_.+")
_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "list": (list, tuple),
    "map": (dict,),
    "any": (object,),
}


@dataclass(frozen=True, slots=True)
class EventField:
    """A key of an event's data.

    Attributes:
        type: Its type, as in the catalogue of operations.
        is_text: Whether it is JSON within a JSON string.
    """

    type: TypeExpr
    is_text: bool

    @property
    def kind(self) -> str:
        """`str`, `int`, `bool`, `list`, `map` or `any`; a model is a map."""
        if isinstance(self.type, str):
            return self.type
        return "list" if "list" in self.type else "map"


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event of the catalogue.

    Attributes:
        since: First server version that has it.
        until: First version that has it no more; None for one that is still there.
        fields: What its data can hold.
    """

    since: str
    until: str | None
    fields: dict[str, EventField]


@cache
def bundled() -> dict[str, EventEntry]:
    """Return the events that come with the package, by name; read once per process."""
    raw = orjson.loads(files("matterapi.testing.catalogue").joinpath("events.json").read_bytes())
    return {
        name: EventEntry(
            entry["since"],
            entry["until"],
            {
                key: EventField(field_entry["type"], field_entry.get("json", False))
                for key, field_entry in entry["data"].items()
            },
        )
        for name, entry in raw.items()
    }


def checked_data(event: str, data: JsonObject | None, version: str) -> JsonObject | None:
    """Return the data of an event as it goes out: what is JSON within a string may be given as it is.

    Fields may be left out. Events of plugins, `custom_<plugin>_<name>`, hold whatever they like.

    Args:
        event: Event name.
        data: Its data; None for a null.
        version: Version of the server that sends it, like `11.2`.

    Raises:
        ValueError: The server of that version has no such event, or the event no such field or value.
    """
    if _PLUGIN_EVENT.fullmatch(event):
        _check_json(event, data)
        return data
    known = bundled().get(event)
    if known is None:
        raise ValueError(f"no event is called {event!r}; one of a plugin is called custom_<plugin>_<name>")
    if _numbers(known.since) > _numbers(version) or (
        known.until and _numbers(known.until) <= _numbers(version)
    ):
        span = f"from {known.since}" + (f" to before {known.until}" if known.until else "")
        raise ValueError(f"server {version} has no event {event!r}: it is there {span}")
    if data is None:
        return None
    _check_json(event, data)
    return {key: _checked_value(event, key, value, known) for key, value in data.items()}


def _checked_value(event: str, key: str, value: object, known: EventEntry) -> object:
    field = known.fields.get(key)
    if field is None:
        raise ValueError(f"event {event!r} has no field {key!r}; it has: {', '.join(known.fields) or 'none'}")
    if field.is_text:
        return _text(event, key, value, field)
    if not _fits(field.kind, value):
        raise ValueError(f"field {key!r} of event {event!r} is {field.kind}, not {type(value).__name__}")
    return value


def _text(event: str, key: str, value: object, field: EventField) -> str:
    if not isinstance(value, str):
        inner, text = value, dumps_text(value)
    else:
        text = value
        try:
            inner = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise ValueError(f"field {key!r} of event {event!r} holds JSON as text; this is none") from None
    if inner is not None and not _fits(field.kind, inner):
        raise ValueError(f"field {key!r} of event {event!r} holds a {field.kind} as JSON")
    return text


def _fits(kind: str, value: object) -> bool:
    if kind == "int" and isinstance(value, bool):
        return False
    return isinstance(value, _KINDS[kind])


def _check_json(event: str, data: object) -> None:
    if data is not None and not isinstance(data, dict):
        raise ValueError(f"the data of event {event!r} is a dict or None, not {type(data).__name__}")
    try:
        orjson.dumps(data)
    except orjson.JSONEncodeError as wrong:
        raise ValueError(f"the data of event {event!r} is no JSON: {wrong}") from None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])
