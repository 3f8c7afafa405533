"""JSON as the server writes and reads it."""

import json
import re
from typing import Any, TypeAlias

import orjson

JsonObject: TypeAlias = dict[str, Any]

# Go's encoder escapes these in every string; none of them can occur outside a string in JSON.
_GO_ESCAPES = (
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    (b"&", rb"\u0026"),
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def dumps(value: Any) -> bytes:
    """Encode `value` as compact JSON with the escapes of Go's encoding/json."""
    data = orjson.dumps(value)
    for plain, escaped in _GO_ESCAPES:
        if plain in data:
            data = data.replace(plain, escaped)
    return data


def dumps_text(value: Any) -> str:
    """Encode `value` like `dumps`, as text: the form of JSON inside a JSON string."""
    return dumps(value).decode()


def loads(data: bytes) -> Any:
    """Decode a request body the way Go's decoder does.

    Whatever follows the first value is ignored; invalid UTF-8 and lone surrogates become U+FFFD.

    Raises:
        ValueError: The body does not begin with a JSON value.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data.decode("utf-8", errors="replace").lstrip(" \t\r\n")
        value, _ = json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
        return orjson.loads(_LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
