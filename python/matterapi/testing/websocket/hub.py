"""Who gets which event, and which streams the server still remembers.

The order of the rules is the server's: session, slow drop, sanitized or sensitive twin, connection id,
omitted connection id, user id (then channel and team are not looked at), omitted users, channel, team, guest,
everybody (web_conn.go, ShouldSendEvent).
"""

from collections.abc import Iterable, Iterator

from matterapi.testing.state.credentials import find_session
from matterapi.testing.state.timers import Timers
from matterapi.testing.state.world import World

from .messages import Broadcast, Event
from .stream import Stream

SLOW_DROP = frozenset({"typing", "status_change", "multiple_channels_viewed"})
REAP_EVERY_S = 300.0
_PRESENCE_SCOPED = frozenset({"typing", "reaction_added", "reaction_removed"})
_ABOUT_A_USER = frozenset({"user_updated", "new_user"})


class Hub:
    """All streams of one server, live ones and those that a client may still come back to."""

    def __init__(self, world: World, timers: Timers) -> None:
        self._world = world
        self._timers = timers
        self._all: dict[Stream, None] = {}
        self._by_user: dict[str, dict[Stream, None]] = {}
        self._unregistered: dict[Stream, None] = {}
        self._reaps = False

    def __iter__(self) -> Iterator[Stream]:
        return iter(list(self._all))

    def register(self, stream: Stream) -> None:
        """Let a stream that has authenticated receive events."""
        self._unregistered.pop(stream, None)
        stream.is_active = True
        self._all[stream] = None
        self._by_user.setdefault(stream.user_id, {})[stream] = None
        if not self._reaps:
            self._reaps = True
            self._timers.call_later(REAP_EVERY_S - self._timers.now() % REAP_EVERY_S, self._reap)

    def has(self, stream: Stream) -> bool:
        """Whether a stream is registered."""
        return stream in self._all

    def lose(self, stream: Stream) -> bool:
        """Note that a socket is gone; tells whether its user has no live one left.

        The stream stays, and events are queued for a client that comes back.
        """
        stream.is_active = False
        return not any(other.is_active for other in self._by_user.get(stream.user_id, ()))

    def take(self, user_id: str, connection_id: str) -> Stream | None:
        """Take a lost stream out for a client that comes back; None when it is not here."""
        for stream in self._by_user.get(user_id, ()):
            if stream.id == connection_id and not stream.is_active:
                self.forget(stream)
                return stream
        return None

    def miss(self, stream: Stream) -> None:
        """Count what a stream loses until it is registered."""
        self._unregistered[stream] = None

    def forget(self, stream: Stream) -> None:
        """Drop a stream from every index."""
        self._unregistered.pop(stream, None)
        if stream not in self._all:
            return
        del self._all[stream]
        for user_id, mine in list(self._by_user.items()):
            mine.pop(stream, None)
            if not mine:
                del self._by_user[user_id]

    def touch(self, token: str) -> None:
        """Note activity of a session's user: it postpones the end of what his sockets leave behind."""
        for stream in self._all:
            if stream.is_active and stream.token == token:
                stream.last_activity = self._timers.now()

    def _reap(self) -> None:
        """Forget lost streams whose user was last active more than 5 minutes ago."""
        now = self._timers.now()
        for stream in list(self._all):
            if not stream.is_active and now - stream.last_activity > REAP_EVERY_S:
                self.forget(stream)
        self._timers.call_later(REAP_EVERY_S, self._reap)

    def publish(self, event: Event) -> None:
        """Send an event to every stream that is to get it."""
        for stream in self._candidates(event.broadcast):
            if self._wants(stream, event):
                extra = event.extra_for(stream.user_id, wants_ack=stream.wants_ack)
                self._push(stream, (event, extra))
        for stream in self._unregistered:
            if self._wants(stream, event):
                stream.miss()

    def publish_all(self, events: Iterable[Event]) -> None:
        """Send events one after the other."""
        for event in events:
            self.publish(event)

    def reply(self, stream: Stream, reply: bytes) -> None:
        """Send a reply to a registered stream; others never get any."""
        if stream in self._all:
            self._push(stream, reply)

    def greet(self, stream: Stream, hello: Event) -> None:
        """Queue hello for a stream."""
        self._push(stream, (hello, None))

    def _push(self, stream: Stream, message: tuple[Event, dict[str, object] | None] | bytes) -> None:
        if not stream.push(message):
            self.forget(stream)
            stream.cut()

    def _candidates(self, broadcast: Broadcast) -> Iterable[Stream]:
        if broadcast.user_id and not broadcast.connection_id:
            return tuple(self._by_user.get(broadcast.user_id, ()))
        return tuple(self._all)

    def _wants(self, stream: Stream, event: Event) -> bool:
        broadcast, user_id = event.broadcast, stream.user_id
        if not self.is_live(stream):
            return False
        if event.name in SLOW_DROP and stream.is_slow:
            return False
        if broadcast.sanitized or broadcast.sensitive:
            admin = self._is_admin(user_id)
            if (broadcast.sanitized and admin) or (broadcast.sensitive and not admin):
                return False
        if broadcast.connection_id:
            return broadcast.connection_id == stream.id
        if broadcast.omit_connection_id == stream.id:
            return False
        return broadcast.user_id == user_id if broadcast.user_id else self._in_audience(stream, event)

    def _in_audience(self, stream: Stream, event: Event) -> bool:
        broadcast, user_id = event.broadcast, stream.user_id
        if broadcast.omit_users and user_id in broadcast.omit_users:
            return False
        if broadcast.channel_id:
            if event.name in _PRESENCE_SCOPED and stream.presence.is_elsewhere(broadcast.channel_id):
                return False
            return user_id in self._world.channels.members(broadcast.channel_id)
        if broadcast.team_id:
            return self._world.teams.is_member(broadcast.team_id, user_id)
        return event.name not in _ABOUT_A_USER or self._may_see(user_id, event)

    def _may_see(self, user_id: str, event: Event) -> bool:
        """Whether a user may learn of the account an event is about; a guest may not of strangers."""
        user = self._world.users.get(user_id)
        if user is None or "system_guest" not in user["roles"].split():
            return True
        data = event.data or {}
        other = data.get("user_id") or (data.get("user") or {}).get("id", "")
        return other == user_id or self._world.channels.share(user_id, other)

    def is_live(self, stream: Stream) -> bool:
        """Whether the stream's session still counts.

        Nothing is sent to a socket whose session was revoked, and it is not closed either. Once found dead
        it stays dead, even if its token becomes valid again.
        """
        if stream.token and find_session(self._world, stream.token) is None:
            stream.token = ""
        return bool(stream.token)

    def _is_admin(self, user_id: str) -> bool:
        user = self._world.users.get(user_id)
        return user is not None and self._world.roles.grant(user["roles"], "manage_system")
