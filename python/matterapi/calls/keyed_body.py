"""Bodies that the server recognises when they come twice."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

from pydantic import BaseModel

from .body import Body
from .json_body import dump_json

JSON = "application/json"


def keyed_body(value: BaseModel | dict[str, Any], key: str) -> Body:
    """A JSON object with a new value for `key`, unless the caller gave one, be it none at all.

    Args:
        value: The body.
        key: The field by which the server recognises a repeat.
    """
    content = dump_json(value)
    given = value if isinstance(value, dict) else value.__dict__
    is_set = key in (value if isinstance(value, dict) else value.model_fields_set)
    if is_set:
        return Body("json", JSON, content, keyed=bool(given.get(key)))
    member = f'{{"{key}":"{token_hex(13)}"'.encode()
    rest = content[1:]
    return Body("json", JSON, member + (b"" if rest == b"}" else b",") + rest, keyed=True)
