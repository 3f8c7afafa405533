"""JSON without a declared type: bytes to plain Python values."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic_core import from_json

MAX_DEPTH = 128
"""Nesting of arrays and objects that is still read when a text has to be mended."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def parse_json(content: bytes) -> Any:
    """Read one JSON document.

    Integers are exact at any size, the last of duplicate keys wins, and a number beyond the range of a
    double is `inf`. What is wrong in the text but readable is mended: a byte order mark is skipped;
    invalid UTF-8 and lone surrogates become U+FFFD.

    Raises:
        ValueError: The text is not one JSON document: syntax, a second document, `NaN` or `Infinity`,
            or nested too deeply.
    """
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        return _parse_odd_text(content.decode("utf-8-sig", "replace"))


def _parse_odd_text(text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise json.JSONDecodeError(f"{constant} is not JSON", text, max(text.find(constant), 0))

    try:
        return _mend(json.loads(text, parse_constant=refuse), MAX_DEPTH)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", text, 0) from None


def _mend(value: Any, depth_left: int) -> Any:
    """Replace lone surrogates, which Python's parser lets through, and bound the nesting."""
    if isinstance(value, str):
        return value if value.isascii() else _mend_text(value)
    if not isinstance(value, (dict, list)):
        return value
    if depth_left == 0:
        raise RecursionError
    if isinstance(value, list):
        return [_mend(item, depth_left - 1) for item in value]
    return {_mend(key, 0): _mend(item, depth_left - 1) for key, item in value.items()}


def _mend_text(text: str) -> str:
    return "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
