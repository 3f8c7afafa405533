"""`event_hooks` of `httpx_client_options`: functions that see every call."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from matterapi.errors.exceptions import InvalidOptions

if TYPE_CHECKING:
    from matterapi.http.response import Response
    from matterapi.http.values import Request

_NAME = "httpx_client_options['event_hooks']"
_EVENTS = ("request", "response")

Hook: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True)
class EventHooks:
    """What to call.

    Attributes:
        request: Called with the `Request` before it is sent.
        response: Called with the `Response` of every success; errors are raised before, as in 0.5.0.
    """

    request: tuple[Hook, ...] = ()
    response: tuple[Hook, ...] = ()

    @classmethod
    def of(cls, value: Any) -> EventHooks | None:
        """Read a mapping of `request` and `response` to functions; `None` if there are none.

        Raises:
            ValueError: It is something else.
        """
        if not value:
            return None
        if not isinstance(value, Mapping) or not set(value) <= set(_EVENTS):
            raise ValueError(f"{_NAME} must be a dict with lists of functions for 'request' and 'response'")
        lists = [value.get(event) or () for event in _EVENTS]
        if not all(isinstance(one, (list, tuple)) and all(map(callable, one)) for one in lists):
            raise ValueError(f"{_NAME} must be a dict with lists of functions for 'request' and 'response'")
        return cls(*map(tuple, lists)) if any(lists) else None

    def run(self, event: str, seen: Request | Response) -> None:
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

    async def run_async(self, event: str, seen: Request | Response) -> None:
        """As `run`, awaiting what is awaitable."""
        for hook in getattr(self, event):
            if inspect.isawaitable(result := hook(seen)):
                await result
