"""How much the cache of answers may keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_NAME = "etag_cache"


@dataclass(frozen=True)
class EtagCacheLimits:
    """What fits into the cache of a client; what was used longest ago makes room.

    Args:
        entries: Answers, at most.
        size: Bytes of their bodies, with 1 KiB more for each, at most. A larger answer is not kept.
    """

    entries: int = 1000
    size: int = 16 * 1024 * 1024

    @classmethod
    def of(cls, value: Any) -> EtagCacheLimits | None:
        """Read the option: a boolean, or limits.

        Raises:
            ValueError: It is something else, or a limit is no number above 0.
        """
        if value is None or value is False:
            return None
        limits = cls() if value is True else value
        if not isinstance(limits, cls):
            raise ValueError(f"{_NAME} must be True, False or an EtagCacheLimits")  # noqa: TRY004 - pydantic's
        for name in ("entries", "size"):
            number = getattr(limits, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 1:
                raise ValueError(f"{_NAME}: {name} must be a number above 0")
        return limits
