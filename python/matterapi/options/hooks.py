"""`event_hooks` of `httpx_client_options`: functions that see every call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from matterapi.errors.exceptions import InvalidOptions, MatterapiError
from matterapi.http.values import OutgoingRequest, Request

__all__ = ["EventHooks", "FailedAttempt", "Hook", "OutgoingRequest", "Request"]

_NAME = "httpx_client_options['event_hooks']"
_EVENTS = ("request", "response", "error")
_REFUSAL = f"{_NAME} must be a dict with lists of functions for 'request', 'response' and 'error'"

Hook: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, repr=False)
class FailedAttempt:
    """An attempt of a call that did not bring a success, as `error` hooks see it.

    Attributes:
        request: What was sent.
        route: Such as `GET /api/v4/users/{user_id}`.
        attempt: Which attempt of the call: 1 for the first.
        error: The exception that the call raises if no further attempt follows. For an error status an
            `ApiError` with the answer as its `response`, else a `TransportError` or another `MatterapiError`.
        delay: Seconds until the next attempt; `None` if there is none.
    """

    request: Request
    route: str
    attempt: int
    error: MatterapiError
    delay: float | None = None

    @property
    def will_retry(self) -> bool:
        """Whether a further attempt follows."""
        return self.delay is not None

    @property
    def reason(self) -> str:
        """Why it failed, in words; without credentials."""
        return str(self.error)

    def __repr__(self) -> str:
        then = f", again in {self.delay:.3f} s" if self.delay is not None else ""
        return f"<FailedAttempt {self.attempt} of {self.route}: {type(self.error).__name__}{then}>"


@dataclass(frozen=True)
class EventHooks:
    """What to call.

    Attributes:
        request: Called with the `OutgoingRequest` before a call is sent; what is set in its `headers` is sent
            along, in all of its attempts.
        response: Called with the `Response` that a call ends with, whatever its status.
        error: Called with a `FailedAttempt` for each attempt that failed: before the pause if there is a
            further one, and before the exception is raised if there is none.
    """

    request: tuple[Hook, ...] = ()
    response: tuple[Hook, ...] = ()
    error: tuple[Hook, ...] = ()

    @classmethod
    def of(cls, value: Any) -> EventHooks | None:
        """Read a mapping of `request`, `response` and `error` to functions; `None` if there are none.

        Raises:
            ValueError: It is something else.
        """
        if not value:
            return None
        if not isinstance(value, Mapping) or not set(value) <= set(_EVENTS):
            raise ValueError(_REFUSAL)
        lists = [value.get(event) or () for event in _EVENTS]
        if not all(isinstance(one, (list, tuple)) and all(map(callable, one)) for one in lists):
            raise ValueError(_REFUSAL)
        return cls(*map(tuple, lists)) if any(lists) else None

    def run(self, event: str, seen: Any) -> None:
        """Call the functions of an event one after the other; an exception ends the call.

        Raises:
            InvalidOptions: One of them has to be awaited, which only `AsyncClient` can do.
        """
        for hook in getattr(self, event):
            if inspect.isawaitable(result := hook(seen)):
                if inspect.iscoroutine(result):
                    result.close()
                raise InvalidOptions(
                    f"{_NAME}: {hook!r} must be awaited; SyncClient takes plain functions only"
                )

    async def run_async(self, event: str, seen: Any) -> None:
        """As `run`, awaiting what is awaitable."""
        for hook in getattr(self, event):
            if inspect.isawaitable(result := hook(seen)):
                await result
