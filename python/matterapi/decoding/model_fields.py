"""What a model says of its JSON: the names of its fields and the type of what it does not declare."""

from __future__ import annotations

from sys import getsizeof
from typing import Any, get_args, get_origin

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from matterapi.bases.models import OpenConfig

_BESIDE_FIELDS = 400
"""Bytes of an instance without its fields: the object, the set of their names, the dict of extra ones."""


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


def largest_model(declared: Any) -> int:
    """Bytes of memory of an instance of the largest model in a declared type; 0 without a model."""
    found: set[type[BaseModel]] = set()
    _collect_models(declared, found)
    sizes = (getsizeof(dict.fromkeys(model.model_fields)) + _BESIDE_FIELDS for model in found)
    return max(sizes, default=0)


def _collect_models(declared: Any, found: set[type[BaseModel]]) -> None:
    for part in get_args(declared):
        _collect_models(part, found)
    is_class = isinstance(declared, type) and get_origin(declared) is None
    if is_class and issubclass(declared, BaseModel) and declared not in found:
        found.add(declared)
        if not declared.__pydantic_fields_complete__:
            # A model that was only used inside others may still have forward references.
            declared.model_rebuild()
        for field in declared.model_fields.values():
            _collect_models(field.annotation, found)
        _collect_models(extra_type(declared), found)
