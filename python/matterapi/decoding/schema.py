"""Describing declared types to the core's decoder.

A description is a tuple `(kind, argument, nullable)`. Kinds that the core decodes itself: `str`, `int`,
`float`, `bool`, `any`, `enum` (argument: members by value), `list` and `map` (argument: description of an
item), `model` (argument: `ModelSchema`). Everything else is `foreign`: the argument is what validates the
bytes, and the memory of the largest model that may come of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from sys import getsizeof
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, TypeAdapter
from pydantic.fields import FieldInfo

from matterapi._core import Decoder, ModelSchema
from matterapi.bases.always import always_sent
from matterapi.bases.containers import BaseArray, BaseMapping
from matterapi.bases.late_slots import DECODER_SCHEMA
from matterapi.bases.models import BaseConfig

from .lenient import fill_null_lists
from .missing_fields import tell_missing
from .model_fields import extra_type, has_plain_names, json_names, largest_model

Description: TypeAlias = tuple[str, Any, bool]

_PLAIN = {str: "str", int: "int", float: "float", bool: "bool", Any: "any", object: "any"}
_KEPT_DEFAULTS = (NoneType, str, int, float, bool, Enum)


def decoder_for(declared: Any) -> Decoder:
    """A decoder for bodies of a declared type."""
    return Decoder(describe(declared))


def describe(declared: Any) -> Description:  # noqa: PLR0911 - one line for each kind
    """The description of a declared type."""
    members = _members(declared)
    nullable = NoneType in members
    kinds = [member for member in members if member is not NoneType]
    if len(kinds) != 1:
        return _foreign(declared, nullable)
    (only,) = kinds
    origin, arguments = get_origin(only), get_args(only)
    if only in _PLAIN:
        return _PLAIN[only], None, nullable
    if origin is list:
        return "list", describe(arguments[0]), nullable
    if origin is dict and arguments[0] is str:
        return "map", describe(arguments[1]), nullable
    if only in {list, dict}:
        return "map" if only is dict else "list", ("any", None, True), nullable
    if isinstance(only, type) and issubclass(only, Enum) and issubclass(only, str):
        return "enum", {member.value: member for member in only}, nullable
    if isinstance(only, type) and issubclass(only, BaseModel) and _is_plain(only):
        return "model", schema_of(only), nullable
    return _foreign(declared, nullable)


def _members(declared: Any) -> list[Any]:
    """The types of a union, `Annotated` taken off; a single type is a union of one."""
    if get_origin(declared) is Annotated:
        return _members(get_args(declared)[0])
    if get_origin(declared) in {Union, UnionType}:
        return [member for part in get_args(declared) for member in _members(part)]
    return [NoneType if declared is None else declared]


def _foreign(declared: Any, nullable: bool) -> Description:
    adapter = TypeAdapter(declared)

    def validate(content: bytes) -> Any:
        value = adapter.validate_json(content)
        return value if value is None or b"null" not in content else fill_null_lists(declared, value)

    return "foreign", (validate, largest_model(declared)), nullable


def schema_of(model: type[BaseModel]) -> ModelSchema:
    """What the core knows about a plain model. Members that hold JSON in a text its `JSON_TEXTS` names."""
    known: ModelSchema | None = vars(model).get(DECODER_SCHEMA)
    if known is not None:
        return known
    # Known before it is described: a model may hold itself. Set past pydantic's metaclass, which has an
    # opinion about new attributes.
    schema = ModelSchema(model)
    type.__setattr__(model, DECODER_SCHEMA, schema)
    fields = _complete_fields(model)
    if issubclass(model, RootModel):
        schema.set_root(describe(fields["root"].annotation))
        return schema
    texts: frozenset[str] = getattr(model, "JSON_TEXTS", frozenset())
    always = always_sent(model)
    described = [
        (
            name,
            keys,
            _member(field.annotation, not texts.isdisjoint(keys)),
            field.is_required(),
            name in always,
        )
        for name, field in fields.items()
        for keys in [json_names(name, field)]
    ]
    # Of a required field only its place matters: without a value there is no instance.
    defaults = {name: None if field.is_required() else field.default for name, field in fields.items()}
    schema.set_fields(described, describe(extra_type(model)), compact(defaults), tell_missing)
    return schema


def _member(declared: Any, is_text: bool) -> Description:
    described = describe(declared)
    return ("text", described, described[2]) if is_text else described


def compact(values: dict[str, Any]) -> dict[str, Any]:
    """An equal dict whose copies are small.

    A copy of the dict of an ordinary class's instance shares the keys and holds values only. For models of 11
    to 30 fields that takes about half the memory of a whole dict; larger ones Python does not share.
    """
    holder = type("Values", (), {})()
    for name, value in values.items():
        setattr(holder, name, value)
    return min(values, vars(holder), key=getsizeof)


def _complete_fields(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    # The first use of a model: it is built here, since no validator of pydantic's will do it.
    model.model_rebuild()
    return model.model_fields


@cache
def _is_plain(model: type[BaseModel]) -> bool:
    """Whether an instance is nothing but its fields: no code of anybody runs when one is made."""
    if not issubclass(model, (BaseConfig, BaseMapping, BaseArray)):
        return False
    decorators = model.__pydantic_decorators__
    has_code = any(
        getattr(decorators, kind)
        for kind in ("validators", "field_validators", "root_validators", "model_validators")
    )
    makes_itself = model.__init__ not in {BaseModel.__init__, RootModel.__init__} or (
        model.__new__ is not object.__new__
    )
    fields = _complete_fields(model).values()
    simple = all(
        not field.metadata
        and field.default_factory is None
        and (field.is_required() or isinstance(field.default, _KEPT_DEFAULTS))
        and has_plain_names(field)
        for field in fields
    )
    return simple and not has_code and not makes_itself and model.__pydantic_post_init__ is None
