"""`python -m codegen.importer SOURCE [SPEC]`: make `spec/` from the description and the 0.5.0 surface."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from codegen.names import normalized, pascal
from codegen.typeexpr import Type

from .corrections import correct
from .hints import flatten_models, hint
from .layout import assign, top
from .lock import RETIRED, locked_models, new_names, signature
from .operations import BODY_PARAMETERS, OperationImporter, legacy_entry, surface_routes, table_rows
from .schemas import Json, SchemaImporter
from .write import inline, locked_model_text, operation_text, schema_text, signature_text


def main(source: Path, target: Path) -> None:
    """Read the three source files and write the catalogue and the lock; the glossary is written by hand."""
    description = yaml.safe_load((source / "mattermost-11.11.yaml").read_text())
    correct(description)
    surface = json.loads((source / "matterapi-0.5.0-surface.json").read_text())
    rows = table_rows(json.loads((source / "server-table-11.6.json").read_text()))
    files = Import(description, surface, rows).files()
    for folder in ("operations", "schemas"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (target / name).write_text(text)


class Import:
    """One run: operations, schemas and lock of the catalogue as file texts."""

    def __init__(self, description: Json, surface: Json, rows: dict[Any, Json]) -> None:
        self.description = description
        self.surface = surface
        self.rows = rows
        self.known = surface_routes(surface["groups"])
        self.models = flatten_models(surface["models"])
        self.operations: dict[str, tuple[str, Json]] = {}
        self.routes: dict[str, str | list[str]] = {}

    def files(self) -> dict[str, str]:
        """All files of the catalogue but the glossary."""
        # The first walk finds which components took the place of which inline classes.
        schemas = self._schemas(self._schemas({}).out.replaced)
        replaced = schemas.out.replaced
        found = schemas.out.schemas
        aliases = {old: new for old, new in replaced.items() if old not in found}
        for name in self.models:
            if name not in found and top(name) not in aliases:
                found[name] = {"legacy": True}
        modules = assign(self._uses(), self._references(found, aliases))
        return {
            "server.yaml": f"version: {inline(str(self.description['info']['version']))}\n",
            "enums.yaml": self._enums(schemas),
            "names.lock.yaml": self._lock(aliases),
            **self._operation_files(),
            **self._schema_files(found, modules),
        }

    def _schemas(self, replaced: dict[str, str]) -> SchemaImporter:
        components = self.description["components"]
        schemas = SchemaImporter(components["schemas"], self.models, self.surface["enums"])
        schemas.component_hints = {new: old for old, new in reversed(replaced.items())}
        importer = OperationImporter(schemas, components["responses"], self.rows)
        seen = set()
        for path, verbs in self.description["paths"].items():
            for verb, operation in verbs.items():
                key = (verb.upper(), normalized(path))
                seen.add(key)
                self._add(key, path, operation, importer)
        for key, known in self.known.items():
            if key not in seen:
                self._add_legacy(known)
        for name in components["schemas"]:
            schemas.convert({"$ref": name}, name, name)
        return schemas

    def _add(self, key: tuple[str, str], path: str, operation: Json, importer: OperationImporter) -> None:
        known = self.known.get(key, [])
        facts = known[0][2] if known else None
        entry = importer.entry(key[0], path, operation, facts)
        if facts:
            groups, method = _in_tag_order([g for g, _, _ in known], operation["tags"]), known[0][1]
            positional, keyword = signature(facts, _path_names(facts["url"]), self.surface["enums"])
        else:
            groups, method = new_names(operation)
            positional, keyword = _path_names(path), _keywords(entry)
        self._complete(keyword, entry, facts)
        rule = new_names(operation)[1]
        locked = signature_text(groups, method, positional, keyword)
        self.operations[pascal(operation["operationId"])] = (groups[0], entry)
        self.routes[entry["route"]] = locked if rule == method else [locked, rule]

    def _complete(self, keyword: Json, entry: Json, facts: Json | None) -> None:
        """Parameters that the route has gained since 0.5.0."""
        for name, value in entry.get("query", {}).items():
            if name not in keyword:
                keyword[name] = value.get("default", ... if value["required"] and not facts else None)
        bodies = _keywords(entry)
        if facts and bodies and not bodies.keys() & keyword.keys():
            optional = {n: keyword.get(n) for n in BODY_PARAMETERS if n in bodies or n in keyword}
            rest = {name: default for name, default in keyword.items() if name not in optional}
            keyword.clear()
            keyword.update(optional | rest)

    def _add_legacy(self, known: list[tuple[str, str, Json]]) -> None:
        group, method, facts = known[0]
        entry = legacy_entry(facts, [g for g, _, _ in known])
        positional, keyword = signature(facts, _path_names(facts["url"]), self.surface["enums"])
        self.operations[pascal(method)] = (group, entry)
        self.routes[entry["route"]] = signature_text([g for g, _, _ in known], method, positional, keyword)

    def _uses(self) -> list[tuple[str, list[str]]]:
        return [(group, _mentioned(entry)) for group, entry in self.operations.values()] + [
            (group, [r for p in facts["signature"]["params"] for r in _annotation_refs(p)])
            for known in self.known.values()
            for group, _, facts in known
        ]

    def _references(self, found: dict[str, Json], aliases: dict[str, str]) -> dict[str, set[str]]:
        locked = locked_models(self.surface["models"], self.surface["enums"])
        refs: dict[str, set[str]] = {top(name): set() for name in found}
        for name, entry in [*found.items(), *locked.items()]:
            owner = aliases.get(top(name), top(name))
            types = (
                [entry["root"]] if "root" in entry else [f["type"] for f in entry.get("fields", {}).values()]
            )
            for kind in types:
                for ref in kind.refs():
                    other = aliases.get(top(ref), top(ref))
                    if other != owner and other in refs:
                        refs[owner].add(other)
        return refs

    def _enums(self, schemas: SchemaImporter) -> str:
        enums = {name: list(e["members"].values()) for name, e in self.surface["enums"].items()}
        enums.update(schemas.out.enums)
        return "".join(f"{name}: {inline(values)}\n" for name, values in sorted(enums.items()))

    def _operation_files(self) -> dict[str, str]:
        texts: dict[str, list[str]] = {}
        for name, (group, entry) in self.operations.items():
            texts.setdefault(f"operations/{group}.yaml", []).append(operation_text(name, entry))
        return {path: "\n".join(blocks) + "\n" for path, blocks in texts.items()}

    def _schema_files(self, found: dict[str, Json], modules: dict[str, str]) -> dict[str, str]:
        texts: dict[str, list[str]] = {}
        for name in sorted(found, key=lambda n: n.split(".")):
            texts.setdefault(f"schemas/{modules[top(name)]}.yaml", []).append(schema_text(name, found[name]))
        return {path: "\n".join(blocks) + "\n" for path, blocks in texts.items()}

    def _lock(self, aliases: dict[str, str]) -> str:
        lines = ["routes:"]
        lines += [f"  {inline(route)}: {inline(locked)}" for route, locked in self.routes.items()]
        lines.append("retired:")
        for route, (text, body, returns) in RETIRED.items():
            lines.append(
                f"  {inline(route)}: {inline({'signature': text, 'body': body, 'returns': returns})}"
            )
        lines.append("model_aliases:")
        lines += [f"  {old}: {new}" for old, new in sorted(aliases.items())]
        lines.append("enums:")
        lines += [f"  {name}: {inline(e['members'])}" for name, e in sorted(self.surface["enums"].items())]
        lines.append("models:")
        for name, model in locked_models(self.surface["models"], self.surface["enums"]).items():
            lines += [f"  {line}" for line in locked_model_text(name, model).splitlines()]
        return "\n".join(lines) + "\n"


def _path_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _keywords(entry: Json) -> Json:
    """Body and query parameters of a new operation; the query ones follow in `_complete`."""
    kinds = {"json": "json_body", "multipart": "multipart_data"}
    bodies = {kinds.get(kind, "form_data"): value for kind, value in entry.get("body", {}).items()}
    return {
        name: ... if bodies[name]["required"] and len(bodies) == 1 else None
        for name in BODY_PARAMETERS
        if name in bodies
    }


def _in_tag_order(groups: list[str], tags: list[str]) -> list[str]:
    order = [pascal(tag).lower() for tag in tags]
    return sorted(
        groups, key=lambda g: (order.index(k) if (k := pascal(g).lower()) in order else len(order), g)
    )


def _mentioned(entry: Json) -> list[str]:
    types: list[Type] = [v["type"] for key in ("body", "path", "query") for v in entry.get(key, {}).values()]
    types += [kind for forms in entry["answers"].values() for _, kind, _ in forms if kind is not None]
    return [ref for kind in types for ref in kind.refs()]


def _annotation_refs(parameter: Json) -> list[str]:
    return list(hint(parameter["annotation"]).refs()) if "annotation" in parameter else []


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("spec"))
