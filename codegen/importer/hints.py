"""Type texts of the 0.5.0 surface (`Optional[List[User]]`) as catalogue types."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from codegen.typeexpr import ANY, Type, list_of, map_of

_NAMES = {"str": "str", "int": "int", "float": "float", "bool": "bool", "Any": "any", "None": "any"}


def hint(text: str) -> Type:
    """The type 0.5.0 declared; `Optional` and the dict alternative of bodies are dropped."""
    return _convert(ast.parse(text, mode="eval").body)


def _convert(node: ast.expr) -> Type:
    if isinstance(node, ast.Name):
        return Type(_NAMES.get(node.id, node.id)) if node.id != "Dict" else map_of(ANY)
    if isinstance(node, ast.Attribute):
        return Type(ast.unparse(node))
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return _generic(node.value.id, node.slice)
    return ANY


def _generic(name: str, inner: ast.expr) -> Type:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name == "Optional":
        return _convert(parts[0])
    if name == "List":
        return list_of(_convert(parts[0]))
    if name == "Dict":
        return map_of(_convert(parts[1]))
    if name == "Union":
        if "Tuple" in ast.unparse(inner):
            return Type("file")
        kept = [_convert(p) for p in parts if ast.unparse(p) != "Dict"]
        return kept[0] if len(kept) == 1 else Type("union", tuple(kept))
    return ANY


def flatten_models(models: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """All models of the surface by full name, nested ones as `PostList.Posts`, parents last."""
    flat: dict[str, Any] = {}
    for name, model in models.items():
        full = f"{prefix}{name}"
        flat.update(flatten_models(model.get("nested", {}), f"{full}."))
        flat[full] = model
    return flat


def model_hints(model: Mapping[str, Any]) -> dict[str, Type]:
    """The declared types of a surface model's fields by JSON name."""
    return {f.get("alias", name): hint(f["type"]) for name, f in model["fields"].items()}
