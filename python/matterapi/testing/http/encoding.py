"""JSON as the server writes and reads it."""

import json
import re
from collections.abc import Iterator
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
# A text, or a bracket. An unended text goes to the end, so that no byte is looked at twice.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.?[^"\\]*)*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)

MAX_DEPTH = 100
"""Levels of arrays and objects in what is read. A real server reads 10,000 (Go's encoding/json); nothing that
clients send has more than ten, and what is read here must be written again inside other values, by a library
that goes no deeper than 254."""


def dumps(value: Any) -> bytes:
    """Encode `value` as compact JSON with the escapes of Go's encoding/json.

    Lone surrogates, which stand for the bytes of a header that are no UTF-8, become U+FFFD.
    """
    try:
        data = orjson.dumps(value)
    except orjson.JSONEncodeError:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        data = _LONE_SURROGATE.sub("\ufffd", text).encode()
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
        ValueError: The body does not begin with a JSON value, or it has more than `MAX_DEPTH` levels.
    """
    if nesting(data) > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} levels")
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        text = data.decode("utf-8", errors="replace").lstrip(" \t\r\n")
        value, _ = json.JSONDecoder(parse_constant=_refuse).raw_decode(text)
        return orjson.loads(_LONE_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)))


def nesting(data: bytes) -> int:
    """Return how deep the first value of `data` is nested; up to `MAX_DEPTH` the response may be too high."""
    most = data.count(b"[") + data.count(b"{")
    return most if most <= MAX_DEPTH else max(_levels(data), default=0)


def _levels(data: bytes) -> Iterator[int]:
    """Yield the level that each bracket of the first value opens."""
    level = 0
    for match in _TOKEN.finditer(data):
        token = match[0]
        if token in (b"[", b"{"):
            level += 1
            yield level
        elif token in (b"]", b"}"):
            level -= 1
            if level <= 0:
                return


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
