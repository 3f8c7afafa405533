"""Objects that list items by their ids, such as lists of posts."""

from __future__ import annotations

from .api import Schema, Spec
from .names import field_name
from .typeexpr import Type


def ordered_items(schema: Schema, spec: Spec) -> tuple[str, Type] | None:
    """The field of an object that has items by id, whose ids stand in `order`, and what they are.

    None if it is no such object.
    """
    fields = {value.name: value.type.plain() for value in schema.fields}
    if str(fields.get("order")) != "list[str]":
        return None
    for name, kind in fields.items():
        by_id = spec.schemas.get(kind.kind)
        root = by_id.root if by_id else None
        if root is not None and root.kind == "map" and root.args[0].is_ref:
            return field_name(name), root.args[0].plain()
    return None
