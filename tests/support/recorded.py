"""Answers recorded on a real server, and two ways to read a decoded answer as JSON again."""

from __future__ import annotations

import gzip
import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, RootModel

from matterapi.calls.operation import Operation
from matterapi.decoding.model_fields import json_names
from matterapi.response import Response

FIXTURE = Path(__file__).parents[1] / "fixtures" / "recorded-rest.jsonl.gz"


@dataclass(frozen=True)
class Recorded:
    """One 2xx answer: the operation's id, the status, the content type and the body as sent."""

    operation: str
    status: int
    content_type: str
    body: str

    @property
    def line(self) -> Operation[Any]:
        """The operation's line of the tables."""
        return table_lines()[self.operation]

    @property
    def json(self) -> Any:
        """The body; a list where it is several JSON documents in lines."""
        if self.content_type == "application/x-ndjson":
            return [json.loads(line) for line in self.body.splitlines()]
        return json.loads(self.body)

    def response(self, value: Any = ...) -> Response:
        """The answer, with another JSON value as its body if one is given."""
        body = self.body if value is ... else json.dumps(value)
        content_type = self.content_type if value is ... else "application/json"
        return Response(self.status, [("Content-Type", content_type)], body.encode())


@cache
def recordings() -> tuple[Recorded, ...]:
    """All answers, in the order they were recorded."""
    with gzip.open(FIXTURE, "rt", encoding="utf-8") as lines:
        return tuple(Recorded(**json.loads(line)) for line in lines)


@cache
def table_lines() -> dict[str, Operation[Any]]:
    """The operations of the tables by the catalogue's id."""
    catalogue = json.loads(files("matterapi.testing.catalogue").joinpath("operations.json").read_bytes())
    return {
        op["id"]: getattr(
            importlib.import_module(f"matterapi.endpoints.operations.{op['group']}"), op["constant"]
        )
        for op in catalogue["operations"]
        if op["constant"]
    }


def attribute(model: BaseModel, key: str) -> Any:
    """The attribute that a model has for a key of the JSON."""
    for name, field in type(model).model_fields.items():
        if key in json_names(name, field):
            return getattr(model, name)
    return getattr(model, key)


def reached(value: Any, sent: Any) -> Any:
    """What user code finds in a decoded answer under the keys of the JSON it was made from."""
    if isinstance(value, RootModel):
        return reached(value.root, sent)
    if isinstance(value, BaseModel) and isinstance(sent, Mapping):
        return {key: reached(attribute(value, key), item) for key, item in sent.items()}
    if isinstance(value, dict) and isinstance(sent, Mapping):
        return {key: reached(value[key], item) for key, item in sent.items()}
    if isinstance(value, list) and isinstance(sent, list):
        return [reached(*pair) for pair in zip(value, sent, strict=True)]
    return value


def without_null_lists(sent: Any, found: Any) -> Any:
    """The JSON as sent, but with an empty list or object for each null that is one in `found`."""
    if sent is None and is_empty(found):
        return found
    if isinstance(sent, dict) and isinstance(found, dict):
        return {key: without_null_lists(item, found.get(key)) for key, item in sent.items()}
    if isinstance(sent, list) and isinstance(found, list) and len(sent) == len(found):
        return [without_null_lists(*pair) for pair in zip(sent, found, strict=True)]
    return sent


def is_empty(value: Any) -> bool:
    """Whether a value is a list or an object without anything in it."""
    if isinstance(value, BaseModel):
        return not value.model_dump(exclude_unset=True)
    return value in ([], {})
