"""What all events have in common, and those that are not in the server's catalogue."""

from __future__ import annotations

import time
from copy import copy, deepcopy
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from typing_extensions import Self

from matterapi.bases.models import BaseConfig
from matterapi.decoding.lenient import salvage

from .frame_value import frame_value


class Broadcast(BaseConfig):
    """Whom the server addressed an event to. What is not set is empty, and is no condition.

    Attributes:
        omit_users: Ids of users who do not get it, each with true.
        user_id: Only this user; the ids of channel and team then say only what it is about.
        channel_id: The members of this channel.
        team_id: The members of this team.
        connection_id: Only this connection. Since server 5.34.
        omit_connection_id: Not this connection. Since server 7.3.
        contains_sanitized_data: Only users who are not system administrators, who get more. Since server 7.8.
        contains_sensitive_data: Only system administrators. Since server 7.8.
    """

    omit_users: dict[str, bool] | None = None
    user_id: str = ""
    channel_id: str = ""
    team_id: str = ""
    connection_id: str = ""
    omit_connection_id: str = ""
    contains_sanitized_data: bool = False
    contains_sensitive_data: bool = False


class Arrival(NamedTuple):
    """How an event came; it is kept beside the event's data. The core makes plain tuples of the same.

    Attributes:
        received_at: Seconds since 1970 by the clock of this machine.
        seq: See `Event`.
        recovered: See `Event`.
        frame: The frame; `None` for what did not come in one.
    """

    received_at: float
    seq: int | None = None
    recovered: bool = False
    frame: bytes | None = None


class Event(BaseConfig):
    """Parent of all events.

    A value that the server sends with another type than the class says is kept as it came, and what it leaves
    out is `None`; each is logged once. Two events are equal if their data is.

    Attributes:
        NAME: The server's name of the event; empty for events that are not the server's, and where `name`
            tells it.
        JSON_TEXTS: The keys of its data that hold JSON in a text.
    """

    __slots__ = ("_arrival", "_broadcast")

    NAME: ClassVar[str] = ""
    JSON_TEXTS: ClassVar[frozenset[str]] = frozenset()

    @property
    def seq(self) -> int | None:
        """The server's number of the event in its stream, from 0; `None` for what did not come in one."""
        return _arrival(self)[1]

    @property
    def broadcast(self) -> Broadcast | None:
        """Whom the server addressed it to; `None` for what did not come from its stream."""
        try:
            read: Broadcast | None = _broadcast.__get__(self)
        except AttributeError:
            found = self.raw.get("broadcast")
            read = None if found is None else salvage(Broadcast, found, "broadcast")
            _broadcast.__set__(self, read)
        return read

    @property
    def recovered(self) -> bool:
        """Whether it came by REST after an interruption, not in the stream."""
        return _arrival(self)[2]

    @property
    def received_at(self) -> datetime:
        """When it came, by the clock of this machine, in UTC; for one that you made, when you first ask."""
        return datetime.fromtimestamp(arrival_of(self).received_at, timezone.utc)

    @property
    def raw(self) -> dict[str, Any]:
        """The frame as the server sent it, read anew each time; empty for what did not come in a frame.

        Empty as well where Python does not read it: a number in it has more digits than
        `sys.get_int_max_str_digits()`.
        """
        frame = arrival_of(self).frame
        return (None if frame is None else frame_value(frame)) or {}

    if not TYPE_CHECKING:  # a checker knows them from pydantic

        def __copy__(self) -> Self:
            return _arrived(super().__copy__(), arrival_of(self))

        def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
            return _arrived(super().__deepcopy__(memo), deepcopy(arrival_of(self), memo))

        def __getstate__(self) -> dict[Any, Any]:
            return {**super().__getstate__(), "arrival": arrival_of(self)}

        def __setstate__(self, state: dict[Any, Any]) -> None:
            state = copy(state)
            arrive(self, state.pop("arrival"))
            super().__setstate__(state)


_slot = vars(Event)["_arrival"]
_broadcast = vars(Event)["_broadcast"]
arrive = _slot.__set__
"""Say how an event came: `arrive(event, arrival)`."""


def arrival_of(event: Event) -> Arrival:
    """How an event came; one that somebody made comes now."""
    return Arrival(*_arrival(event))


def _arrival(event: Event) -> tuple[float, int | None, bool, bytes | None]:
    """The same without names, for what is asked of every event."""
    try:
        arrival: tuple[float, int | None, bool, bytes | None] = _slot.__get__(event)
    except AttributeError:
        arrival = Arrival(time.time())
        arrive(event, arrival)
    return arrival


def _arrived(event: Any, arrival: Arrival) -> Any:
    arrive(event, arrival)
    return event


class UnknownEvent(Event):
    """An event that this version of the library does not know.

    Attributes:
        name: The server's name of it.
        data: Its data, as it came.
    """

    name: str
    data: dict[str, Any]


class PluginEvent(Event):
    """An event of a plugin.

    Attributes:
        name: `custom_<plugin>_<event>`, such as `custom_playbooks_playbook_run_updated`. Both parts can have
            underscores.
        data: Whatever the plugin says.
    """

    name: str
    data: dict[str, Any]


class Connected(Event):
    """The stream is connected. Not from the server, as the following.

    Attributes:
        resumed: Whether the server goes on with the stream that was interrupted; false for a new one.
        server_version: As the server's `hello` says; empty if that is not known.
    """

    resumed: bool
    server_version: str


class Disconnected(Event):
    """The connection of the stream has ended, or could not be made.

    Attributes:
        reason: What has happened, in words.
        retry_in: Seconds until the next try.
    """

    reason: str
    retry_in: float


class CaughtUp(Event):
    """What was missed during an interruption has been asked for; the events of it came before this one.

    Attributes:
        posted: How many posts came of it.
        edited: How many changed posts.
        deleted: How many deleted posts.
        channels: How many channels were looked at.
    """

    posted: int
    edited: int
    deleted: int
    channels: int


class GapNotice(Event):
    """Something may be missing, and it could not be found out.

    Attributes:
        channel_id: In which channel.
        since: From when on, in milliseconds since 1970 by the server's clock.
        until: Up to when.
        kind: What may be missing, such as `edits`.
    """

    channel_id: str
    since: int
    until: int
    kind: str


class SlowConsumer(Event):
    """Events come faster than they are taken.

    Attributes:
        depth: How many events wait.
        size: How many bytes these take.
        paused: Whether the connection is no longer read for now.
    """

    depth: int
    size: int
    paused: bool
