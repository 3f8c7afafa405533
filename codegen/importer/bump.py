"""A newer description of the API into the texts of `spec/`: what is new is added, what is there stays.

The catalogue knows better than any description in many places, so nothing of it is overwritten: where the two
differ, a remark says so, and a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from codegen.api import MISSING, LockedRoute, OperationFacts, Parameter, Spec
from codegen.load import from_texts, path_names
from codegen.lower_routes import BODY_PARAMETERS
from codegen.names import group_name, method_name, normalized, pascal
from codegen.typeexpr import Type

from .description import Description, Json
from .known import BODY_PARAMETERS as PARAMETER_OF_KIND
from .known import Hints, hints_of, known_models
from .operations import OperationImporter
from .schemas import SchemaImporter
from .write import inline, operation_text, plain_operation, plain_schema, schema_text, signature_text

LOCK = "names.lock.yaml"
OTHER = "other"
"""Home of schemas that no operation and no other schema mentions."""


def bump(texts: dict[str, str], document: Any, version: str) -> tuple[dict[str, str], list[str]]:
    """Take a description into the catalogue.

    Args:
        texts: The files of `spec/` by path.
        document: The OpenAPI document.
        version: The server version that it describes.

    Returns:
        The files that change, and remarks: what was added, and what a person should look at.

    Raises:
        SpecError: The description says something that the importer does not understand.
    """
    return _Bump(texts, Description(document), version).run()


class _Bump:
    def __init__(self, texts: dict[str, str], description: Description, version: str) -> None:
        self.old = texts
        self.new = dict(texts)
        self.description = description
        self.version = version
        self.spec: Spec = from_texts(texts)
        self.remarks: list[str] = []
        self.known = {(op.verb, normalized(op.path)): op for op in self.spec.operations}
        enums = {name: enum.values for name, enum in self.spec.enums.items()}
        self.schemas = SchemaImporter(description.schemas, known_models(self.spec), enums)
        self.mentions: list[tuple[str, list[str]]] = []

    def run(self) -> tuple[dict[str, str], list[str]]:
        """Change the texts and say which differ."""
        importer = OperationImporter(self.schemas)
        seen = set()
        for verb, path, operation in self.description.operations():
            key = (verb, normalized(path))
            seen.add(key)
            known = self.known.get(key)
            entry = importer.entry(verb, path, operation, hints_of(known) if known else Hints())
            if known is None:
                self._add_operation(pascal(operation["operationId"]), operation, entry)
            else:
                self._complete_operation(known, entry)
        for key, op in self.known.items():
            if key not in seen and not op.facts.get("legacy"):
                self._note_missing(op)
        for name in self.description.schemas:
            self.schemas.component(name)
        self._merge_schemas()
        self._merge_enums()
        self.new["server.yaml"] = f"version: {inline(self.version)}\n"
        return {name: text for name, text in self.new.items() if self.old.get(name) != text}, self.remarks

    def _add_operation(self, name: str, operation: Json, entry: Json) -> None:
        groups = tuple(group_name(tag) for tag in operation["tags"])
        method = method_name(operation["operationId"], operation["tags"][0])
        entry.setdefault("since", f">{self.spec.server_version}")
        parameters = [Parameter(name, True) for name in path_names(entry["route"])]
        parameters += _bodies(entry) + _query(entry)
        self.remarks.append(f"new: {groups[0]}.{method}, {entry['route']}")
        self._append(f"operations/{groups[0]}.yaml", operation_text(name, plain_operation(entry)))
        self._set_route(entry["route"], signature_text(groups, method, parameters))
        self.mentions.append((groups[0], _refs(entry)))

    def _complete_operation(self, known: OperationFacts, entry: Json) -> None:
        path = next(
            p for p in self.old if p.startswith("operations/") and f"\n{known.id}:" in f"\n{self.old[p]}"
        )
        old = yaml.safe_load(self.new[path])[known.id]
        made = plain_operation(entry)
        for part in ("query", "body", "answers"):
            self._compare(known.id, part, old, made)
        added = {
            name: value for name, value in made.get("query", {}).items() if name not in old.get("query", {})
        }
        merged = dict(old)
        if added:
            merged["query"] = {**old.get("query", {}), **{name: _optional(v) for name, v in added.items()}}
        for key in ("body", "deprecated"):
            if key in made and key not in old:
                merged[key] = made[key]
        if merged == old:
            return
        self.remarks.append(
            f"more: {known.route}: {', '.join([*added, *(k for k in merged if k not in old)])}"
        )
        self._replace(path, known.id, operation_text(known.id, {k: merged[k] for k in _order(old, merged)}))
        locked = self.spec.lock.routes[known.route]
        self._set_route(known.route, self._longer(locked, entry, "body" not in old), locked.aliases)
        gained: Json = {
            "query": {name: value for name, value in entry.get("query", {}).items() if name in added},
            "body": {} if "body" in old else entry.get("body", {}),
            "answers": {},
        }
        self.mentions.append((locked.groups[0], _refs(gained)))

    def _longer(self, locked: LockedRoute, entry: Json, with_body: bool) -> str:
        bodies = [Parameter(p.name, False, None) for p in _bodies(entry)] if with_body else []
        have = {p.name for p in locked.parameters}
        positional = [p for p in locked.parameters if p.positional]
        keyword = [p for p in locked.parameters if not p.positional]
        query = [p for p in _query(entry) if p.name not in have]
        optional = [Parameter(p.name, False, None if p.default is MISSING else p.default) for p in query]
        new_bodies = [p for p in bodies if p.name not in have]
        return signature_text(locked.groups, locked.method, [*positional, *new_bodies, *keyword, *optional])

    def _compare(self, name: str, part: str, old: Json, made: Json) -> None:
        """Remark on what has another type in the description than in the catalogue."""
        before, after = old.get(part, {}), made.get(part, {})
        for key in after:
            if key in before:
                has = _bare(before[key])
            elif before and part in {"body", "answers"}:  # other parts gain what they lack
                has = "not known"
            else:
                continue
            if has != _bare(after[key]):
                what = " ".join(filter(None, [name, part, str(key)]))
                self.remarks.append(f"differs: {what}: {has}, described as {_bare(after[key])}")

    def _note_missing(self, op: OperationFacts) -> None:
        self.remarks.append(
            f"gone from the description: {op.route}; `legacy: true` and `until:` say so, if it is"
        )

    def _merge_schemas(self) -> None:
        made = self.schemas.out.schemas
        mentioned = [ref for _, refs in self.mentions for ref in refs]
        mentioned += [
            pascal(name) for name in self.description.schemas if pascal(name) not in self.spec.schemas
        ]
        for name in [name for name in made if name in self.spec.schemas]:
            mentioned += self._complete_schema(name, made[name])
        for name in sorted(self._reached(mentioned) - self.spec.schemas.keys()):
            if name in made and name not in self.spec.lock.model_aliases:
                self.remarks.append(f"new: schema {name}")
                self._append(f"schemas/{self._home(name)}.yaml", schema_text(name, plain_schema(made[name])))

    def _complete_schema(self, name: str, schema: Json) -> list[str]:
        """Add the fields that a schema has gained; returns the schemas that these mention."""
        path = f"schemas/{self.spec.schemas[name].module}.yaml"
        old, made = yaml.safe_load(self.new[path])[name], plain_schema(schema)
        if isinstance(old, str) or isinstance(made, str):
            if old != "legacy" and _bare(old) != _bare(made):
                self.remarks.append(f"differs: schema {name}: {old}, described as {made}")
            return []
        self._compare(f"schema {name}", "", {"": old}, {"": made})
        added = {key: _optional(value) for key, value in made.items() if key not in old and key != "..."}
        if added:
            self.remarks.append(f"more: schema {name}: {', '.join(added)}")
            self._replace(path, name, schema_text(name, {**old, **added}))
        return [ref for key in added for ref in schema["fields"][key]["type"].refs()]

    def _home(self, name: str) -> str:
        """The module of a new schema: its parent's, that of what mentions it, or the group's that does."""
        top = name.partition(".")[0]
        if top != name:
            return self._home(top)
        if name in self.spec.schemas:
            return self.spec.schemas[name].module
        for owner, schema in self.schemas.out.schemas.items():
            if owner in self.spec.schemas and any(name in kind.refs() for kind in _types_of(schema)):
                return self.spec.schemas[owner].module
        return next((group for group, refs in self.mentions if name in self._reached(refs)), OTHER)

    def _reached(self, names: Iterable[str]) -> set[str]:
        """The schemas of these names and all that they mention in turn."""
        todo, found = list(names), set[str]()
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                schema = self.schemas.out.schemas.get(name, {"fields": {}})
                todo += [ref for kind in _types_of(schema) for ref in kind.refs()]
        return found

    def _merge_enums(self) -> None:
        enums = {name: list(enum.values) for name, enum in self.spec.enums.items()}
        for name, values in self.schemas.out.enums.items():
            more = [value for value in values if value not in enums.get(name, [])]
            if more:
                self.remarks.append(f"more: enum {name}: {', '.join(more)}")
                enums[name] = enums.get(name, []) + more
        self.new["enums.yaml"] = "".join(f"{name}: {inline(enums[name])}\n" for name in sorted(enums))

    def _append(self, path: str, block: str) -> None:
        self.new[path] = self.new.get(path, "") + block

    def _replace(self, path: str, name: str, block: str) -> None:
        pattern = re.compile(rf"^{re.escape(name)}:.*\n(?:[ #].*\n)*", re.MULTILINE)
        self.new[path] = pattern.sub(lambda _: block, self.new[path], count=1)

    def _set_route(self, route: str, text: str, aliases: tuple[str, ...] = ()) -> None:
        line = f"  {inline(route)}: {inline([text, *aliases] if aliases else text)}\n"
        head = re.compile(rf"^  {re.escape(inline(route))}: .*\n", re.MULTILINE)
        lock = self.new[LOCK]
        if head.search(lock):
            self.new[LOCK] = head.sub(lambda _: line, lock, count=1)
        else:
            self.new[LOCK] = re.sub(
                r"^routes:\n(?:  .*\n)*", lambda m: m[0] + line, lock, count=1, flags=re.MULTILINE
            )


def _bodies(entry: Json) -> list[Parameter]:
    """The body parameters of a new operation; one of several can be left out."""
    kinds = entry.get("body", {})
    found = {PARAMETER_OF_KIND[kind]: value for kind, value in kinds.items()}
    return [
        Parameter(name, False, MISSING if found[name]["required"] and len(found) == 1 else None)
        for name in BODY_PARAMETERS
        if name in found
    ]


def _query(entry: Json) -> list[Parameter]:
    return [
        Parameter(name, False, value.get("default", MISSING if value["required"] else None))
        for name, value in entry.get("query", {}).items()
    ]


def _refs(entry: Json) -> list[str]:
    """The schemas that an operation mentions."""
    types = [value["type"] for part in ("path", "query", "body") for value in entry.get(part, {}).values()]
    types += [kind for forms in entry["answers"].values() for _, kind, _ in forms if kind is not None]
    return [ref for kind in types for ref in kind.refs()]


def _types_of(schema: Json) -> list[Type]:
    return [schema["root"]] if "root" in schema else [value["type"] for value in schema["fields"].values()]


def _optional(value: Any) -> Any:
    """A value that old callers do not give."""
    if isinstance(value, dict):
        return {**value, "type": value["type"].replace("!", "")}
    return value.replace("!", "")


def _bare(value: Any) -> str:
    """A type without what is said of null, of being required and of the default."""
    forms = value if isinstance(value, list) else [value]
    texts = [form.get("type", "object") if isinstance(form, dict) else form or "nothing" for form in forms]
    return ", ".join(re.sub("[?~!]", "", text.partition(" = ")[0]) for text in texts)


def _order(old: Json, merged: Json) -> list[str]:
    """The keys of an operation: new ones before the answers, where the eye expects them."""
    new = [key for key in merged if key not in old]
    at = list(old).index("answers")
    return [*list(old)[:at], *new, *list(old)[at:]]
