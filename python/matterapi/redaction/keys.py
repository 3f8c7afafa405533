"""Which keys of an object stand for a secret, judged by their names."""

from __future__ import annotations

import re

MASK = "**********"
"""Stands in dumps, pickles and representations for a secret."""

_SECRET = re.compile(r"(?i)token|passw|secret|credential|(?:api|private|access|developer)_?key")
_ABOUT_ONE = re.compile(r"(?:_(?:id|type|url|uri|endpoint|name)|Id|Type|U[Rr][LlIi]|Endpoint|Name)$")


def looks_secret(key: str) -> bool:
    """Whether the key names a secret, or something about one, such as `token_id`."""
    return _SECRET.search(key) is not None


def is_secret_key(key: str) -> bool:
    """Whether the key names a secret itself: `auth_token`, but not `token_id` or `token_type`."""
    return looks_secret(key) and _ABOUT_ONE.search(key) is None
