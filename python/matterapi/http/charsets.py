"""The charsets that a server may name."""

from __future__ import annotations

_KNOWN = frozenset(
    [
        *("utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"),
        *("iso-8859-1", "latin-1", "latin1", "iso-8859-2", "iso-8859-5", "iso-8859-15"),
        *("windows-1250", "windows-1251", "windows-1252", "koi8-r"),
        *("gbk", "gb2312", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr"),
    ]
)


def known_charset(name: str | None) -> str | None:
    """The name if it is a charset that pages are written in, else `None`.

    What else Python has a codec for is no charset of the web, and may raise (`undefined`), take the square
    of the size (`punycode`), or stay in memory: Python remembers every name that it was ever asked for.
    """
    return name if name is not None and name.lower() in _KNOWN else None


def is_encoding(name: str) -> bool:
    """Whether Python knows an encoding of that name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        return False
    return True
