"""What must never be shown: tokens and passwords in messages, headers and dumps."""

from __future__ import annotations

import re
from typing import Any

from .keys import MASK, looks_secret
from .known_secrets import HEADER_MASK, mask

__all__ = ["HEADER_MASK", "MASK", "is_secret_header", "redact", "redact_beginning", "redact_value"]

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
            r"(?i)((?:(?<![\w-])x-[\w-]{0,40}(?:key|token|secret|auth)|\b(?:api-?key|(?:set-)?cookie))\s*:\s*)"
            r"[^\r\n<]+"
        ),
        rf"\1{HEADER_MASK}",
    ),
    (re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]+@"), rf"\1{HEADER_MASK}@"),
)
_SECRET_HEADER = re.compile(r"(?i)auth|token|cookie|secret|password|api-?key")
_LARGEST_CODE = 128  # bits
# The server's own words for the parts of its errors, which are no secret even if somebody's password is one.
_PLAIN_KEYS = frozenset({"id", "message", "status_code", "request_id", "detailed_error", "is_oauth"})


def redact(text: str) -> str:
    """Hide in a text what is a secret of this process's clients, and what looks like a credential.

    The latter covers `Bearer` and `Basic` values, `token=`/`password=` pairs (also quoted, as in JSON), lines
    with header fields such as `X-Api-Key` and `Cookie`, user information in URLs, and a 26-character id right
    after the word "token", which is how the server's message for `api.context.invalid_token.error`
    quotes the session token.
    """
    text = mask(text)
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_beginning(text: str, size: int) -> str:
    """`redact` for the first `size` characters of a text; what follows is left out."""
    return redact(text if len(text) <= size else mask(text)[:size])


def redact_value(value: Any) -> Any:
    """`redact` for every text inside a JSON value, and the whole text under a key such as `token`."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {_redact_key(key): _redact_item(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [redact_value(item) for item in value]
    if isinstance(value, int) and value.bit_length() <= _LARGEST_CODE:
        # A code of digits may come back as a number.
        return value if mask(digits := str(value)) == digits else HEADER_MASK
    return value


def _redact_key(key: Any) -> Any:
    return mask(key) if isinstance(key, str) and key not in _PLAIN_KEYS else key


def _redact_item(key: Any, item: Any) -> Any:
    if isinstance(item, str) and item and looks_secret(str(key)):
        return HEADER_MASK
    return redact_value(item)


def is_secret_header(name: str) -> bool:
    """Whether the value of this header may hold a credential, such as `Authorization` or `Token`."""
    return _SECRET_HEADER.search(name) is not None
