"""What a model says of its JSON: the names of its fields and the type of what it does not declare."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from matterapi.types import OpenConfig


def json_names(name: str, field: FieldInfo) -> list[str]:
    """The names under which a field is read from JSON, the one under which it is written first."""
    written = field.serialization_alias or field.alias or name
    read = field.validation_alias
    choices = read.choices if isinstance(read, AliasChoices) else [read]
    return [written, *(key for key in choices if isinstance(key, str) and key != written)]


def has_plain_names(field: FieldInfo) -> bool:
    """Whether a field is found by names alone, not by a path into nested objects."""
    read = field.validation_alias
    choices = read.choices if isinstance(read, AliasChoices) else [read]
    return all(key is None or isinstance(key, str) for key in choices)


def extra_type(model: type[BaseModel]) -> Any:
    """The type of the fields that a model does not declare."""
    for parent in model.__mro__:
        generic = parent.__dict__.get("__pydantic_generic_metadata__")
        if generic and generic["origin"] is OpenConfig:
            return generic["args"][0]
    return Any
