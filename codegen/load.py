"""Reads `spec/` into the values of `api.py`; every error names file and entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from .api import (
    MISSING,
    Answer,
    Body,
    Enum,
    Glossary,
    Lock,
    LockedField,
    LockedModel,
    LockedRoute,
    OperationFacts,
    Paging,
    Parameter,
    RetiredMethod,
    Schema,
    Secrets,
    Spec,
    Value,
)
from .errors import SpecError
from .load_events import load_event
from .typeexpr import Type, parse

BODY_KINDS = ("json", "multipart", "form", "raw")
_CONTENT_TYPE = re.compile(r"^[\w*.+-]+/[\w*.+-]+")
CONTENT_TYPES = frozenset(
    {
        "*/*",
        "application/octet-stream",
        "application/pdf",
        "application/x-ndjson",
        "application/xml",
        "application/zip",
        "image/*",
        "image/jpeg",
        "image/png",
        "text/csv",
        "text/html",
        "text/plain",
    }
)
_SIGNATURE = re.compile(r"^(?P<groups>[\w|]+)\.(?P<method>\w+)\((?P<parameters>.*)\)$")
_Yaml = dict[str, Any]


def load(folder: Path) -> Spec:
    """Read the whole catalogue.

    Raises:
        SpecError: A file says something this generator does not understand.
    """
    paths = sorted(folder.rglob("*.yaml"))
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    return from_texts(texts)


def from_texts(texts: dict[str, str]) -> Spec:
    """The same from file texts, by path relative to `spec/`."""
    data = {path: read_yaml(text) for path, text in texts.items()}
    operations = [
        _operation(name, entry, f"{path}: {name}")
        for path, entries in data.items()
        if path.startswith("operations/")
        for name, entry in entries.items()
    ]
    schemas: dict[str, Schema] = {}
    for path, entries in data.items():
        if path.startswith("schemas/"):
            for name, entry in entries.items():
                if name in schemas:
                    raise SpecError(f"{path}: {name}", f"also in schemas/{schemas[name].module}.yaml")
                schemas[name] = _schema(name, Path(path).stem, entry, f"{path}: {name}")
    glossary = data.get("glossary.yaml", {})
    secrets = data.get("secrets.yaml", {})
    paging = data.get("paging.yaml", {})
    return Spec(
        server_version=str(data["server.yaml"]["version"]),
        operations=tuple(operations),
        schemas=schemas,
        enums={name: Enum(name, tuple(values)) for name, values in data.get("enums.yaml", {}).items()},
        lock=_lock(data["names.lock.yaml"]),
        glossary=Glossary(
            *(glossary.get(key, {}) for key in ("parameters", "fields", "methods", "words", "notes"))
        ),
        events=tuple(load_event(name, entry) for name, entry in data.get("events.yaml", {}).items()),
        secrets=Secrets(frozenset(secrets.get("secret", ())), frozenset(secrets.get("plain", ()))),
        paging=Paging(paging.get("plans") or {}, paging.get("without") or {}),
        always_sent=_always_sent(data.get("always_sent.yaml", {}), schemas),
    )


def _always_sent(entries: _Yaml, schemas: dict[str, Schema]) -> dict[str, frozenset[str]]:
    found = {}
    for name, fields in entries.items():
        place = f"always_sent.yaml: {name}"
        if name not in schemas:
            raise SpecError(place, "there is no such schema")
        found[name] = frozenset(fields.split())
        if unknown := found[name] - {value.name for value in schemas[name].fields}:
            raise SpecError(place, f"the schema has no field {min(unknown)!r}")
    return found


def read_yaml(text: str) -> _Yaml:
    """A description as Python values; an empty one is an empty mapping."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the safe loader, in C where PyYAML has it
    return yaml.load(text, Loader=loader) or {}  # noqa: S506


def _value(name: str, entry: str | _Yaml, place: str) -> Value:
    facts = {} if isinstance(entry, str) else {k: v for k, v in entry.items() if k != "type"}
    text = entry if isinstance(entry, str) else entry["type"]
    text, _, default = text.partition(" = ")
    return Value(
        name,
        parse(text.rstrip("!"), f"{place}.{name}"),
        text.endswith("!"),
        json.loads(default) if default else MISSING,
        facts,
    )


def _operation(name: str, entry: _Yaml, place: str) -> OperationFacts:
    verb, _, path = entry["route"].partition(" ")
    typed = {n: _value(n, v, place) for n, v in entry.get("path", {}).items()}
    known = {"route", "tags", "path", "query", "body", "answers"}
    return OperationFacts(
        id=name,
        verb=verb,
        path=path,
        tags=tuple(entry["tags"]),
        path_params=tuple(typed.get(n) or Value(n, Type("str"), True) for n in path_names(path)),
        query=tuple(_value(n, v, place) for n, v in entry.get("query", {}).items()),
        bodies=tuple(_bodies(entry.get("body", {}), place)),
        answers=tuple(_answers(entry["answers"], place)),
        facts={key: value for key, value in entry.items() if key not in known},
    )


def path_names(path: str) -> list[str]:
    """The names in the braces of a path, in order."""
    return re.findall(r"\{(\w+)\}", path)


def _bodies(entry: _Yaml, place: str) -> Iterator[Body]:
    for kind, text in entry.items():
        if kind not in BODY_KINDS:
            raise SpecError(place, f"unknown kind of body {kind!r}; known are {', '.join(BODY_KINDS)}")
        value = _value(kind, text, place)
        yield Body(kind, value.type, value.required)


def _answers(entry: _Yaml, place: str) -> Iterator[Answer]:
    for status, forms in entry.items():
        for form in forms if isinstance(forms, list) else [forms]:
            text, condition = (
                (form["type"], form.get("second_if", "")) if isinstance(form, dict) else (form, "")
            )
            yield replace(_answer(int(status), text, f"{place} {status}"), second_if=condition)


def _answer(status: int, text: str | None, place: str) -> Answer:
    if text is None:
        return Answer(status, None, None)
    if not _CONTENT_TYPE.match(text):
        return Answer(status, "application/json", parse(text, place))
    content_type, _, kind = text.partition(" ")
    if content_type not in CONTENT_TYPES and content_type != "application/json":
        raise SpecError(place, f"unknown content type {content_type!r}; teach codegen/load.py what it holds")
    return Answer(status, content_type, parse(kind, place) if kind else None)


def _schema(name: str, module: str, entry: str | _Yaml, place: str) -> Schema:
    if entry == "legacy":
        return Schema(name, module)
    if isinstance(entry, str):
        return Schema(name, module, root=parse(entry, place))
    return Schema(name, module, tuple(_value(raw, value, place) for raw, value in entry.items()))


def _lock(data: _Yaml) -> Lock:
    place = "names.lock.yaml"
    return Lock(
        routes={
            route: _locked_route(route, text, f"{place}: {route}") for route, text in data["routes"].items()
        },
        retired=tuple(
            _retired(route, entry, f"{place}: {route}") for route, entry in data.get("retired", {}).items()
        ),
        models={
            name: _locked_model(name, entry, f"{place}: {name}")
            for name, entry in data.get("models", {}).items()
        },
        model_aliases=data.get("model_aliases") or {},
        enums=data.get("enums", {}),
    )


def signature(text: str, place: str) -> tuple[tuple[str, ...], str, tuple[Parameter, ...]]:
    """Groups, method and parameters of a locked signature such as `users.get_user(user_id)`."""
    match = _SIGNATURE.match(text)
    if not match:
        raise SpecError(place, f"{text!r} is no signature like 'users.get_users(*, page=0)'")
    parameters, positional = [], True
    for part in re.split(r", (?![^\[]*\])", match["parameters"]) if match["parameters"] else []:
        name, _, default = part.partition("=")
        if name == "*":
            positional = False
        else:
            parameters.append(Parameter(name, positional, json.loads(default) if default else MISSING))
    return tuple(match["groups"].split("|")), match["method"], tuple(parameters)


def _locked_route(route: str, text: str | list[str], place: str) -> LockedRoute:
    first, *aliases = [text] if isinstance(text, str) else text
    return LockedRoute(route, *signature(first, place), tuple(aliases))


def _retired(route: str, entry: _Yaml, place: str) -> RetiredMethod:
    groups, method, parameters = signature(entry["signature"], place)
    types = [parse(entry[key], place) if entry[key] else None for key in ("returns", "body")]
    return RetiredMethod(route, groups[0], method, parameters, *types)


def _locked_model(name: str, entry: str | _Yaml, place: str) -> LockedModel:
    if isinstance(entry, str):
        root = parse(entry, place)
        return LockedModel(name, root.kind, (), root)
    files = entry.get("(files)")
    fields = tuple(_locked_field(n, text, place) for n, text in entry.items() if n != "(files)")
    return LockedModel(name, "object" if files is None else "multipart", fields, None, tuple(files or ()))


def _locked_field(name: str, text: str, place: str) -> LockedField:
    text, _, alias = text.partition(" @ ")
    text, _, default = text.partition(" = ")
    return LockedField(
        name,
        alias or name,
        parse(text.rstrip("!"), f"{place}.{name}"),
        text.endswith("!"),
        json.loads(default) if default else (MISSING if text.endswith("!") else None),
    )
