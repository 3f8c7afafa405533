"""Websocket events -> the classes of `matterapi.events`, ready to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from .annotate import top
from .api import EventFacts, EventField, Spec
from .errors import SpecError
from .names import field_name, pascal
from .secrets import is_secret

BY_HAND = (
    "Broadcast",
    "CaughtUp",
    "Connected",
    "Disconnected",
    "Event",
    "GapNotice",
    "PluginEvent",
    "SlowConsumer",
    "UnknownEvent",
)
"""The classes of `events/event.py`, shown beside the generated ones."""

BESIDE = {
    "actions": ("Pong",),
    "checkpoint": ("Checkpoint", "SQLiteCheckpoint"),
    "stream": ("AsyncEventStream", "StreamCounters", "SyncEventStream"),
}
"""What else `matterapi.events` shows, by module: what programs name, or give to `client.events`."""

COMMON = frozenset({"NAME", "JSON_TEXTS", "seq", "broadcast", "recovered", "received_at", "raw"})
"""What every event has beside its data."""

_TAKEN = (
    COMMON | {*dir(BaseModel)} | {"Any", "ClassVar", "Field", "bool", "dict", "float", "int", "list", "str"}
)


@dataclass(frozen=True)
class EventFieldPlan:
    """An attribute of an event class; `key` is its name in the data."""

    name: str
    key: str
    facts: EventField
    is_secret: bool

    @property
    def may_be_none(self) -> bool:
        """Whether it can be absent: the server does not always send it, or a catch-up cannot know it."""
        return not (self.facts.required and self.facts.rest)


@dataclass(frozen=True)
class EventPlan:
    """One class."""

    name: str
    facts: EventFacts
    fields: tuple[EventFieldPlan, ...]

    def refs(self) -> Iterator[str]:
        """The schemas that its data mentions."""
        for field in self.fields:
            yield from field.facts.type.refs()


def lower_events(spec: Spec) -> dict[str, list[EventPlan]]:
    """The classes by topic, topics and classes in the order of their names.

    Raises:
        SpecError: Two names clash, or a method that recovers an event does not exist.
    """
    methods = {f"{group}.{route.method}" for route in spec.lock.routes.values() for group in route.groups}
    topics: dict[str, list[EventPlan]] = {}
    by_hand = {"event": BY_HAND, **BESIDE}
    taken = {name: f"events/{module}.py" for module, names in by_hand.items() for name in names}
    for facts in sorted(spec.events, key=lambda one: one.name):
        place = f"events.yaml: {facts.name}"
        plan = EventPlan(pascal(facts.name), facts, tuple(_fields(facts, spec, place)))
        if plan.name in taken:
            raise SpecError(place, f"the class {plan.name} is there already: {taken[plan.name]}")
        if plan.name in {top(spec.lock.model_aliases.get(ref, ref)) for ref in plan.refs()}:
            raise SpecError(place, f"the class {plan.name} and a model in its data have one name")
        if facts.recovery not in {"", "events", *methods}:
            raise SpecError(place, f"recovery: there is no method {facts.recovery}")
        taken[plan.name] = place
        topics.setdefault(facts.topic, []).append(plan)
    return dict(sorted(topics.items()))


def _fields(facts: EventFacts, spec: Spec, place: str) -> Iterator[EventFieldPlan]:
    taken: dict[str, str] = {}
    for key, field in facts.data.items():
        name = field_name(key)
        if name in _TAKEN:
            raise SpecError(f"{place}.{key}", f"every event has a {name!r} already")
        if name in taken:
            raise SpecError(place, f"the keys {taken[name]!r} and {key!r} both become {name!r}")
        taken[name] = key
        yield EventFieldPlan(name, key, field, is_secret(pascal(facts.name), key, field.type, spec.secrets))
