"""JSON without a declared type: bytes to plain Python values."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, NoReturn

from pydantic_core import from_json

from matterapi._core import check_room

MAX_DEPTH = 128
"""Nesting of arrays and objects that is still read when a text has to be mended."""

MAX_DECODED_SIZE = 256 * 1024 * 1024
"""Bytes of memory that the values of one text may take.

The largest lists that servers send take a fifth of it: 10,000 channels 43 MB, 10,000 users 25 MB, 10,000
memberships 29 MB; 1,000 posts of 64 KiB take 66 MB.
"""

MOST_OF_A_BYTE = 128
"""A shorter text cannot take more: `[` is a byte and a list of 96 bytes."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def parse_json(content: bytes, most: int | None = MAX_DECODED_SIZE) -> Any:
    """Read one JSON document.

    Integers are exact at any size, the last of duplicate keys wins, and a number beyond the range of a
    double is `inf`. What is wrong in the text but readable is mended: a byte order mark is skipped;
    invalid UTF-8 and lone surrogates become U+FFFD.

    Args:
        content: The text, in UTF-8.
        most: Bytes of memory that the values may take, by estimate; `None` for any number.

    Raises:
        ValueError: The text is not one JSON document: syntax, a second document, `NaN` or `Infinity`,
            or nested too deeply; `JsonTooLargeError` if the values would take too much memory.
    """
    check_size(content, most)
    # What a parser raises is let go of before the next one is asked: it holds the text.
    with suppress(ValueError):
        return from_json(content, allow_inf_nan=False)
    return _parse_odd_text(content.decode("utf-8-sig", "replace"))


def load_json(text: str | bytes, **kwargs: Any) -> Any:
    """`json.loads`, whose exception does not hold the text: a server's may have secrets in it.

    Raises:
        json.JSONDecodeError: Its `doc` is empty.
    """
    try:
        return json.loads(text, **kwargs)
    except json.JSONDecodeError as error:
        error.doc = ""
        raise


def check_size(content: bytes, most: int | None = MAX_DECODED_SIZE) -> None:
    """Refuse a text whose values would take too much memory, before anybody reads it.

    Args:
        content: The text.
        most: See `parse_json`.

    Raises:
        JsonTooLargeError: They would take more than `most` bytes.
        MemoryError: There is not as much memory.
    """
    if len(content) * MOST_OF_A_BYTE > (MAX_DECODED_SIZE if most is None else most):
        check_room(content, most)


def _parse_odd_text(text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise json.JSONDecodeError(f"{constant} is not JSON", text, max(text.find(constant), 0))

    try:
        return _mend(load_json(text, parse_constant=refuse), MAX_DEPTH)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", "", 0) from None


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
