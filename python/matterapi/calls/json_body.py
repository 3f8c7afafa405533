"""JSON bodies: models, dicts and mixtures of both to bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from .plain_model import dump_plain


def dump_json(value: Any) -> bytes:
    """Write a value as JSON.

    Models go out under the server's field names, without the fields that were not set; an explicit
    `None` is `null`, and fields the model does not declare are kept. Dicts are written as they are.
    Dates, UUIDs and enums are written as text or number.

    Raises:
        ValueError: The value has no JSON form: an unknown type, `nan` or infinity, a lone surrogate, or
            a container that holds itself.
    """
    try:
        content = _dump(value)
    except (TypeError, PydanticSerializationError, RecursionError) as error:
        raise ValueError(f"no JSON form: {error}") from error
    # orjson and pydantic write `null` for numbers that JSON does not have.
    if b"null" in content and _has_special_float(value):
        raise ValueError("no JSON form: nan and infinity are no JSON numbers")
    return content


def _dump(value: Any) -> bytes:
    # Dicts first: to ask whether something is a model takes longer than to write it.
    if not isinstance(value, dict) and isinstance(value, BaseModel):
        return _dump_model(value)
    try:
        return orjson.dumps(value, default=_fragment, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        # Integers beyond 64 bits are the one thing that Python's own writer can do and orjson cannot.
        if not _has_big_integer(value):
            raise
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":")).encode()


def _dump_model(model: BaseModel) -> bytes:
    plain = dump_plain(model)
    if plain is not None:
        return plain
    # `warnings=False`: a value that the server sent with another type goes back as it came.
    return model.__pydantic_serializer__.to_json(model, by_alias=True, exclude_unset=True, warnings=False)


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, BaseModel):
        return orjson.Fragment(_dump_model(value))
    raise TypeError(f"{type(value).__name__} cannot be written")


def _plain(value: Any) -> Any:
    return json.loads(bytes(_dump(value)))


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, BaseModel):
        return [*value.__dict__.values(), *(value.model_extra or {}).values()]
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()


def _has_special_float(value: Any) -> bool:
    if isinstance(value, float):
        return not isfinite(value)
    return any(map(_has_special_float, _children(value)))


def _has_big_integer(value: Any) -> bool:
    if isinstance(value, int):
        return not -(2**63) <= value < 2**64
    return any(map(_has_big_integer, _children(value)))
