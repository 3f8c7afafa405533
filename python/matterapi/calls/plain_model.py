"""Models whose JSON is just that of their fields: orjson writes it in a tenth of pydantic's time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import orjson
from pydantic import BaseModel, RootModel

# What orjson and pydantic may write differently orjson refuses, and pydantic writes it.
_OPTIONS = (
    orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_MOST_CLASSES = 1024


def dump_plain(model: BaseModel) -> bytes | None:
    """The JSON of a model's fields that are set, by the server's names.

    Returns:
        `None` where pydantic has to write it: the class says how to write a field, or a value is not a text,
        a number, a bool, an enum, an UUID, or a list or dict of such.
    """
    names = _names(type(model))
    if names is None:
        return None
    is_set, extra = model.__pydantic_fields_set__, model.__pydantic_extra__
    fields = {
        names[name]: value for name, value in model.__dict__.items() if name in is_set and name in names
    }
    if extra:
        if not extra.keys().isdisjoint(fields):
            return None
        fields |= extra
    try:
        return orjson.dumps(fields, option=_OPTIONS)
    except TypeError:
        return None


@lru_cache(_MOST_CLASSES)
def _names(declared: type[BaseModel]) -> dict[str, str] | None:
    """The server's names of a class's fields; `None` if there is more to know of it."""
    declared.model_rebuild()
    if issubclass(declared, RootModel) or _says_how_to_write(declared.__pydantic_core_schema__):
        return None
    return {
        name: field.serialization_alias or field.alias or name
        for name, field in declared.model_fields.items()
    }


def _says_how_to_write(schema: object) -> bool:
    """Whether a serializer or an excluded field is anywhere in a schema of pydantic's."""
    if isinstance(schema, Mapping):
        return bool(schema.get("computed_fields")) or any(
            (key.startswith("serialization") and key != "serialization_alias") or _says_how_to_write(value)
            for key, value in schema.items()
            if isinstance(key, str)
        )
    return isinstance(schema, (list, tuple)) and any(map(_says_how_to_write, schema))
