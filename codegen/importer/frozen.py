"""`python -m codegen.importer.frozen SURFACE [TARGET]`: the public names of 0.5.0 as a list for a test.

The lock grows with the server; this list does not, so that nothing can be lost from both at once.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .hints import flatten_models
from .lock import default_value, signature
from .schemas import Json
from .write import inline, signature_text

_HEAD = "# The public names of matterapi 0.5.0, written by python -m codegen.importer.frozen; do not edit.\n"


def frozen_surface(surface: Json) -> Json:
    """The names by kind: modules, clients, methods, models, enums, exceptions, options and types.

    A method is a signature as in the lock, a field `name! = default @ alias`.
    """
    enums = surface["enums"]
    models = flatten_models(surface["models"])
    return {
        "modules": {name: _module_names(module) for name, module in surface["modules"].items()},
        "clients": {name: _client(client) for name, client in surface["clients"].items()},
        "methods": {group: _methods(group, entry, enums) for group, entry in surface["groups"].items()},
        "models": {name: _fields(model, enums) for name, model in models.items()},
        "containers": {
            name: model["base"] for name, model in models.items() if model["base"] != "BaseConfig"
        },
        "file_models": {
            name: model.get("file_properties") or [] for name, model in models.items() if model.get("methods")
        },
        "enums": {name: enum["members"] for name, enum in enums.items()},
        "exceptions": {name: entry["bases"] for name, entry in surface["exceptions"].items()},
        "exception_body": _fields(surface["exceptions"]["ExceptionBody"], enums),
        "options": {name: _fields(entry, enums) for name, entry in surface["options"].items()},
        "option_methods": {name: entry.get("methods", []) for name, entry in surface["options"].items()},
        "types": {name: _type_names(entry, enums) for name, entry in surface["types"].items()},
    }


def frozen_text(frozen: Json) -> str:
    """The same as YAML with one line for each name; a group of methods takes one for each method."""
    lines = []
    for section, entries in frozen.items():
        lines.append(f"{section}:")
        if isinstance(entries, list):
            lines += [f"  - {inline(entry)}" for entry in entries]
            continue
        for name, entry in entries.items():
            if section == "methods":
                lines += [f"  {name}:", *(f"    - {inline(method)}" for method in entry)]
            else:
                lines.append(f"  {name}: {inline(entry)}")
    return _HEAD + "\n".join(lines) + "\n"


def _module_names(module: Json) -> list[str]:
    return sorted({*module.get("all", []), *module["defines"], *module.get("exports", [])})


def _client(client: Json) -> Json:
    members = {name: member for name, member in client["members"].items() if member["public"]}
    return {
        "attributes": sorted(client["fields"]),
        "groups": client.get("group_properties", []),
        "methods": [_member(name, member) for name, member in members.items()],
        "coroutines": [
            name
            for name, member in members.items()
            if member["async"] and "Generator" not in _returns(member)
        ],
    }


def _returns(member: Json) -> str:
    return member["returns"] or ""


def _member(name: str, member: Json) -> str:
    parts = []
    for parameter in member["params"]:
        mark = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter["kind"], "")
        default = parameter.get("default")
        parts.append(
            f"{mark}{parameter['name']}"
            + (f"={json.dumps(default_value(default, {}))}" if default is not None else "")
        )
    return f"{name}({', '.join(parts)})"


def _methods(group: str, entry: Json, enums: Json) -> list[str]:
    return [
        signature_text([group], name, *signature(method, [], enums))
        for name, method in sorted(entry["methods"].items())
    ]


def _fields(model: Json, enums: Json) -> list[str]:
    return [_field(name, entry, enums) for name, entry in model["fields"].items()]


def _field(name: str, entry: Json, enums: Json) -> str:
    text = f"{name}{'!' if entry.get('required') else ''}"
    if entry.get("default") not in {None, "None"}:
        text += f" = {json.dumps(default_value(entry['default'], enums))}"
    return f"{text} @ {entry['alias']}" if entry.get("alias") else text


def _type_names(entry: Json, enums: Json) -> Json:
    return {"fields": _fields(entry, enums), "methods": sorted(entry["members"])} if "fields" in entry else {}


def main(source: Path, target: Path) -> None:
    """Write the list."""
    target.write_text(frozen_text(frozen_surface(json.loads(source.read_text()))))


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        Path(sys.argv[2]) if len(sys.argv) > 2 else Path("tests/contract/surface_0_5_0.yaml"),
    )
