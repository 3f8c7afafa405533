"""Answers that do not fit their declared type: keep every value, mend what is harmless, log the rest.

The server is written in Go, which sends an empty list as `null`, and it is newer or older than this
library most of the time: enums grow, fields change type.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin

from pydantic import BaseModel, RootModel, TypeAdapter, ValidationError

from matterapi.bases.always import always_sent
from matterapi.bases.containers import BaseArray, BaseMapping
from matterapi.bases.models import BaseConfig, OpenConfig
from matterapi.logs import library_logger

from .missing_fields import tell_missing
from .model_fields import extra_type, json_names

logger: logging.Logger = library_logger("matterapi")

T = TypeVar("T")

MAX_MISFITS = 10_000
"""Values of one answer that are taken apart or kept because they do not fit; the rest is kept unseen.

A change of the server shows in every object of a list: an object and the field in it are two misfits, and no
list of a real server has more than some thousand objects. This many take less than a second.
"""

MAX_NESTING = 16
"""Misfits within misfits: each is validated as a whole, then its parts. Declared types are 6 deep, but for
three that hold themselves."""

_SMALL = 1000
"""Values that are validated at once: pydantic does not stop at the first misfit but notes all of them."""

_CHUNK = 100
"""Items of a list that are validated at once."""

_LONGEST_SHOWN = 40


class _Location(NamedTuple):
    """Where a value stands: a model and its field, or an operation and its answer."""

    owner: str
    field: str


class _ListFields(NamedTuple):
    """What `fill_null_lists` needs to know about a model.

    Attributes:
        empty: Makers of the empty value, by the names of the fields that are lists.
        nested: Fields that hold models, to be looked into.
        always: Fields that every answer holds.
    """

    empty: dict[str, Callable[[], Any]]
    nested: tuple[str, ...]
    always: frozenset[str]


def salvage(declared: type[T], value: Any, route: str) -> T:
    """Build the declared type from a JSON value as far as it fits.

    A value that does not fit stays as it came, at the smallest place possible: one bad element costs
    neither its list nor its object. Each place is logged once per process, at level WARNING. After 10,000
    values that do not fit the rest of the answer is kept as it came, which is logged too.

    Args:
        declared: Type of the whole answer.
        value: The answer as plain JSON value.
        route: The operation, for the log.
    """
    place = _Location(route, "answer")
    return fill_null_lists(declared, cast("T", _Salvage(route).fit(declared, value, place)))


def fill_null_lists(declared: type[T], value: T) -> T:
    """Replace `None` by an empty list or object where the server sent null for one, in place.

    An object is empty where its keys are free. What the server left out stays `None`, and so does a field
    where a list or object is one of several types.

    Args:
        declared: Type of the whole answer.
        value: The answer, an instance of that type.

    Returns:
        The same value, or an empty list or object if the whole answer was null.
    """
    if value is None:
        return cast("T", _empty_answer(declared))
    _fill(value)
    return value


def _fill(value: Any) -> None:
    if isinstance(value, RootModel):
        _fill(value.root)
    elif isinstance(value, BaseModel):
        plan = _list_fields(type(value))
        values: Any = value.__dict__
        for name, make in plan.empty.items():
            if values.get(name) is None and name in value.model_fields_set:
                values[name] = make()
        if not plan.always <= value.model_fields_set:
            tell_missing(type(value), sorted(plan.always - value.model_fields_set))
        for name in plan.nested:
            _fill(values.get(name))
        if isinstance(value, OpenConfig):
            _fill(value.model_extra)
    elif isinstance(value, list):
        for item in value:
            _fill(item)
    elif isinstance(value, dict):
        for item in value.values():
            _fill(item)


@cache
def _list_fields(model: type[BaseModel]) -> _ListFields:
    annotations = _annotations(model)
    makers = {name: _empty_maker(annotation) for name, annotation in annotations.items()}
    return _ListFields(
        empty={name: make for name, make in makers.items() if make is not None},
        nested=tuple(name for name, annotation in annotations.items() if _holds_models(annotation)),
        always=always_sent(model),
    )


@cache
def _annotations(model: type[BaseModel]) -> dict[str, Any]:
    if not model.__pydantic_fields_complete__:
        # A model that was only used inside others may still have forward references.
        model.model_rebuild()
    return {name: field.annotation for name, field in model.model_fields.items()}


class _Salvage:
    """The work on one answer, which ends when it has met too many misfits.

    Args:
        route: The operation, for the log.
    """

    def __init__(self, route: str) -> None:
        self._route = route
        self._left = MAX_MISFITS
        self._nesting = 0

    def fit(self, declared: Any, value: Any, place: _Location) -> Any:
        """The value as its declared type as far as it fits."""
        if value is None:
            return _empty(declared)
        if not self._left:
            return value
        if _is_small(value) or not _has_parts(declared):
            with suppress(ValidationError):
                return _adapter(declared).validate_python(value)
            self._count()
        if self._nesting == MAX_NESTING:
            return _kept(declared, value, place)
        self._nesting += 1
        fitted = self._take_apart(declared, value, place)
        self._nesting -= 1
        return fitted

    def _count(self) -> None:
        self._left -= 1
        if not self._left:
            logger.warning(
                "%s: %d values do not fit their declared types; what follows is kept as it came",
                self._route,
                MAX_MISFITS,
            )

    def _take_apart(self, declared: Any, value: Any, place: _Location) -> Any:
        """Fit the pieces of a value that does not fit as a whole."""
        for candidate in _alternatives(declared):
            origin = get_origin(candidate) or candidate
            if isinstance(value, list) and origin is list:
                (item_type,) = get_args(candidate) or (Any,)
                return self._fit_items(item_type, value, place)
            if isinstance(value, dict) and origin is dict:
                _, value_type = get_args(candidate) or (Any, Any)
                return {key: self.fit(value_type, item, place) for key, item in value.items()}
            if isinstance(candidate, type) and issubclass(candidate, RootModel):
                root_type = _annotations(cast("type[BaseModel]", candidate))["root"]
                if isinstance(value, get_origin(root_type) or object):
                    root = self._take_apart(root_type, value, _Location(candidate.__name__, "root"))
                    return candidate.model_construct(root=root)
            elif isinstance(candidate, type) and issubclass(candidate, BaseModel) and isinstance(value, dict):
                return self._construct(candidate, value)
        return _kept(declared, value, place)

    def _fit_items(self, declared: Any, items: list[Any], place: _Location) -> list[Any]:
        fitted: list[Any] = []
        for start in range(0, len(items), _CHUNK):
            if not self._left:
                return fitted + items[start:]
            chunk = items[start : start + _CHUNK]
            if _is_small(chunk):
                with suppress(ValidationError):
                    fitted += _adapter(list[declared]).validate_python(chunk)
                    continue
            fitted += [self.fit(declared, item, place) for item in chunk]
        return fitted

    def _construct(self, model: type[BaseModel], data: Mapping[str, Any]) -> BaseModel:
        shape = _shape(model)
        fields: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for key, item in data.items():
            name = shape.names.get(key, key)
            if name in shape.types:
                fields[name] = self.fit(shape.types[name], item, _Location(model.__qualname__, name))
            else:
                extra[key] = self.fit(shape.extra, item, _Location(model.__qualname__, "*"))
        instance = model.model_construct(_fields_set=set(fields), **fields)
        if instance.__pydantic_extra__ is not None:
            instance.__pydantic_extra__.update(extra)
            instance.__pydantic_fields_set__.update(extra)
        for name in shape.required:
            if name not in fields:
                instance.__dict__[name] = None  # pyright: ignore[reportIndexIssue] - declared read-only
                _report(_Location(model.__qualname__, name), shape.types[name], None)
        return instance


def _is_small(value: Any) -> bool:
    """Whether a JSON value is made of at most `_SMALL` values."""
    left, room = [value], _SMALL
    while left and room >= 0:
        one = left.pop()
        if isinstance(one, (list, dict)):
            room -= len(one)
            if room >= 0:
                left += one if isinstance(one, list) else one.values()
    return room >= 0


def _has_parts(declared: Any) -> bool:
    """Whether a declared type is only one, and it is made of others."""
    alternatives = _alternatives(declared)
    if len(alternatives) != 1:
        return False
    (only,) = alternatives
    return get_origin(only) in {list, dict} or (isinstance(only, type) and issubclass(only, BaseModel))


class _Shape(NamedTuple):
    """What making an instance needs to know about a model.

    Attributes:
        names: Fields by their names in JSON.
        types: Declared types by field.
        extra: The type of what is not declared.
        required: Fields without a default.
    """

    names: dict[str, str]
    types: dict[str, Any]
    extra: Any
    required: tuple[str, ...]


@cache
def _shape(model: type[BaseModel]) -> _Shape:
    types, fields = _annotations(model), model.model_fields
    return _Shape(
        names={key: name for name, field in fields.items() for key in json_names(name, field)},
        types=types,
        extra=extra_type(model),
        required=tuple(name for name, field in fields.items() if field.is_required()),
    )


def _kept(declared: Any, value: Any, place: _Location) -> Any:
    """The value as it came, which is logged."""
    _report(place, declared, value)
    return value


def _alternatives(declared: Any) -> list[Any]:
    """The types that a declaration allows, `None` left out."""
    if get_origin(declared) is Annotated:
        return _alternatives(get_args(declared)[0])
    if get_origin(declared) in {Union, UnionType}:
        return [found for member in get_args(declared) for found in _alternatives(member)]
    return [] if declared is type(None) else [declared]


def _empty_maker(declared: Any) -> Callable[[], Any] | None:
    """What makes the empty value of a declared list or object with free keys, `None` for anything else."""
    alternatives = _alternatives(declared)
    if len(alternatives) != 1:
        return None
    (only,) = alternatives
    container = get_origin(only) or only
    if container in {list, dict}:
        return cast("type[Any]", container)
    return partial(_construct_empty, only) if isinstance(only, type) and _can_be_empty(only) else None


def _can_be_empty(model: type[Any]) -> bool:
    if issubclass(model, (BaseArray, BaseMapping)):
        return True
    return issubclass(model, BaseConfig) and not _annotations(model)


def _construct_empty(model: type[Any]) -> Any:
    if issubclass(model, BaseConfig):
        return model.model_validate({})
    return model.model_construct(root=[] if issubclass(model, BaseArray) else {})


def _empty(declared: Any) -> Any:
    make = _empty_maker(declared)
    return None if make is None else make()


def _holds_models(declared: Any) -> bool:
    if isinstance(declared, type) and issubclass(declared, BaseModel):
        return True
    return any(map(_holds_models, get_args(declared)))


def _empty_answer(declared: Any) -> Any:
    """What a whole answer of null stands for: of several types only a list is sent as null."""
    kinds = _alternatives(declared)
    if len(kinds) == 1:
        return _empty(declared)
    lists = [made for kind in kinds if isinstance(made := _empty(kind), (list, BaseArray))]
    return lists[0] if lists else None


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


_reported: set[_Location] = set()


def _report(place: _Location, declared: Any, value: Any) -> None:
    if place in _reported:
        return
    _reported.add(place)
    logger.warning(
        "%s.%s: the server sent %s where %s is declared; the value is kept as it came",
        place.owner,
        place.field,
        _describe(declared, value),
        getattr(declared, "__name__", declared) if isinstance(declared, type) else declared,
    )


def _describe(declared: Any, value: Any) -> str:
    """Name a value without showing what may be private: only words for an enum are quoted."""
    is_word = isinstance(value, str) and len(value) <= _LONGEST_SHOWN
    if is_word and any(isinstance(kind, type) and issubclass(kind, Enum) for kind in _alternatives(declared)):
        return repr(value)
    return "nothing" if value is None else type(value).__name__
