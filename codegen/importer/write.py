"""Writes catalogue entries in the compact form of `spec/`: one line a field, one line a route."""

from __future__ import annotations

import json
from typing import Any

import yaml

from codegen.typeexpr import Type

from .schemas import Json


class _Flow(yaml.SafeDumper):
    """A dumper for values that stand on one line."""


def inline(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.dump(
        [value], Dumper=_Flow, default_flow_style=True, width=10**9, sort_keys=False, allow_unicode=True
    )
    return text.strip()[1:-1]


def value_text(entry: Json) -> Any:
    """A field or parameter: `str!` (required), `int = 60` (default), or a mapping with further facts."""
    text = f"{entry['type']}{'!' if entry.get('required') else ''}"
    if "default" in entry:
        text += f" = {json.dumps(entry['default'])}"
    facts = {k: v for k, v in entry.items() if k not in {"type", "required", "default"}}
    return {"type": text, **facts} if facts else text


def operation_text(name: str, entry: Json) -> str:
    """One operation as a YAML block."""
    lines = [f"{name}:"]
    for key, value in entry.items():
        if key in {"path", "query"}:
            lines.append(f"  {key}:")
            lines += [f"    {inline(n)}: {inline(value_text(v))}" for n, v in value.items()]
        elif key == "body":
            lines.append(f"  body: {inline({kind: value_text(v) for kind, v in value.items()})}")
        elif key == "answers":
            lines.append(f"  answers: {inline({_status(s): _answers(v) for s, v in value.items()})}")
        elif key == "errors":
            lines.append(f"  errors: {inline([_status(s) for s in value])}")
        else:
            lines.append(f"  {key}: {inline(value)}")
    return "\n".join(lines)


def _status(text: str) -> Any:
    return int(text) if text.isdigit() else text


def _answers(forms: list[tuple[str | None, Type | None, Json]]) -> Any:
    texts = [_answer(*form) for form in forms]
    return texts[0] if len(texts) == 1 else texts


def _answer(content_type: str | None, kind: Type | None, facts: Json) -> Any:
    if content_type is None:
        return None
    text = str(kind) if kind is not None and content_type == "application/json" else content_type
    if kind is not None and content_type != "application/json":
        text = f"{content_type} {kind}"
    return {"type": text, **facts} if facts else text


def schema_text(name: str, schema: Json) -> str:
    """One schema as a YAML block: `Name: list[T]`, or one line for each field."""
    if schema.get("legacy"):
        return f"{name}: legacy"
    if "root" in schema:
        return f"{name}: {inline(str(schema['root']))}"
    if not schema["fields"]:
        return f"{name}: {{}}"
    return "\n".join(
        [f"{name}:"] + [f"  {inline(raw)}: {inline(value_text(f))}" for raw, f in schema["fields"].items()]
    )


def signature_text(groups: list[str], method: str, positional: list[str], keyword: Json) -> str:
    """A locked signature: `users.get_users(*, page=0, per_page=60, in_team=null)`."""
    parts = list(positional)
    if keyword:
        parts.append("*")
    parts += [
        name if default is ... else f"{name}={json.dumps(default)}" for name, default in keyword.items()
    ]
    return f"{'|'.join(groups)}.{method}({', '.join(parts)})"


def locked_model_text(name: str, model: Json) -> str:
    """A model of 0.5.0: its root type, or one line for each field (`name: type! = default @ alias`)."""
    if "root" in model:
        return f"{name}: {inline(str(model['root']))}"
    lines = [f"{name}:"]
    if "files" in model:
        lines.append(f"  (files): {inline(model['files'])}")
    for field, entry in model["fields"].items():
        text = f"{entry['type']}{'!' if entry['required'] else ''}"
        if "default" in entry:
            text += f" = {json.dumps(entry['default'])}"
        if "alias" in entry:
            text += f" @ {entry['alias']}"
        lines.append(f"  {inline(field)}: {inline(text)}")
    return "\n".join(lines) if len(lines) > 1 else f"{name}: {{}}"
