"""Who gets which event, and which streams the server still remembers.

The order of the rules is the server's: session, slow drop, sanitized or sensitive twin, connection id,
omitted connection, user id (then channel and team are not looked at), omitted users, channel, team, guest,
everybody (web_conn.go, ShouldSendEvent).
"""

from collections.abc import Iterable, Iterator

from matterapi.testing.auth import find_session
from matterapi.testing.state.world import World
from matterapi.testing.timers import Timers

from .connection import Connection
from .frames import Broadcast, Event

SLOW_DROP = frozenset({"typing", "status_change", "multiple_channels_viewed"})
REAP_EVERY_S = 300.0
_PRESENCE_SCOPED = frozenset({"typing", "reaction_added", "reaction_removed"})
_ABOUT_A_USER = frozenset({"user_updated", "new_user"})


class Hub:
    """All streams of one server, live ones and those that a client may still come back to."""

    def __init__(self, world: World, timers: Timers) -> None:
        self._world = world
        self._timers = timers
        self._all: dict[Connection, None] = {}
        self._by_user: dict[str, dict[Connection, None]] = {}
        self._limbo: dict[Connection, None] = {}
        self._reaps = False

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._all))

    def register(self, connection: Connection) -> None:
        """Let a connection that has authenticated receive events."""
        self._limbo.pop(connection, None)
        connection.is_active = True
        self._all[connection] = None
        self._by_user.setdefault(connection.user_id, {})[connection] = None
        if not self._reaps:
            self._reaps = True
            self._timers.call_later(REAP_EVERY_S - self._timers.now() % REAP_EVERY_S, self._reap)

    def has(self, connection: Connection) -> bool:
        """Tell whether a connection is registered."""
        return connection in self._all

    def lose(self, connection: Connection) -> bool:
        """Note that a socket is gone; tells whether its user has no live one left.

        The connection stays, and events are queued for a client that comes back.
        """
        connection.is_active = False
        return not any(one.is_active for one in self._by_user.get(connection.user_id, ()))

    def take(self, user_id: str, connection_id: str) -> Connection | None:
        """Take a lost connection out for a client that comes back; None when it is not here."""
        for connection in self._by_user.get(user_id, ()):
            if connection.id == connection_id and not connection.is_active:
                self.forget(connection)
                return connection
        return None

    def miss(self, connection: Connection) -> None:
        """Count what a connection loses until it is registered."""
        self._limbo[connection] = None

    def forget(self, connection: Connection) -> None:
        """Drop a connection from every index."""
        self._limbo.pop(connection, None)
        if connection not in self._all:
            return
        del self._all[connection]
        for user_id, mine in list(self._by_user.items()):
            mine.pop(connection, None)
            if not mine:
                del self._by_user[user_id]

    def touch(self, token: str) -> None:
        """Note activity of a session's user: it postpones the end of what his sockets leave behind."""
        for connection in self._all:
            if connection.is_active and connection.token == token:
                connection.last_activity = self._timers.now()

    def _reap(self) -> None:
        """Forget lost connections whose user was last active more than 5 minutes ago."""
        now = self._timers.now()
        for connection in list(self._all):
            if not connection.is_active and now - connection.last_activity > REAP_EVERY_S:
                self.forget(connection)
        self._timers.call_later(REAP_EVERY_S, self._reap)

    def publish(self, event: Event) -> None:
        """Send an event to every connection that is to get it."""
        for connection in self._candidates(event.broadcast):
            if self._wants(connection, event):
                extra = event.extra_for(connection.user_id, wants_ack=connection.wants_ack)
                self._push(connection, (event, extra))
        for connection in self._limbo:
            if self._wants(connection, event):
                connection.miss()

    def publish_all(self, events: Iterable[Event]) -> None:
        """Send events one after the other."""
        for event in events:
            self.publish(event)

    def reply(self, connection: Connection, reply: bytes) -> None:
        """Send a reply to a registered connection; others never get any."""
        if connection in self._all:
            self._push(connection, reply)

    def greet(self, connection: Connection, hello: Event) -> None:
        """Queue hello for a connection."""
        self._push(connection, (hello, None))

    def _push(self, connection: Connection, message: tuple[Event, dict[str, object] | None] | bytes) -> None:
        if not connection.push(message):
            self.forget(connection)
            connection.cut()

    def _candidates(self, broadcast: Broadcast) -> Iterable[Connection]:
        if broadcast.user_id and not broadcast.connection_id:
            return tuple(self._by_user.get(broadcast.user_id, ()))
        return tuple(self._all)

    def _wants(self, connection: Connection, event: Event) -> bool:
        broadcast, user_id = event.broadcast, connection.user_id
        if not self.is_live(connection):
            return False
        if event.name in SLOW_DROP and connection.is_slow:
            return False
        if broadcast.sanitized or broadcast.sensitive:
            admin = self._is_admin(user_id)
            if (broadcast.sanitized and admin) or (broadcast.sensitive and not admin):
                return False
        if broadcast.connection_id:
            return broadcast.connection_id == connection.id
        if broadcast.omit_connection_id == connection.id:
            return False
        return broadcast.user_id == user_id if broadcast.user_id else self._in_audience(connection, event)

    def _in_audience(self, connection: Connection, event: Event) -> bool:
        broadcast, user_id = event.broadcast, connection.user_id
        if broadcast.omit_users and user_id in broadcast.omit_users:
            return False
        if broadcast.channel_id:
            if event.name in _PRESENCE_SCOPED and connection.presence.is_elsewhere(broadcast.channel_id):
                return False
            return user_id in self._world.channels.members(broadcast.channel_id)
        if broadcast.team_id:
            return self._world.teams.is_member(broadcast.team_id, user_id)
        return event.name not in _ABOUT_A_USER or self._may_see(user_id, event)

    def _may_see(self, user_id: str, event: Event) -> bool:
        """Tell whether a user may learn of the account an event is about; a guest may not of strangers."""
        user = self._world.users.get(user_id)
        if user is None or "system_guest" not in user["roles"].split():
            return True
        data = event.data or {}
        other = data.get("user_id") or (data.get("user") or {}).get("id", "")
        return other == user_id or self._world.channels.share(user_id, other)

    def is_live(self, connection: Connection) -> bool:
        """Tell whether the connection's session still counts.

        Nothing is sent to a socket whose session was revoked, and it is not closed either. Once found dead
        it stays dead, even if its token becomes valid again.
        """
        if connection.token and find_session(self._world, connection.token) is None:
            connection.token = ""
        return bool(connection.token)

    def _is_admin(self, user_id: str) -> bool:
        user = self._world.users.get(user_id)
        return user is not None and self._world.roles.grant(user["roles"], "manage_system")
