"""Schemas and locked models -> the classes of `matterapi.models`, ready to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from .annotate import Annotator, top
from .api import MISSING, LockedField, Schema, Spec, Value
from .errors import SpecError
from .names import field_name, member_name
from .ordered import ordered_items
from .secrets import is_secret
from .times import times_of
from .typeexpr import Type

_RESERVED = frozenset(dir(BaseModel)) | {
    "Any",
    "Field",
    "File",
    "bool",
    "dict",
    "float",
    "int",
    "list",
    "str",
}


@dataclass(frozen=True)
class FieldPlan:
    """One field of a class."""

    name: str
    raw: str
    type: Type
    required: bool
    default: Any
    doc: str = ""
    old: str = ""
    """The JSON name that 0.5.0 had for it, where that was not the server's."""
    secret: bool = False
    always_sent: bool = False
    """An answer always holds it, though a caller may leave it out."""


@dataclass(frozen=True)
class ClassPlan:
    """One model class; `base` is the name of its parent in `matterapi.types`.

    `root` is the type of a list or map that it is, `extra` that of free keys beside its fields. `ordered`:
    the field with the items that it lists by their ids, and what they are. `times`: attributes that give
    a field with milliseconds as `datetime`, and these fields.
    """

    name: str
    base: str
    doc: str
    fields: tuple[FieldPlan, ...] = ()
    root: Type | None = None
    extra: Type | None = None
    ordered: tuple[str, Type] | None = None
    times: tuple[tuple[str, str], ...] = ()
    file_fields: tuple[str, ...] = ()
    nested: tuple[ClassPlan, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def holds_secrets(self) -> bool:
        """Whether a field of this class, or of one nested in it, is secret."""
        return any(f.secret for f in self.fields) or any(inner.holds_secrets for inner in self.nested)

    def refs(self) -> Iterator[str]:
        """The schemas this class and its nested ones mention."""
        for free in (self.root, self.extra):
            yield from free.refs() if free else ()
        for field in self.fields:
            yield from field.type.refs()
        for inner in self.nested:
            yield from inner.refs()


@dataclass(frozen=True)
class ModulePlan:
    """One module of `matterapi.models`, its classes in the order they must be defined."""

    name: str
    classes: tuple[ClassPlan, ...]


def request_schemas(spec: Spec) -> set[str]:
    """The schemas that are sent: what a request body names, and what that names in turn."""
    todo = [ref for op in spec.operations for body in op.bodies if body.type for ref in body.type.refs()]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        if name in spec.schemas and name not in found:
            found.add(name)
            schema = spec.schemas[name]
            todo += [ref for value in schema.fields for ref in value.type.refs()]
            todo += list(schema.root.refs()) if schema.root else []
    return found


def lower_models(spec: Spec, docs: dict[str, str]) -> list[ModulePlan]:
    """All modules of models.

    Args:
        spec: The catalogue.
        docs: One sentence for each model that has something to say.

    Raises:
        SpecError: Two fields get one name, or modules would have to import each other.
    """
    lowering = _Lowering(spec, docs, request_schemas(spec))
    modules: dict[str, list[ClassPlan]] = {}
    for name, schema in spec.schemas.items():
        if "." not in name:
            modules.setdefault(schema.module, []).append(lowering.plan(name))
    plans = [ModulePlan(name, tuple(_ordered(classes, name))) for name, classes in sorted(modules.items())]
    _refuse_rings(plans, Annotator(spec))
    return plans


@dataclass(frozen=True)
class _Lowering:
    spec: Spec
    docs: dict[str, str]
    sent: set[str]

    def plan(self, name: str) -> ClassPlan:
        schema = self.spec.schemas[name]
        aliases = tuple(old for old, new in self.spec.lock.model_aliases.items() if new == name)
        locked = [self.spec.lock.models[n] for n in (name, *aliases) if n in self.spec.lock.models]
        nested = sorted(n for n in self.spec.schemas if n.rpartition(".")[0] == name)
        plan = ClassPlan(
            name=name.rpartition(".")[2],
            base="BaseConfig",
            doc=self.docs.get(name, ""),
            nested=tuple(self.plan(n) for n in nested),
            aliases=aliases,
        )
        root = schema.root
        if root is None and not schema.fields and locked and locked[0].root is not None:
            root = locked[0].root
        if root is not None:
            return replace(plan, base="BaseArray" if root.kind == "list" else "BaseMapping", root=root)
        multipart = self._is_multipart(name) or any(m.base == "multipart" for m in locked)
        fields = tuple(self._fields(name, schema, {f.alias: f for m in reversed(locked) for f in m.fields}))
        files = tuple(f.name for f in fields if f.type.kind == "file")
        if multipart:
            return replace(plan, base="MultipartModel", fields=fields, file_fields=files)
        plan = replace(plan, fields=fields, times=times_of(name, fields))
        extra = next((v.type for v in schema.fields if v.name == "..."), None)
        if ordered := ordered_items(schema, self.spec):
            return replace(plan, base="OrderedConfig", ordered=ordered)
        return replace(plan, base="OpenConfig" if extra else "BaseConfig", extra=extra)

    def _is_multipart(self, name: str) -> bool:
        bodies = (body for op in self.spec.operations for body in op.bodies)
        return any(body.kind == "multipart" and body.type == Type(name) for body in bodies)

    def _fields(self, name: str, schema: Schema, locked: dict[str, LockedField]) -> Iterator[FieldPlan]:
        taken: dict[str, str] = {}
        known = {value.name: value for value in schema.fields if value.name != "..."}
        for raw in known:  # a key whose spelling the description has corrected since is the same field
            old = next(
                (f for f in locked.values() if f.name == field_name(raw) and f.alias not in known), None
            )
            if old is not None and raw not in locked:
                locked = {key: f for key, f in locked.items() if f is not old} | {raw: old}
        for raw in [*known, *(raw for raw in locked if raw not in known)]:
            if raw in locked:
                plan = self._locked_field(name, locked[raw], raw, known.get(raw))
            else:
                plan = self._new_field(name, known[raw], bool(locked))
            if plan.name in taken:
                raise SpecError(
                    name, f"the fields {taken[plan.name]!r} and {raw!r} both become {plan.name!r}"
                )
            taken[plan.name] = raw
            yield plan

    def _locked_field(self, owner: str, locked: LockedField, raw: str, known: Value | None) -> FieldPlan:
        kind = known.type if known else locked.type
        old = "" if locked.alias == raw else locked.alias
        plan = FieldPlan(locked.name, raw, kind, locked.required, locked.default, old=old)
        return self._documented(owner, plan)

    def _new_field(self, owner: str, known: Value, is_old: bool) -> FieldPlan:
        name = field_name(known.name)
        if name in _RESERVED:
            name += "_"
        required = known.required and not is_old and owner in self.sent
        default = known.default if known.default is not MISSING else (MISSING if required else None)
        return self._documented(owner, FieldPlan(name, known.name, known.type, required, default))

    def _documented(self, owner: str, plan: FieldPlan) -> FieldPlan:
        glossary = self.spec.glossary.fields
        doc = glossary.get(f"{owner}.{plan.name}", glossary.get(plan.name, ""))
        always = plan.default is None and plan.raw in self.spec.always_sent.get(owner, ())
        secret = is_secret(owner, plan.raw, plan.type, self.spec.secrets)
        return replace(plan, doc=doc, secret=secret, always_sent=always)


def _ordered(classes: list[ClassPlan], module: str) -> list[ClassPlan]:
    """Classes after those they mention."""
    by_name = {plan.name: plan for plan in classes}
    ordered: dict[str, ClassPlan] = {}
    open_names: list[str] = []

    def visit(name: str) -> None:
        if name in ordered or name not in by_name:
            return
        if name in open_names:
            raise SpecError(
                f"models/{module}", f"classes mention each other: {' -> '.join([*open_names, name])}"
            )
        open_names.append(name)
        for ref in sorted({top(ref) for ref in by_name[name].refs()} - {name}):
            visit(ref)
        ordered[open_names.pop()] = by_name[name]

    for name in sorted(by_name):
        visit(name)
    return list(ordered.values())


def _refuse_rings(plans: list[ModulePlan], annotator: Annotator) -> None:
    graph = {
        plan.name: {
            annotator.module(ref, cls.name)
            for cls in plan.classes
            for ref in cls.refs()
            if not annotator.is_enum(ref)
        }
        - {plan.name}
        for plan in plans
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise SpecError(
                "schemas", f"modules import each other: {' -> '.join([*path, name])}; move a schema"
            )
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


@dataclass(frozen=True)
class EnumPlan:
    """One enum: member names and values."""

    name: str
    members: tuple[tuple[str, str], ...]


def lower_enums(spec: Spec) -> list[EnumPlan]:
    """All enums; locked members keep their names.

    Raises:
        SpecError: Two values of an enum get one member name.
    """
    return [
        _enum(name, enum.values, spec.lock.enums.get(name, {})) for name, enum in sorted(spec.enums.items())
    ]


def _enum(name: str, values: tuple[str, ...], locked: dict[str, str]) -> EnumPlan:
    members = dict(locked)
    for index, value in enumerate(values):
        if value in members.values():
            continue
        member = member_name(value, index)
        if member in members:
            raise SpecError(f"enums.yaml: {name}", f"{members[member]!r} and {value!r} both become {member}")
        members[member] = value
    return EnumPlan(name, tuple(members.items()))
