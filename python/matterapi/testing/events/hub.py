"""Who gets which event.

The order of the rules is the server's: session, slow drop, sanitized or sensitive twin, connection id,
omitted connection, user id (then channel and team are not looked at), omitted users, channel, team,
everybody (web_conn.go, ShouldSendEvent).
"""

from collections.abc import Iterable, Iterator

from matterapi.testing.state.world import World

from .connection import Connection
from .frames import Broadcast, Event

SLOW_DROP = frozenset({"typing", "status_change", "multiple_channels_viewed"})
_PRESENCE_SCOPED = frozenset({"typing", "reaction_added", "reaction_removed"})


class Hub:
    """All registered sockets of one server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[str, Connection] = {}
        self._by_user: dict[str, list[Connection]] = {}

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_id.values()))

    def register(self, connection: Connection) -> None:
        """Let a socket that has authenticated receive events."""
        self._by_id[connection.id] = connection
        self._by_user.setdefault(connection.user_id, []).append(connection)

    def unregister(self, connection: Connection) -> bool:
        """Forget a socket; tells whether it was the user's last one."""
        if self._by_id.pop(connection.id, None) is None:
            return False
        rest = self._by_user[connection.user_id]
        rest.remove(connection)
        if not rest:
            del self._by_user[connection.user_id]
        return not rest

    def publish(self, event: Event) -> None:
        """Send an event to every socket that is to get it."""
        for connection in self._candidates(event.broadcast):
            if self._wants(connection, event):
                connection.send_event(event)

    def _candidates(self, broadcast: Broadcast) -> Iterable[Connection]:
        if broadcast.connection_id:
            connection = self._by_id.get(broadcast.connection_id)
            return () if connection is None else (connection,)
        if broadcast.user_id:
            return tuple(self._by_user.get(broadcast.user_id, ()))
        return tuple(self._by_id.values())

    def _wants(self, connection: Connection, event: Event) -> bool:
        broadcast, user_id = event.broadcast, connection.user_id
        if connection.closed or not self.is_live(connection):
            return False
        if event.name in SLOW_DROP and connection.is_slow:
            return False
        if broadcast.sanitized or broadcast.sensitive:
            admin = self._is_admin(user_id)
            if (broadcast.sanitized and admin) or (broadcast.sensitive and not admin):
                return False
        if broadcast.connection_id:
            return True
        if broadcast.omit_connection_id == connection.id:
            return False
        return broadcast.user_id == user_id if broadcast.user_id else self._in_audience(connection, event)

    def _in_audience(self, connection: Connection, event: Event) -> bool:
        broadcast, user_id = event.broadcast, connection.user_id
        if broadcast.omit_users and user_id in broadcast.omit_users:
            return False
        if broadcast.channel_id:
            if event.name in _PRESENCE_SCOPED and connection.looks_elsewhere(broadcast.channel_id):
                return False
            return user_id in self._world.channels.members(broadcast.channel_id)
        if broadcast.team_id:
            return self._world.teams.is_member(broadcast.team_id, user_id)
        return True

    def is_live(self, connection: Connection) -> bool:
        """Tell whether the socket's session still counts.

        Nothing is sent to a socket whose session was revoked, and it is not closed either.
        """
        if connection.token and self._world.sessions.find(connection.token, self._world.now()) is None:
            connection.token = ""
        return bool(connection.token)

    def _is_admin(self, user_id: str) -> bool:
        user = self._world.users.get(user_id)
        return user is not None and self._world.roles.grant(user["roles"], "manage_system")
