"""One-time codes for accounts with multi-factor authentication (RFC 6238)."""

from __future__ import annotations

import hmac
import time
from base64 import b32decode
from binascii import Error as Base32Error
from collections.abc import Callable

_STEP = 30
_DIGITS = 6


class Totp:
    """Makes the code that an authenticator app shows; give it as `mfa_token`.

    Args:
        secret: The secret in base 32, as the server shows it when MFA is set up; spaces do not count. It is
            not shown by `repr`.
        clock: Gives the time in seconds since 1970. It must agree with the server's to half a minute.

    Raises:
        ValueError: The secret is not base 32.
    """

    __slots__ = ("_clock", "_key", "secret")

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.secret: str = secret
        self._clock = clock
        text = "".join(secret.split()).rstrip("=").upper()
        try:
            self._key = b32decode(text + "=" * (-len(text) % 8))
        except Base32Error:
            self._key = b""
        if not self._key:
            raise ValueError("the MFA secret is not base 32: it has the letters A to Z and the digits 2 to 7")

    def __call__(self) -> str:
        """The code of this half minute, six digits."""
        count = int(self._clock()) // _STEP
        digest = hmac.digest(self._key, count.to_bytes(8, "big"), "sha1")
        start = digest[-1] & 0x0F
        number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
        return str(number % 10**_DIGITS).zfill(_DIGITS)

    def __repr__(self) -> str:
        return "Totp('**********')"
