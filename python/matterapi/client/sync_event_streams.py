"""`events` and `wait_for` of `SyncClient`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import Unpack

from matterapi.calls.sync_sender import SyncSender

from .base import BaseClient
from .event_streams import EventOptions, nothing_came, open_stream, seconds_left

if TYPE_CHECKING:
    from matterapi.events import Event
    from matterapi.events.stream import SyncEventStream

    A = TypeVar("A", bound=Event)
    B = TypeVar("B", bound=Event)
    C = TypeVar("C", bound=Event)
    D = TypeVar("D", bound=Event)


class SyncEvents(BaseClient[SyncSender]):
    """The streams of `SyncClient`."""

    @overload
    def events(self, **options: Unpack[EventOptions]) -> SyncEventStream[Event]: ...
    @overload
    def events(self, a: type[A], /, **options: Unpack[EventOptions]) -> SyncEventStream[A]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], /, **options: Unpack[EventOptions]
    ) -> SyncEventStream[A | B]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], c: type[C], /, **options: Unpack[EventOptions]
    ) -> SyncEventStream[A | B | C]: ...
    @overload
    def events(
        self, a: type[A], b: type[B], c: type[C], d: type[D], /, **options: Unpack[EventOptions]
    ) -> SyncEventStream[A | B | C | D]: ...
    @overload
    def events(self, *classes: type[Event], **options: Unpack[EventOptions]) -> SyncEventStream[Event]: ...
    def events(self, *classes: type[Event], **options: Unpack[EventOptions]) -> SyncEventStream[Any]:
        """A stream of the server's events, which begins at once and misses nothing.

            with client.events(Posted, PostEdited) as stream:
                for event in stream:
                    print(event.post.message)

        The connection is made again whenever it ends. What is promised in the meantime, and what is not, says
        `docs/explanation/delivery.md`.

        Args:
            classes: Classes of the events that come: of `matterapi.events`, those about the stream itself
                (`Connected`, `Disconnected`, `CaughtUp`, `GapNotice`, `SlowConsumer`) too. None for all
                events of the server.
            options: See `EventOptions`.

        Raises:
            InvalidRequest: What was given cannot be used. All further errors come from the iteration:
            NoAccessTokenProvided: The server rejected the credentials twice while it was healthy.
            TransportError: The first connection failed in a way that waiting does not mend.
        """
        from matterapi.events.stream import SyncEventStream  # noqa: PLC0415 - see `open_stream`

        return SyncEventStream(*open_stream(self, classes, options))

    def wait_for(
        self,
        event: type[A],
        check: Callable[[A], bool] | None = None,
        timeout: float | None = None,
        **options: Unpack[EventOptions],
    ) -> A:
        """The next event of a class, from now on.

        Args:
            event: The class.
            check: Whether it is the one; `None` takes the first.
            timeout: Seconds; `None` waits for ever.
            options: See `EventOptions`.

        Raises:
            TimeoutError: There was none in that time, or none before the client was closed.
            Exception: See `events`.
        """
        until = None if timeout is None else time.monotonic() + timeout
        with self.events(event, **options) as stream:
            while (found := stream.wait(seconds_left(until))) is not None:
                if check is None or check(found):
                    return found
        raise TimeoutError(nothing_came(event, timeout))
