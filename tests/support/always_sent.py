"""The fields of answers that are annotated without `None`, and those that are `None` all the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel

from codegen.load import load


@cache
def always_sent() -> dict[str, frozenset[str]]:
    """The JSON names of these fields by the qualified name of their model."""
    return dict(load(Path(__file__).parents[2] / "spec").always_sent)


def lacking(value: Any) -> Iterator[str]:
    """Model and field of each that a value, decoded from an answer, does not have."""
    if isinstance(value, RootModel):
        yield from lacking(value.root)
    elif isinstance(value, BaseModel):
        kind = type(value)
        names = always_sent().get(kind.__qualname__, ())
        for name, field in kind.model_fields.items():
            if (field.alias or name) in names and getattr(value, name) is None:
                yield f"{kind.__qualname__}.{name}"
        for inner in value.__dict__.values():
            yield from lacking(inner)
        yield from lacking(list((value.model_extra or {}).values()))
    elif isinstance(value, dict):
        yield from lacking(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from lacking(item)
