"""From the bytes of a frame to the event's instance.

The core makes the instance of what is exactly as its class says (`DECODER`). What is not, it leaves to
Python, which keeps it as it came.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import Any

from matterapi._core import EventDecoder, JsonTooLargeError, ModelSchema, check_room
from matterapi.decoding.lenient import salvage
from matterapi.decoding.model_fields import json_names, largest_model
from matterapi.decoding.plain_json import parse_json
from matterapi.decoding.schema import schema_of
from matterapi.logs import library_logger

from .catalog import HOMES
from .event import Arrival, Event, PluginEvent, UnknownEvent, arrive
from .frame_value import MAX_EVENT_SIZE, frame_value

logger: logging.Logger = library_logger("matterapi")

_PLUGIN = "custom_"


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
    event: Event | None = _decode(frame, received_at)
    return judge_event(frame, received_at) if event is NotImplemented else event


def judge_event(frame: bytes, received_at: float) -> Event | None:
    """As `read_event`, of a frame that is not what it should be, or that there is no class for."""
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
    arrive(
        event, Arrival(received_at, seq if type(seq) is int else None, value.get("recovered") is True, frame)
    )
    return event


def _of_others(name: str, data: Any) -> Event:
    """An event whose data nobody has described."""
    declared = PluginEvent if name.startswith(_PLUGIN) else UnknownEvent
    if data is None or type(data) is dict:
        return declared.model_construct(name=name, data=data or {})
    return salvage(declared, {"name": name, "data": data}, name)


def _of_catalogue(name: str, data: Any, frame: bytes) -> Event:
    declared = _class(name)
    if type(data) is not dict:
        if data is not None:
            _tell_once(
                f"{name} data",
                "%s.data: the server sent %s where an object is declared; `raw` has it",
                declared.__name__,
                type(data).__name__,
            )
        data = {}
    largest = largest_model(declared)
    try:
        check_room(frame, MAX_EVENT_SIZE, largest)
    except JsonTooLargeError as error:
        _tell_once(
            f"{name} size", "%s: the data is kept as it came, it is too large (%s)", declared.__name__, error
        )
        return declared.model_construct(**_by_attribute(declared, data))
    texts = declared.JSON_TEXTS
    unfolded = {key: _unfolded(value, largest) if key in texts else value for key, value in data.items()}
    return salvage(declared, unfolded, name)


def _unfolded(text: Any, largest: int) -> Any:
    """The value of a JSON text, or the text if it has none or too much."""
    if type(text) is not str:
        return text
    try:
        content = text.encode()
        check_room(content, MAX_EVENT_SIZE, largest)
        return parse_json(content, MAX_EVENT_SIZE)
    except ValueError:
        return text


def _by_attribute(declared: type[Event], data: dict[str, Any]) -> dict[str, Any]:
    """The data by the names that the class has for it."""
    fields = declared.model_fields
    names = {key: attribute for attribute, field in fields.items() for key in json_names(attribute, field)}
    missing = dict.fromkeys(attribute for attribute, field in fields.items() if field.is_required())
    return missing | {names.get(key, key): value for key, value in data.items()}


@cache
def _class(name: str) -> type[Event]:
    module, class_name = HOMES[name]
    declared: type[Event] = getattr(import_module(f"matterapi.events.catalog.{module}"), class_name)
    declared.model_rebuild()
    return declared


def _describe(name: str) -> ModelSchema | None:
    """What the core has to know to make events of a name; `None` for those that are not in the catalogue."""
    return schema_of(_class(name)) if name in HOMES else None


DECODER = EventDecoder(_describe, arrive, MAX_EVENT_SIZE)
"""Makes events of frames in the core; what it cannot judge is for `judge_event`."""

_decode = DECODER.decode

_told: set[str] = set()


def _tell_once(subject: str, message: str, *details: Any) -> None:
    if subject not in _told:
        _told.add(subject)
        logger.warning(message, *details)
