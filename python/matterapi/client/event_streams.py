"""`client.events(...)` and `client.wait_for(...)`: streams of typed events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, overload

from typing_extensions import Unpack

from matterapi._core import EventStream as CoreStream
from matterapi.calls.async_sender import AsyncSender
from matterapi.calls.sync_sender import SyncSender
from matterapi.errors.exceptions import InvalidRequest

from .base import BaseClient

if TYPE_CHECKING:
    from matterapi.events import Event
    from matterapi.events.buffer import EventBuffer
    from matterapi.events.checkpoint import Checkpoint
    from matterapi.events.stream import AsyncEventStream, SyncEventStream

    A = TypeVar("A", bound=Event)
    B = TypeVar("B", bound=Event)
    C = TypeVar("C", bound=Event)
    D = TypeVar("D", bound=Event)


class EventOptions(TypedDict, total=False):
    """What `client.events` takes beside classes. All of it has to hold for an event to come.

    Attributes:
        without: Classes of events that do not come.
        channels: Ids of channels: only events about them.
        not_channels: Ids of channels: no events about them.
        teams: Ids of teams: only events that say that they are about them. Edits and deletions do not.
        not_teams: Ids of teams: no events that say so.
        users: Ids of users: only what they did.
        not_users: Ids of users: nothing that they did.
        own_posts: Whether posts of the client's own user come, their edits and deletions; they do by default.
        missed: `"fetch"` (the default): after every cut what was missed is fetched and comes as events whose
            `recovered` is true. `"skip"`: it does not come.
        checkpoint: Where the position is kept, so that a later stream goes on where this one ended:
            `SQLiteCheckpoint` or an object like it.
        manual_ack: The position moves only past events that were given to `stream.ack`; otherwise past those
            that were taken before the next one was asked for.
    """

    without: Iterable[type[Event]]
    channels: Iterable[str] | None
    not_channels: Iterable[str]
    teams: Iterable[str] | None
    not_teams: Iterable[str]
    users: Iterable[str] | None
    not_users: Iterable[str]
    own_posts: bool
    missed: Literal["fetch", "skip"]
    checkpoint: Checkpoint | None
    manual_ack: bool


def _open(
    client: BaseClient[Any], classes: tuple[type[Event], ...], options: EventOptions
) -> tuple[CoreStream, EventBuffer[Any]]:
    """The connection and the buffer of a stream.

    Raises:
        InvalidRequest: The options cannot be used.
    """
    from matterapi.events.buffer import EventBuffer  # noqa: PLC0415 - programs without events do without
    from matterapi.events.filters import (  # noqa: PLC0415
        EventFilter,
        choice,
        events_by_class,
        takes_posts,
    )
    from matterapi.events.typed import DECODER  # noqa: PLC0415

    unknown = options.keys() - EventOptions.__annotations__.keys()
    if unknown:
        raise InvalidRequest(f"events() has no option {', '.join(sorted(unknown))}")
    missed, checkpoint = options.get("missed", "fetch"), options.get("checkpoint")
    if missed not in {"fetch", "skip"}:
        raise InvalidRequest(f"missed is 'fetch' or 'skip', not {missed!r}")
    if missed == "skip" and checkpoint is not None:
        raise InvalidRequest("a checkpoint needs missed='fetch': what was missed is to come")
    wanted = EventFilter(
        events=events_by_class(classes, options.get("without", ())),
        channels=choice("channels", options.get("channels"), options.get("not_channels", ())),
        teams=choice("teams", options.get("teams"), options.get("not_teams", ())),
        users=choice("users", options.get("users"), options.get("not_users", ())),
        not_own_posts=not options.get("own_posts", True),
    )
    position = None if checkpoint is None else checkpoint.load()
    catch_up = missed == "fetch"
    core = client.open_stream(catch_up=catch_up, position=position, wanted=wanted, decoder=DECODER)
    anew = catch_up and position is None and takes_posts(wanted.events)
    return core, EventBuffer(classes, checkpoint, options.get("manual_ack", False), anew)


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
        from matterapi.events.stream import SyncEventStream  # noqa: PLC0415 - see `_open`

        return SyncEventStream(*_open(self, classes, options))

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
            while (found := stream.wait(_left(until))) is not None:
                if check is None or check(found):
                    return found
        raise TimeoutError(_nothing_came(event, timeout))


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
        from matterapi.events.stream import AsyncEventStream  # noqa: PLC0415 - see `_open`

        return AsyncEventStream(*_open(self, classes, options))

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
            while (found := await stream.wait(_left(until))) is not None:
                if check is None or check(found):
                    return found
        raise TimeoutError(_nothing_came(event, timeout))


def _left(until: float | None) -> float | None:
    return None if until is None else max(0.0, until - time.monotonic())


def _nothing_came(event: type[Event], timeout: float | None) -> str:
    limit = "before the stream was ended" if timeout is None else f"within {timeout} s"
    return f"no {event.__name__} came {limit}"
