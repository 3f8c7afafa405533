"""How long and how much: the time-outs and the pool limits of a client."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Any

_TIMEOUT = "httpx_client_options['timeout']"
_LIMITS = "httpx_client_options['limits']"
_PHASES = ("connect", "read", "write", "pool")
_FEWEST_VALUES = 2


@dataclass(frozen=True)
class Timeout:
    """Seconds that each phase of a call may take; `None` waits without end.

    Args:
        connect: Until the connection is ready, proxy and TLS included.
        read: Until the head of the answer is complete, and then between two reads of its body. A body must
            also bring a byte a second on average: over its first five seconds, later over the longer of
            five seconds and this time. `None` lifts that limit too.
        write: Between two writes of the request.
        pool: For a free connection.
    """

    connect: float | None = 10.0
    read: float | None = 10.0
    write: float | None = 10.0
    pool: float | None = 10.0

    @classmethod
    def of(cls, value: Any) -> Timeout:
        """Read what httpx takes as a timeout.

        Args:
            value: Seconds for every phase, `None` for no limit, two to four values in the order of the
                fields (those left out have no limit), or an object with these four attributes, such as
                `httpx.Timeout`.

        Raises:
            ValueError: It is something else, or not a positive number.
        """
        if isinstance(value, cls):
            return cls(*map(_timeout, astuple(value)))
        if all(hasattr(value, phase) for phase in _PHASES):
            return cls(*(_timeout(getattr(value, phase)) for phase in _PHASES))
        if isinstance(value, (tuple, list)):
            if not _FEWEST_VALUES <= len(value) <= len(_PHASES):
                raise ValueError(f"{_TIMEOUT} of several values has two to four: {', '.join(_PHASES)}")
            return cls(*map(_timeout, [*value, None, None][: len(_PHASES)]))
        seconds = _timeout(value)
        return cls(seconds, seconds, seconds, seconds)


@dataclass(frozen=True)
class Limits:
    """How many connections a client may have.

    Args:
        max_connections: At once; `None` for no limit.
        max_keepalive_connections: Kept open between calls; `None` for no limit.
        keepalive_expiry: Seconds that one is kept open between calls; `None` for no limit. The server
            closes connections that are idle for 60 s.
    """

    max_connections: int | None = 100
    max_keepalive_connections: int | None = None
    keepalive_expiry: float | None = 45.0

    @classmethod
    def of(cls, value: Any) -> Limits:
        """Read an object with these three attributes, such as `httpx.Limits`; `None` is the default.

        Raises:
            ValueError: An attribute is missing, or is no number of the right kind.
        """
        if value is None:
            return cls()
        try:
            return cls(
                _count(value.max_connections, "max_connections", 1),
                _count(value.max_keepalive_connections, "max_keepalive_connections", 0),
                _seconds(value.keepalive_expiry, f"{_LIMITS}.keepalive_expiry must not be negative"),
            )
        except AttributeError:
            names = ", ".join(cls.__dataclass_fields__)
            raise ValueError(f"{_LIMITS} must be an object with {names}, such as httpx.Limits") from None


def _timeout(value: Any) -> float | None:
    seconds = _seconds(value, f"{_TIMEOUT} must be positive seconds or None for no limit")
    if seconds == 0:
        raise ValueError(f"{_TIMEOUT} must be positive seconds or None for no limit")
    return seconds


def _seconds(value: Any, message: str) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if isinstance(value, bool) or not 0 <= seconds < float("inf"):
        raise ValueError(message)
    return seconds


def _count(value: Any, name: str, least: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"{_LIMITS}.{name} must be a whole number from {least} on, or None for no limit")
    return value
