"""What `spec/` says, as plain values: the catalogue (facts of the server) and the lock (our names)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .typeexpr import Type

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "MISSING"})()
"""Stands for "has no default"."""


@dataclass(frozen=True)
class Value:
    """A parameter or field: its JSON name, type, whether it is required, its default and further facts."""

    name: str
    type: Type
    required: bool = False
    default: Any = MISSING
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Body:
    """One accepted form of a request body; `kind` is json, multipart, form or raw."""

    kind: str
    type: Type | None
    required: bool


@dataclass(frozen=True)
class Answer:
    """One documented answer.

    `type` is None when it has no body or none that is described; `second_if` says, for one of two types,
    what makes the server send the second (`include_total_count=true`).
    """

    status: int
    content_type: str | None
    type: Type | None
    second_if: str = ""


@dataclass(frozen=True)
class OperationFacts:
    """One operation of the server as the catalogue describes it."""

    id: str
    verb: str
    path: str
    tags: tuple[str, ...]
    path_params: tuple[Value, ...]
    query: tuple[Value, ...]
    bodies: tuple[Body, ...]
    answers: tuple[Answer, ...]
    facts: dict[str, Any]

    @property
    def route(self) -> str:
        """Verb and path, the key of the lock."""
        return f"{self.verb} {self.path}"


@dataclass(frozen=True)
class Schema:
    """A named schema: an object with fields, or a list or map (`root`)."""

    name: str
    module: str
    fields: tuple[Value, ...] = ()
    root: Type | None = None


@dataclass(frozen=True)
class Enum:
    """A closed or open set of string values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Parameter:
    """A parameter of a locked signature; `default` is MISSING for a required one."""

    name: str
    positional: bool
    default: Any = MISSING


@dataclass(frozen=True)
class LockedRoute:
    """The public names of one route."""

    route: str
    groups: tuple[str, ...]
    method: str
    parameters: tuple[Parameter, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class LockedField:
    """A field that a model has had since 0.5.0: Python name, JSON name, type, required, default."""

    name: str
    alias: str
    type: Type
    required: bool
    default: Any


@dataclass(frozen=True)
class LockedModel:
    """A model of 0.5.0; `base` is object, multipart, list or map."""

    name: str
    base: str
    fields: tuple[LockedField, ...]
    root: Type | None
    file_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class RetiredMethod:
    """A method whose route the server has removed; it is still sent, with a DeprecationWarning."""

    route: str
    group: str
    method: str
    parameters: tuple[Parameter, ...]
    returns: Type | None
    body: Type | None


@dataclass(frozen=True)
class Lock:
    """`names.lock.yaml`."""

    routes: dict[str, LockedRoute]
    retired: tuple[RetiredMethod, ...]
    models: dict[str, LockedModel]
    model_aliases: dict[str, str]
    enums: dict[str, dict[str, str]]


@dataclass(frozen=True)
class Glossary:
    """Our own descriptions: of parameters, of fields, of methods whose name does not explain itself.

    `notes` say of a method what surprises its callers.
    """

    parameters: dict[str, str]
    fields: dict[str, str]
    methods: dict[str, str]
    words: dict[str, str]
    notes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Secrets:
    """Which fields `repr` masks: JSON names, or `Schema.name` for those of one schema only.

    `plain` holds names that look like one of a secret and are none.
    """

    secret: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Paging:
    """How operations page, where the rules do not say it: by operation id.

    `plans` are the arguments of a plan (`codegen/lower_pages.py`), `without` the operations with parameters
    of paging that have no iterator, and why.
    """

    plans: dict[str, dict[str, Any]] = field(default_factory=dict)
    without: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EventField:
    """A key of an event's data.

    `is_text` for JSON within a JSON string, `known` values of an open set, `rest` whether a catch-up by REST
    can tell it.
    """

    type: Type
    required: bool
    is_text: bool
    about: str = ""
    since: str = ""
    known: tuple[str, ...] = ()
    rest: bool = True


@dataclass(frozen=True)
class EventFacts:
    """A websocket event: what it means, who gets it, the versions that know it, and its data.

    `always` and `possible` are the addresses of its broadcast. `recovery` is `events` where a catch-up brings
    missed ones as events, else a method (`group.method`) that asks for the state; empty if nothing does.
    """

    name: str
    topic: str
    about: str
    who: str
    note: str
    since: str
    until: str | None
    sent: str
    always: tuple[str, ...]
    possible: tuple[str, ...]
    is_reliable: bool
    is_dropped_when_slow: bool
    is_for_viewers: bool
    recovery: str
    data: dict[str, EventField]


@dataclass(frozen=True)
class Spec:
    """All of `spec/`."""

    server_version: str
    operations: tuple[OperationFacts, ...]
    schemas: dict[str, Schema]
    enums: dict[str, Enum]
    lock: Lock
    glossary: Glossary
    events: tuple[EventFacts, ...] = ()
    secrets: Secrets = field(default_factory=Secrets)
    paging: Paging = field(default_factory=Paging)
    always_sent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By schema the fields that an answer always holds, and never as null."""
