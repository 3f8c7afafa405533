"""`testing/catalogue/operations.json`: what the embedded server knows, one operation or schema a line."""

from __future__ import annotations

import json
from typing import Any

from codegen.annotate import Annotator
from codegen.api import EventFacts, OperationFacts, Spec, Value
from codegen.lower_models import request_schemas
from codegen.lower_routes import RoutePlan
from codegen.names import constant
from codegen.paths import EMULATOR_EVENTS, EMULATOR_ROUTES
from codegen.typeexpr import Type


def render_catalogue(plans: list[RoutePlan], annotator: Annotator) -> dict[str, str]:
    """The catalogue by path."""
    spec = annotator.spec
    by_id = {plan.id: plan for plan in plans}
    operations = [_operation(op, by_id.get(op.id), annotator) for op in spec.operations]
    sent = request_schemas(spec)
    schemas = {name: _schema(name, annotator, sent) for name in _used(spec)}
    schemas |= {enum.name: {"enum": list(enum.values)} for enum in spec.enums.values()}
    lines = [f'{{"server_version": {json.dumps(spec.server_version)},', '"operations": [']
    lines += [",\n".join(map(_compact, operations)), "],", '"schemas": {']
    lines += [
        ",\n".join(f"{json.dumps(name)}:{_compact(entry)}" for name, entry in sorted(schemas.items())),
        "}}",
    ]
    return {EMULATOR_ROUTES: "\n".join(lines) + "\n"}


def render_events(annotator: Annotator) -> dict[str, str]:
    """`testing/catalogue/events.json`: every websocket event, one a line."""
    events = annotator.spec.events
    if not events:
        return {}
    lines = [f"{json.dumps(event.name)}:{_compact(_event(event, annotator))}" for event in events]
    return {EMULATOR_EVENTS: "{" + ",\n".join(lines) + "}\n"}


def _event(event: EventFacts, annotator: Annotator) -> dict[str, Any]:
    data = {
        name: {"type": shape(one.type, annotator), "required": one.required}
        | ({"json": True} if one.is_text else {})
        for name, one in event.data.items()
    }
    return {
        "since": event.since,
        "until": event.until,
        "always": event.always,
        "possible": event.possible,
        "data": data,
    }


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _used(spec: Spec) -> list[str]:
    todo = [ref for op in spec.operations for kind in _types(op) for ref in kind.refs()]
    found: set[str] = set()
    while todo:
        name = todo.pop()
        name = spec.lock.model_aliases.get(name, name)
        if name in spec.schemas and name not in found:
            found.add(name)
            locked = spec.lock.models.get(name)
            schema = spec.schemas[name]
            if schema.root is None and not schema.fields and locked:
                todo += [ref for f in locked.fields for ref in f.type.refs()]
                todo += list(locked.root.refs()) if locked.root else []
            todo += [ref for value in schema.fields for ref in value.type.refs()]
            todo += list(schema.root.refs()) if schema.root else []
    return sorted(found)


def _types(op: OperationFacts) -> list[Type]:
    values = [v.type for v in (*op.path_params, *op.query)]
    return [*values, *(b.type for b in op.bodies if b.type), *(a.type for a in op.answers if a.type)]


def _operation(op: OperationFacts, plan: RoutePlan | None, annotator: Annotator) -> dict[str, Any]:
    facts = op.facts
    paths = {p.name: p.type for p in plan.parameters if p.kind == "path"} if plan else {}
    return {
        "id": op.id,
        "group": plan.home if plan else None,
        "method": plan.method if plan else None,
        "constant": constant(plan.method) if plan else None,
        "verb": op.verb,
        "path": plan.route.partition(" ")[2] if plan else op.path,
        "since": facts.get("since"),
        "permissions": facts.get("permissions"),
        "auth": facts.get("auth", "local-socket" if facts.get("local_only") else "session"),
        "gone": bool(facts.get("until")),
        "local_only": bool(facts.get("local_only")),
        "max_body": facts.get("max_body"),
        "path_params": [
            {"name": name, "type": shape(kind or Type("str"), annotator)} for name, kind in paths.items()
        ],
        "query": [_parameter(value, annotator) for value in op.query],
        "body": _body(op, annotator),
        "responses": [
            {
                "status": answer.status,
                "content_type": answer.content_type,
                "type": shape(answer.type, annotator) if answer.type else None,
            }
            for answer in op.answers
        ],
        "error_ids": facts.get("error_ids", []),
    }


def _parameter(value: Value, annotator: Annotator) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": value.name,
        "type": shape(value.type, annotator),
        "required": value.required,
    }
    return entry | ({"repeat": True} if value.facts.get("repeat") else {})


def _body(op: OperationFacts, annotator: Annotator) -> dict[str, Any] | None:
    """The first form of the body, with the others under `or`."""
    forms = [
        {
            "kind": body.kind,
            "required": body.required,
            "type": shape(body.type, annotator) if body.type else None,
            "files": _files(body.type, annotator.spec),
        }
        for body in op.bodies
    ]
    if not forms:
        return None
    first, *others = forms
    return first | ({"or": others} if others else {})


def _files(kind: Type | None, spec: Spec) -> list[str]:
    """The fields that hold files; of a body that newer servers do not describe, as 0.5.0 had them."""
    if kind is None:
        return []
    schema, locked = spec.schemas.get(kind.kind), spec.lock.models.get(kind.kind)
    if schema and schema.fields:
        return [v.name for v in schema.fields if "file" in str(v.type)]
    return list(locked.file_fields) if locked else []


def shape(kind: Type, annotator: Annotator) -> Any:
    """A type as nested JSON."""
    if kind.kind == "union":
        found: Any = {"union": [shape(arg, annotator) for arg in kind.args]}
    elif kind.args:
        found = {kind.kind: shape(kind.args[0], annotator)}
    elif kind.is_ref:
        found = {"ref": annotator.resolve(kind.kind)}
    else:
        found = kind.kind
    return {"null": found} if kind.nullable or kind.null_as_empty else found


def _schema(name: str, annotator: Annotator, sent: set[str]) -> dict[str, Any]:
    spec = annotator.spec
    schema = spec.schemas[name]
    locked = spec.lock.models.get(name)
    if schema.root is not None:
        return {"alias": shape(schema.root, annotator)}
    if locked and not schema.fields:
        if locked.root is not None:
            return {"alias": shape(locked.root, annotator)}
        fields = {f.alias: {"type": shape(f.type, annotator), "required": f.required} for f in locked.fields}
        return {"fields": fields, "extra": "any" if not fields else None}
    fields = {
        v.name: {"type": shape(v.type, annotator), "required": v.required}
        for v in schema.fields
        if v.name != "..."
    }
    extra = next((shape(v.type, annotator) for v in schema.fields if v.name == "..."), None)
    return {"fields": fields, "extra": extra if fields else "any"}
