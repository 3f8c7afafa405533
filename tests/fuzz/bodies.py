"""What fuzzing starts from: recorded bodies, and generated ones of every declared type."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from matterapi.calls.operation import Operation
from matterapi.response import Response
from tests.support.recorded import recordings, table_lines

_DEEPEST = 4
_WORDS = (
    "",
    "a",
    "town-square",
    "é😀",
    'say "hi" \\ \n\t<b>',
    "x" * 26,
    "word " * 60,
    "\u2028\x7f",
    "null",
    "1",
)
_INTEGERS = (0, 1, -1, 1700000000000, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 10**30)
_FLOATS = (0.0, -0.0, 0.5, -1.5e300, 5e-324, 1e16, 12345678.9)


@cache
def operations() -> dict[str, Operation[Any]]:
    """The operations that answer JSON, by the catalogue's id."""
    lines = sorted(table_lines().items())
    return {name: line for name, line in lines if line.returns is not Response}


@cache
def recorded_bodies() -> tuple[tuple[str, bytes], ...]:
    """Operation and body of each recorded answer that has one."""
    return tuple(
        (one.operation, one.body.encode())
        for one in recordings()
        if one.body and one.operation in operations()
    )


def generated_body(rng: random.Random, declared: Any) -> bytes:
    """A JSON text that mostly fits a declared type."""
    value = _value(rng, declared, 0)
    return json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 1))).encode()


def _value(rng: random.Random, declared: Any, depth: int) -> Any:
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in {Union, UnionType}:
        return _value(rng, rng.choice(arguments), depth)
    if origin is list:
        return [_value(rng, arguments[0], depth + 1) for _ in range(_count(rng, depth))]
    if origin is dict:
        return {word: _value(rng, arguments[1], depth + 1) for word in _words(rng, depth)}
    if isinstance(declared, type) and issubclass(declared, Enum):
        return rng.choice([member.value for member in declared])
    if isinstance(declared, type) and issubclass(declared, BaseModel):
        return _of_model(rng, declared, depth)
    return _plain(rng, declared, depth)


def _of_model(rng: random.Random, model: type[BaseModel], depth: int) -> Any:
    model.model_rebuild()
    if issubclass(model, RootModel):
        return _value(rng, model.model_fields["root"].annotation, depth)
    share = rng.random() if depth < _DEEPEST else 0.0
    members = {
        rng.choice((field.alias or name, field.alias or name, name)): _value(rng, field.annotation, depth + 1)
        for name, field in model.model_fields.items()
        if field.is_required() or rng.random() < share
    }
    if rng.random() < 0.2:
        members[f"new_{rng.randrange(3)}"] = _plain(rng, Any, depth + 1)
    shuffled = list(members.items())
    if rng.random() < 0.2:
        rng.shuffle(shuffled)
    return dict(shuffled)


def _plain(rng: random.Random, declared: Any, depth: int) -> Any:
    if declared is NoneType:
        return None
    makers: dict[Any, Callable[[], Any]] = {
        str: lambda: rng.choice(_WORDS),
        int: lambda: rng.choice(_INTEGERS),
        float: lambda: rng.choice(_FLOATS + _INTEGERS),
        bool: lambda: rng.random() < 0.5,
        list: lambda: [_plain(rng, Any, depth + 1) for _ in range(_count(rng, depth))],
        dict: lambda: {word: _plain(rng, Any, depth + 1) for word in _words(rng, depth)},
    }
    return makers.get(declared, rng.choice(list(makers.values())))()


def _count(rng: random.Random, depth: int) -> int:
    return rng.randrange(4) if depth < _DEEPEST else 0


def _words(rng: random.Random, depth: int) -> list[str]:
    return rng.sample(_WORDS, _count(rng, depth))
