"""What the streams of both clients share: the options of `client.events`, and how a stream is opened."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from matterapi._core import EventStream as CoreStream
from matterapi.errors.exceptions import InvalidRequest

from .base import BaseClient

if TYPE_CHECKING:
    from matterapi.events import Event
    from matterapi.events.buffer import EventBuffer
    from matterapi.events.checkpoint import Checkpoint


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
        overflow: What happens when events come faster than they are taken, and 1,024 of them or 8 MiB wait.
            `"pause"` (the default): the connection is not read until there is room, and what the server drops
            meanwhile is fetched later. `"shed"`: events of low value (`Typing`, `StatusChange` and
            `MultipleChannelsViewed`, which the server itself drops when it is busy) are dropped and counted;
            where that makes no room, as with `"pause"`. `"raise"`: what waits is still handed out, then the
            iteration raises `EventQueueFull`.
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
    overflow: Literal["pause", "shed", "raise"]


def open_stream(
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

    unknown = options.keys() - EventOptions.__annotations__.keys()
    if unknown:
        raise InvalidRequest(f"events() has no option {', '.join(sorted(unknown))}")
    missed, checkpoint = options.get("missed", "fetch"), options.get("checkpoint")
    if missed not in {"fetch", "skip"}:
        raise InvalidRequest(f"missed is 'fetch' or 'skip', not {missed!r}")
    if missed == "skip" and checkpoint is not None:
        raise InvalidRequest("a checkpoint needs missed='fetch': what was missed is to come")
    overflow = options.get("overflow", "pause")
    if overflow not in {"pause", "shed", "raise"}:
        raise InvalidRequest(f"overflow is 'pause', 'shed' or 'raise', not {overflow!r}")
    wanted = EventFilter(
        events=events_by_class(classes, options.get("without", ())),
        channels=choice("channels", options.get("channels"), options.get("not_channels", ())),
        teams=choice("teams", options.get("teams"), options.get("not_teams", ())),
        users=choice("users", options.get("users"), options.get("not_users", ())),
        not_own_posts=not options.get("own_posts", True),
    )
    position = None if checkpoint is None else checkpoint.load()
    catch_up = missed == "fetch"
    anew = catch_up and position is None and takes_posts(wanted.events)
    # Before the connection: it gets the decoder ready, for which no frame has to wait then.
    buffer: EventBuffer[Any] = EventBuffer(classes, checkpoint, options.get("manual_ack", False), anew)
    core = client.open_stream(
        catch_up=catch_up,
        overflow=overflow,
        position=position,
        wanted=wanted,
        stamped=True,
    )
    return core, buffer


def seconds_left(until: float | None) -> float | None:
    """Until this time of `time.monotonic`; `None` for ever."""
    return None if until is None else max(0.0, until - time.monotonic())


def nothing_came(event: type[Event], timeout: float | None) -> str:
    """What a wait for an event says that ended without it."""
    limit = "before the stream was ended" if timeout is None else f"within {timeout} s"
    return f"no {event.__name__} came {limit}"
