"""The second factor of an account: time-based codes of six digits (RFC 6238), each of which works once."""

import base64
import hashlib
import hmac
import random
from dataclasses import dataclass, field

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_LENGTH = 32
_PERIOD_MS = 30_000
# Periods before and after the present one whose codes pass.
_WINDOW = 1


def new_secret(source: random.Random) -> str:
    """Return a secret in base32."""
    return "".join(source.choices(_ALPHABET, k=_SECRET_LENGTH))


def code_at(secret: str, now: int) -> str:
    """Return the code that an authenticator shows at `now` (ms)."""
    return _code(secret, now // _PERIOD_MS)


def _code(secret: str, period: int) -> str:
    key = base64.b32decode(secret)
    digest = hmac.digest(key, period.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[19] & 0x0F
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{value % 1_000_000:06}"


@dataclass(slots=True)
class SecondFactor:
    """A secret, and the periods whose codes have been used.

    Attributes:
        secret: In base32.
        used: Numbers of those periods.
    """

    secret: str
    used: set[int] = field(default_factory=set)

    def accepts(self, code: str, now: int) -> bool:
        """Whether `code` is one of the present (ms) that has not been used, and use it up."""
        present = now // _PERIOD_MS
        self.used = {period for period in self.used if period >= present - _WINDOW}
        for period in range(present - _WINDOW, present + _WINDOW + 1):
            if _code(self.secret, period) == code:
                if period in self.used:
                    return False
                self.used.add(period)
                return True
        return False


def is_code(text: str) -> bool:
    """Whether `text` has the form of a code; anything else is an error of its own."""
    return len(text) == 6 and text.isascii() and text.isdecimal()
