"""Whole numbers in texts, as Go's strconv reads them."""

import re

INT64 = range(-(1 << 63), 1 << 63)

_WHOLE = re.compile(r"([+-]?)0*([0-9]{1,19})")


def parse_int(text: str) -> int | None:
    """Return the 64-bit integer that `text` is; None for anything else (strconv.ParseInt)."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    number = int(match[1] + match[2])
    return number if number in INT64 else None
