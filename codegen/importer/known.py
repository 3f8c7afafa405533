"""What the catalogue knows already: new parts of a description are named like the old ones at their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.api import OperationFacts, Spec
from codegen.typeexpr import ANY, Type

BODY_PARAMETERS = {
    "form": "form_data",
    "raw": "form_data",
    "multipart": "multipart_data",
    "json": "json_body",
}
"""The parameter of a method for each kind of body, in the order of a signature."""


@dataclass(frozen=True)
class KnownModel:
    """A schema: types of its fields by JSON name, or the list or map that it is."""

    fields: Mapping[str, Type] = field(default_factory=dict)
    root: Type | None = None


@dataclass(frozen=True)
class Hints:
    """The types of an operation's parts: parameters and bodies by name of the parameter, and the answer."""

    parameters: Mapping[str, Type] = field(default_factory=dict)
    answer: Type = ANY


def known_models(spec: Spec) -> dict[str, KnownModel]:
    """All schemas, nested ones by their full name; what only the lock describes included."""
    found = {}
    for name, schema in spec.schemas.items():
        locked = spec.lock.models.get(name)
        fields = {f.alias: f.type for f in locked.fields} if locked else {}
        root = schema.root or (locked.root if locked and not schema.fields else None)
        found[name] = KnownModel(fields | {f.name: f.type for f in schema.fields}, root)
    return found


def hints_of(op: OperationFacts) -> Hints:
    """The hints that an operation gives for its next description."""
    types = {value.name: value.type for value in (*op.path_params, *op.query)}
    types |= {BODY_PARAMETERS[body.kind]: body.type for body in op.bodies if body.type}
    answers = [
        a.type for a in op.answers if a.type and a.content_type == "application/json" and a.status < 300
    ]
    return Hints(types, answers[0] if answers else ANY)
