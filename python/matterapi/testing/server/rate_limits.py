"""Rate limits by the generic cell rate algorithm, and their headers (app/ratelimit.go)."""

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from matterapi.testing.state.config import Config
from matterapi.testing.state.credentials import token_of

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limiter says of one request.

    Attributes:
        passes: Whether the request may go on.
        headers: What the response is to tell of the limit.
    """

    passes: bool
    headers: Headers


class Bucket:
    """Buckets by key, each of which drains `per_second` requests a second and holds one more than `burst`.

    Args:
        per_second: Requests a second that pass for ever.
        burst: Requests that may come at once beyond the first.
        size: Keys that are remembered; of more, those unused for the longest time are forgotten.
    """

    def __init__(self, per_second: int, burst: int, size: int) -> None:
        self._limit = burst + 1
        self._interval_ms = 1000 / per_second
        self._tolerance_ms = self._interval_ms * self._limit
        self._size = size
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def take(self, key: str, now: int) -> Verdict:
        """Count one request at `now` (ms) against the bucket of `key`."""
        empty_at = self._empty_at.get(key, now)
        filled = max(now, empty_at) + self._interval_ms
        wait_ms = filled - self._tolerance_ms - now
        if wait_ms > 0:
            return Verdict(passes=False, headers=self._headers(empty_at - now, wait_ms))
        self._empty_at[key] = filled
        self._empty_at.move_to_end(key)
        if len(self._empty_at) > self._size:
            self._empty_at.popitem(last=False)
        return Verdict(passes=True, headers=self._headers(filled - now, None))

    def _headers(self, reset_ms: float, wait_ms: float | None) -> Headers:
        room = self._tolerance_ms - reset_ms
        # Sums of floats: a whole number must not be missed by the last bit.
        remaining = int(room / self._interval_ms + 1e-9) if room > -self._interval_ms else 0
        headers = [
            ("X-Ratelimit-Limit", str(self._limit)),
            ("X-Ratelimit-Remaining", str(remaining)),
            ("X-Ratelimit-Reset", str(math.ceil(reset_ms / 1000 - 1e-9))),
        ]
        if wait_ms is not None:
            headers.append(("Retry-After", str(math.ceil(wait_ms / 1000 - 1e-9))))
        return headers


class RateLimits:
    """The limits that the settings ask for; other settings begin with full buckets.

    Args:
        config: The server's settings.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._settings: tuple[int, int, int] | None = None
        self._bucket: Bucket | None = None

    def _current(self) -> Bucket | None:
        """Return the buckets; None while limits are off."""
        if not self._config.flag("RateLimitSettings.Enable"):
            self._settings = self._bucket = None
            return None
        names = ("PerSec", "MaxBurst", "MemoryStoreSize")
        per_second, burst, size = (self._config.number(f"RateLimitSettings.{name}") for name in names)
        if self._bucket is None or self._settings != (per_second, burst, size):
            self._settings = (per_second, burst, size)
            self._bucket = Bucket(per_second, burst, size)
        return self._bucket

    def admit(
        self, headers: Mapping[str, str], query: Mapping[str, list[str]], address: str, now: int
    ) -> Verdict:
        """Count a request before anything else is done with it.

        Args:
            headers: Its headers.
            query: Its query.
            address: Where it comes from.
            now: The time in ms.
        """
        bucket = self._current()
        if bucket is None:
            return Verdict(passes=True, headers=[])
        token = token_of(headers, query)[0] if self._config.flag("RateLimitSettings.VaryByUser") else ""
        key = token
        if not token and self._config.flag("RateLimitSettings.VaryByRemoteAddr"):
            key = address
        if name := self._config.text("RateLimitSettings.VaryByHeader"):
            key += headers.get(name, "").lower()
        return bucket.take(key, now)

    def admit_user(self, user_id: str, now: int) -> Verdict:
        """Count a request that brought a token once more, by its user; "" where the token opens nothing."""
        bucket = self._current()
        if bucket is None or not self._config.flag("RateLimitSettings.VaryByUser"):
            return Verdict(passes=True, headers=[])
        return bucket.take(user_id, now)
