"""From the bytes of a frame to the event's instance."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import NoneType
from typing import Any, NamedTuple, cast, get_args

import orjson
from pydantic import BaseModel

from matterapi._core import JsonTooLargeError, check_room
from matterapi.decoding.lenient import salvage
from matterapi.decoding.model_fields import json_names, largest_model
from matterapi.decoding.plain_json import parse_json
from matterapi.decoding.schema import compact, decoder_for
from matterapi.logs import library_logger

from .catalog import HOMES
from .event import Arrival, Event, PluginEvent, UnknownEvent, arrive
from .frame_value import MAX_EVENT_SIZE, frame_value

logger: logging.Logger = library_logger("matterapi")

_EXACT = (str, int, bool)
_PLUGIN = "custom_"

# What pydantic keeps beside the fields of an instance; written past the code that watches assignments.
_set_fields = vars(BaseModel)["__dict__"].__set__
_set_names = vars(BaseModel)["__pydantic_fields_set__"].__set__
_set_extra = vars(BaseModel)["__pydantic_extra__"].__set__
_make = cast("Callable[[type[Event]], Event]", object.__new__)

MAX_SHAPES = 64
"""Sets of keys for which the way of reading a class is kept; the server has about three of them."""

_Read = Callable[[Any], Any]
_Step = tuple[str, str, type | None, _Read | None]
"""A key of the data, the attribute, the one type that its values have if it is plain, else what makes the
value, or `NotImplemented` if it does not fit."""


class _Shape(NamedTuple):
    """How data with certain keys is read.

    Attributes:
        steps: One for each key that the class declares.
        names: The attributes that come, shared by the instances.
        extra: The other keys.
        is_whole: Whether nothing that the class requires is missing.
    """

    steps: tuple[_Step, ...]
    names: frozenset[str]
    extra: tuple[str, ...]
    is_whole: bool


class _Plan(NamedTuple):
    """What making instances of a class needs.

    Attributes:
        event: The class.
        steps: By the keys of the data.
        required: The attributes that have no default.
        defaults: What the others have, in the order of the class, with a place for the required ones.
        shapes: By the keys that came.
        largest: Bytes of the largest model in it.
    """

    event: type[Event]
    steps: dict[str, _Step]
    required: frozenset[str]
    defaults: dict[str, Any]
    shapes: dict[tuple[str, ...], _Shape]
    largest: int


def read_event(frame: bytes, received_at: float) -> Event | None:
    """The event of a frame.

    What does not fit the event's class is kept as it came, and what is missing is `None`; both are logged
    once.

    Args:
        frame: As the server sent it. The event keeps it, for `Event.raw`.
        received_at: When it came, in seconds since 1970.

    Returns:
        `None` for what is no event: replies, what is no JSON object, and what would take more than
        `MAX_EVENT_SIZE` bytes of memory, which is logged.
    """
    try:
        value = frame_value(frame)
    except JsonTooLargeError as error:
        _tell_once(
            "too large", "A websocket frame of %d bytes is too large (%s) and was left out", len(frame), error
        )
        return None
    if type(value) is not dict or type(name := value.get("event")) is not str:
        return None
    data = value.get("data")
    event = _of_catalogue(name, data, frame) if name in HOMES else _of_others(name, data)
    seq = value.get("seq")
    arrival = Arrival(
        received_at,
        seq if type(seq) is int else None,
        value.get("broadcast"),
        value.get("recovered") is True,
        frame,
    )
    arrive(event, arrival)
    return event


def _of_others(name: str, data: Any) -> Event:
    """An event whose data nobody has described."""
    declared = PluginEvent if name.startswith(_PLUGIN) else UnknownEvent
    if data is None or type(data) is dict:
        return declared.model_construct(name=name, data=data or {})
    return salvage(declared, {"name": name, "data": data}, name)


def _of_catalogue(name: str, data: Any, frame: bytes) -> Event:
    plan = _plan(name)
    if type(data) is not dict:
        if data is not None:
            _tell_once(
                f"{name} data",
                "%s.data: the server sent %s where an object is declared; `raw` has it",
                plan.event.__name__,
                type(data).__name__,
            )
        data = {}
    return _fitting(plan, data) or _salvaged(plan, data, frame)


def _fitting(plan: _Plan, data: dict[str, Any]) -> Event | None:
    """The event, if all of its data is what the class declares."""
    keys = tuple(data)
    steps, names, extra, is_whole = plan.shapes.get(keys) or _shape(plan, keys)
    if not is_whole:
        return None
    values = plan.defaults.copy()
    for key, name, exact, read in steps:
        value = data[key]
        if read is not None:
            value = read(value)
            if value is NotImplemented:
                return None
        elif type(value) is not exact:
            return None
        values[name] = value
    return _instance(plan, values, names, {key: data[key] for key in extra} if extra else None)


def _shape(plan: _Plan, keys: tuple[str, ...]) -> _Shape:
    steps = tuple(plan.steps[key] for key in keys if key in plan.steps)
    extra = tuple(key for key in keys if key not in plan.steps)
    names = {name for _, name, _, _ in steps}
    shape = _Shape(steps, frozenset(names.union(extra)), extra, plan.required <= names)
    if len(plan.shapes) < MAX_SHAPES:
        plan.shapes[keys] = shape
    return shape


def _salvaged(plan: _Plan, data: dict[str, Any], frame: bytes) -> Event:
    """The event as far as its data fits."""
    try:
        check_room(frame, MAX_EVENT_SIZE, plan.largest)
    except JsonTooLargeError as error:
        name = plan.event.__name__
        _tell_once(f"{name} size", "%s: the data is kept as it came, it is too large (%s)", name, error)
        return _kept(plan, data)
    texts = plan.event.JSON_TEXTS
    unfolded = {key: _unfolded(plan, value) if key in texts else value for key, value in data.items()}
    return salvage(plan.event, unfolded, plan.event.NAME)


def _kept(plan: _Plan, data: dict[str, Any]) -> Event:
    """The event with its data as it came."""
    steps, names, extra, _ = _shape(plan, tuple(data))
    values = plan.defaults | {name: data[key] for key, name, _, _ in steps}
    return _instance(plan, values, names, {key: data[key] for key in extra})


def _instance(
    plan: _Plan, values: dict[str, Any], names: frozenset[str], extra: dict[str, Any] | None
) -> Event:
    event = _make(plan.event)
    _set_fields(event, values)
    # Both are completed when somebody reads them, as those of all decoded models (`bases.late_slots`).
    _set_names(event, names)
    if extra:
        _set_extra(event, extra)
    return event


def _unfolded(plan: _Plan, text: Any) -> Any:
    """The value of a JSON text, or the text if it has none or too much."""
    if type(text) is not str:
        return text
    try:
        content = text.encode()
        check_room(content, MAX_EVENT_SIZE, plan.largest)
        return parse_json(content, MAX_EVENT_SIZE)
    except ValueError:
        return text


@cache
def _plan(name: str) -> _Plan:
    module, class_name = HOMES[name]
    event: type[Event] = getattr(import_module(f"matterapi.events.catalog.{module}"), class_name)
    event.model_rebuild()
    fields = event.model_fields
    return _Plan(
        event,
        {
            key: (key, attribute, *_way(field.annotation, key in event.JSON_TEXTS))
            for attribute, field in fields.items()
            for key in json_names(attribute, field)
        },
        frozenset(attribute for attribute, field in fields.items() if field.is_required()),
        compact(
            {attribute: None if field.is_required() else field.default for attribute, field in fields.items()}
        ),
        {},
        largest_model(event),
    )


def _way(declared: Any, is_text: bool) -> tuple[type | None, _Read | None]:
    """The one type of a plain value, or else what reads it."""
    kinds = (
        [one for one in get_args(declared) if one is not NoneType]
        if NoneType in get_args(declared)
        else [declared]
    )
    if not is_text and kinds[0] in _EXACT:
        return kinds[0], None
    decode = decoder_for(declared).decode

    def read_text(value: Any) -> Any:
        if type(value) is not str:
            return NotImplemented
        try:
            return decode(value.encode(), MAX_EVENT_SIZE)
        except JsonTooLargeError:
            return NotImplemented

    def read_value(value: Any) -> Any:
        try:
            return decode(orjson.dumps(value), MAX_EVENT_SIZE)
        except (JsonTooLargeError, orjson.JSONEncodeError):
            # Numbers of more than 64 bits are written by nobody but Python.
            return NotImplemented

    return None, read_text if is_text else read_value


_told: set[str] = set()


def _tell_once(subject: str, message: str, *details: Any) -> None:
    if subject not in _told:
        _told.add(subject)
        logger.warning(message, *details)
