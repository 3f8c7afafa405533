"""`events` and `wait_for` of `AsyncClient`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import Unpack

from matterapi.calls.async_sender import AsyncSender

from .base import BaseClient
from .event_streams import EventOptions, nothing_came, open_stream, seconds_left

if TYPE_CHECKING:
    from matterapi.events import Event
    from matterapi.events.stream import AsyncEventStream

    A = TypeVar("A", bound=Event)
    B = TypeVar("B", bound=Event)
    C = TypeVar("C", bound=Event)
    D = TypeVar("D", bound=Event)


class AsyncEvents(BaseClient[AsyncSender]):
    """The streams of `AsyncClient`."""

    @overload
    def events(self, **options: Unpack[EventOptions]) -> AsyncEventStream[Event]: ...
    @overload
    def events(self, a: type[A], /, **options: Unpack[EventOptions]) -> AsyncEventStream[A]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], /, **options: Unpack[EventOptions]
    ) -> AsyncEventStream[A | B]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], c: type[C], /, **options: Unpack[EventOptions]
    ) -> AsyncEventStream[A | B | C]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], c: type[C], d: type[D], /, **options: Unpack[EventOptions]
    ) -> AsyncEventStream[A | B | C | D]: ...
    @overload
    def events(self, *classes: type[Event], **options: Unpack[EventOptions]) -> AsyncEventStream[Event]: ...
    def events(self, *classes: type[Event], **options: Unpack[EventOptions]) -> AsyncEventStream[Any]:
        """A stream of the server's events, which begins at once and misses nothing.

            async with client.events(Posted, PostEdited) as stream:
                async for event in stream:
                    print(event.post.message)

        As `SyncClient.events`.

        Args:
            classes: See `SyncClient.events`.
            options: See `EventOptions`.

        Raises:
            Exception: See `SyncClient.events`.
        """
        from matterapi.events.stream import AsyncEventStream  # noqa: PLC0415 - see `open_stream`

        return AsyncEventStream(*open_stream(self, classes, options))

    async def wait_for(
        self,
        event: type[A],
        check: Callable[[A], bool] | None = None,
        timeout: float | None = None,
        **options: Unpack[EventOptions],
    ) -> A:
        """See `SyncClient.wait_for`."""
        until = None if timeout is None else time.monotonic() + timeout
        async with self.events(event, **options) as stream:
            while (found := await stream.wait(seconds_left(until))) is not None:
                if check is None or check(found):
                    return found
        raise TimeoutError(nothing_came(event, timeout))
