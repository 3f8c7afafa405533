"""What must never be shown: tokens and passwords in messages, headers and dumps."""

from __future__ import annotations

import re
from typing import Any

MASK = "**********"
"""Stands in dumps and pickles for a secret."""

HEADER_MASK = "[secure]"
"""Stands for a secret inside a header or a message."""

_PATTERNS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s,;\"']+"), rf"\1 {HEADER_MASK}"),
    (re.compile(r"(?i)(token\W{0,4})[a-z0-9]{26}(?![a-z0-9])"), rf"\1{HEADER_MASK}"),
    (re.compile(r"(?i)(\b\w*(?:token|password|passwd)=)[^\s&\"',;]+"), rf"\1{HEADER_MASK}"),
    # JSON, and the `repr` of a dict.
    (
        re.compile(r"""(?i)((["'])\w*(?:token|password|passwd)\2\s*:\s*(["']))(?:(?!\3)[^\\]|\\.)*"""),
        rf"\1{HEADER_MASK}",
    ),
    # The same inside a JSON text that is itself a JSON value.
    (
        re.compile(r'(?i)(\\"\w*(?:token|password|passwd)\\"\s*:\s*\\")(?:[^"\\]|\\[^"])*'),
        rf"\1{HEADER_MASK}",
    ),
    # Header lines, as a page about a failed request may repeat them.
    (
        re.compile(
            r"(?i)\b((?:x-[\w-]{0,40}(?:key|token|secret|auth)|api-?key|(?:set-)?cookie)\s*:\s*)[^\r\n<]+"
        ),
        rf"\1{HEADER_MASK}",
    ),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]+@"), rf"\1{HEADER_MASK}@"),
)
_SECRET_KEY = re.compile(r"(?i)token|passw|secret")
_SECRET_HEADER = re.compile(r"(?i)auth|token|cookie|secret|password|api-?key")


def redact(text: str) -> str:
    """Hide what looks like a credential in a text.

    Covers `Bearer` and `Basic` values, `token=`/`password=` pairs (also quoted, as in JSON), lines with
    header fields such as `X-Api-Key` and `Cookie`, user information in URLs, and a 26-character id right
    after the word "token", which is how the server's message for `api.context.invalid_token.error`
    quotes the session token.
    """
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_value(value: Any) -> Any:
    """`redact` for every text inside a JSON value, and the whole text under a key such as `token`."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {
            key: HEADER_MASK
            if isinstance(item, str) and item and _SECRET_KEY.search(key)
            else redact_value(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [redact_value(item) for item in value]
    return value


def is_secret_header(name: str) -> bool:
    """Whether the value of this header may hold a credential, such as `Authorization` or `Token`."""
    return _SECRET_HEADER.search(name) is not None
