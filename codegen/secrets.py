"""Which fields of the models hold a secret; every name that looks like one has to be decided on."""

from __future__ import annotations

import re

from .api import Secrets
from .errors import SpecError
from .typeexpr import Type

_LOOKS = re.compile(
    r"(?i)token|csrf|secret|pass|key|credential|private|mfa|salt|code|auth|cert|hash|signature|data_?source"
    r"|licen[cs]e|webhook|nonce|invite|otp"
)
_HARMLESS = frozenset({"bool", "int", "float"})


def is_secret(owner: str, key: str, kind: Type, decided: Secrets) -> bool:
    """Whether a field holds a secret.

    Args:
        owner: The schema.
        key: The JSON name.
        kind: The type; switches and numbers are no secrets, and schemas decide on their own fields.
        decided: What `spec/secrets.yaml` says.

    Raises:
        SpecError: The name looks like that of a secret, and nobody has decided whether it is one.
    """
    if not _can_hold_one(kind):
        return False
    for name in (f"{owner}.{key}", key):
        if name in decided.secret or name in decided.plain:
            return name in decided.secret
    if _LOOKS.search(key):
        raise SpecError(
            f"{owner}.{key}",
            "the name looks like that of a secret: name it in spec/secrets.yaml, as one or as plain",
        )
    return False


def _can_hold_one(kind: Type) -> bool:
    if kind.args:
        return any(map(_can_hold_one, kind.args))
    return kind.kind not in _HARMLESS and not kind.is_ref
