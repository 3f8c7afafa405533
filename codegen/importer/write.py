"""Writes catalogue entries in the compact form of `spec/`: one line a field, one line a route.

An entry is what YAML reads (`{"route": ..., "query": {"page": "int = 0"}}`), so that one that is there can be
added to and written again.
"""

from __future__ import annotations

import json
from typing import Any

import yaml

from codegen.api import MISSING, Parameter
from codegen.typeexpr import Type

from .description import Json


class _Flow(yaml.SafeDumper):
    """A dumper for values that stand on one line."""


def inline(value: Any) -> str:
    """A value as YAML on one line."""
    text = yaml.dump(
        [value], Dumper=_Flow, default_flow_style=True, width=10**9, sort_keys=False, allow_unicode=True
    )
    return text.strip()[1:-1]


def plain_value(value: Json) -> Any:
    """A field or parameter: `str!` (required), `int = 60` (default), or a mapping with further facts."""
    text = f"{value['type']}{'!' if value.get('required') else ''}"
    if "default" in value:
        text += f" = {json.dumps(value['default'])}"
    facts = {k: v for k, v in value.items() if k not in {"type", "required", "default"}}
    return {"type": text, **facts} if facts else text


def plain_operation(entry: Json) -> Json:
    """An operation of the importer as YAML has it."""
    result = dict(entry)
    for key in ("path", "query", "body"):
        if key in entry:
            result[key] = {name: plain_value(value) for name, value in entry[key].items()}
    result["answers"] = {_status(s): _answers(forms) for s, forms in entry["answers"].items()}
    if "errors" in entry:
        result["errors"] = [_status(s) for s in entry["errors"]]
    return result


def plain_schema(schema: Json) -> Any:
    """A schema of the importer as YAML has it."""
    if "root" in schema:
        return str(schema["root"])
    return {raw: plain_value(value) for raw, value in schema["fields"].items()}


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


def operation_text(name: str, entry: Json) -> str:
    """One operation as a YAML block."""
    lines = [f"{name}:"]
    for key, value in entry.items():
        if key in {"path", "query"}:
            lines += [f"  {key}:", *(f"    {inline(n)}: {inline(v)}" for n, v in value.items())]
        else:
            lines.append(f"  {key}: {inline(value)}")
    return "\n".join(lines) + "\n"


def schema_text(name: str, schema: Any) -> str:
    """One schema as a YAML block: `Name: list[T]`, or one line for each field."""
    if isinstance(schema, str) or not schema:
        return f"{name}: {inline(schema)}\n"
    return (
        "\n".join([f"{name}:", *(f"  {inline(raw)}: {inline(value)}" for raw, value in schema.items())])
        + "\n"
    )


def signature_text(groups: tuple[str, ...], method: str, parameters: list[Parameter]) -> str:
    """A locked signature: `users.get_users(*, page=0, per_page=60, in_team=null)`."""
    keyword = [p for p in parameters if not p.positional]
    parts = [p.name for p in parameters if p.positional] + (["*"] if keyword else [])
    parts += [p.name if p.default is MISSING else f"{p.name}={json.dumps(p.default)}" for p in keyword]
    return f"{'|'.join(groups)}.{method}({', '.join(parts)})"
