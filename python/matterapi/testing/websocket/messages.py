"""The text of websocket messages: the server's two encodings of events, and its replies."""

from matterapi.testing.http.encoding import JsonObject, dumps


class Broadcast:
    """Addressing of an event; the fields decide who gets it (see `hub`).

    Attributes:
        omit_users: Ids of users who do not get it.
        user_id: Only this user; channel and team are not looked at then.
        channel_id: Only members of this channel.
        team_id: Only members of this team.
        connection_id: Only this socket.
        omit_connection_id: Not this socket.
        sanitized: Only sockets of users without manage_system.
        sensitive: Only sockets of users with manage_system.
    """

    __slots__ = (
        "channel_id",
        "connection_id",
        "omit_connection_id",
        "omit_users",
        "sanitized",
        "sensitive",
        "team_id",
        "user_id",
    )

    def __init__(
        self,
        *,
        omit_users: frozenset[str] | None = None,
        user_id: str = "",
        channel_id: str = "",
        team_id: str = "",
        connection_id: str = "",
        omit_connection_id: str = "",
        sanitized: bool = False,
        sensitive: bool = False,
    ) -> None:
        self.omit_users: frozenset[str] | None = omit_users
        self.user_id: str = user_id
        self.channel_id: str = channel_id
        self.team_id: str = team_id
        self.connection_id: str = connection_id
        self.omit_connection_id: str = omit_connection_id
        self.sanitized: bool = sanitized
        self.sensitive: bool = sensitive

    def to_json(self) -> JsonObject:
        """Return the `broadcast` object of a frame; the last two keys only when true."""
        omit = None if self.omit_users is None else dict.fromkeys(sorted(self.omit_users), True)
        shown: JsonObject = {
            "omit_users": omit,
            "user_id": self.user_id,
            "channel_id": self.channel_id,
            "team_id": self.team_id,
            "connection_id": self.connection_id,
            "omit_connection_id": self.omit_connection_id,
        }
        if self.sanitized:
            shown["contains_sanitized_data"] = True
        if self.sensitive:
            shown["contains_sensitive_data"] = True
        return shown


class Event:
    """One event, encoded at most once however many sockets get it.

    Attributes:
        name: Event name.
        data: The `data` object; keys are written in alphabetical order. None is legal (plugins).
        broadcast: Who gets it.
        per_user: Extra `data` keys for some users, by user id. A socket whose data differs from the
            common one gets the compact encoding, as on the real server.
        ack_users: Users whose sockets get `should_ack` if they asked for acknowledgements.
        is_own: Whether it belongs to one socket (hello) and so has the compact encoding.
    """

    __slots__ = ("_prefix", "ack_users", "broadcast", "data", "is_own", "name", "per_user")

    def __init__(
        self,
        name: str,
        data: JsonObject | None,
        broadcast: Broadcast | None = None,
        *,
        per_user: dict[str, JsonObject] | None = None,
        ack_users: frozenset[str] = frozenset(),
        is_own: bool = False,
    ) -> None:
        self.name: str = name
        self.data: JsonObject | None = data
        self.broadcast: Broadcast = broadcast or Broadcast()
        self.per_user: dict[str, JsonObject] = per_user or {}
        self.ack_users: frozenset[str] = ack_users
        self.is_own: bool = is_own
        self._prefix: bytes | None = None

    def extra_for(self, user_id: str, *, wants_ack: bool) -> JsonObject | None:
        """Return the `data` keys that a socket of `user_id` alone gets; None for none.

        Args:
            user_id: Whose socket it is.
            wants_ack: Whether the socket was opened with `posted_ack=true`.
        """
        extra = self.per_user.get(user_id)
        if wants_ack and user_id in self.ack_users:
            extra = {**(extra or {}), "should_ack": True}
        return extra

    def encode(self, sequence: int, extra: JsonObject | None = None) -> bytes:
        """Return the message with its number and with the `data` keys of one recipient.

        What everybody gets alike is spaced; an event of one socket or with keys for one recipient is
        compact and ends with a newline (Go's Encoder).
        """
        if self.is_own or extra is not None:
            return self._compact(sequence, extra)
        if self._prefix is None:
            self._prefix = b'{"event": %b, "data": %b, "broadcast": %b, "seq": ' % (
                dumps(self.name),
                dumps(_sorted(self.data)),
                dumps(self.broadcast.to_json()),
            )
        return b"%b%d}" % (self._prefix, sequence)

    def _compact(self, sequence: int, extra: JsonObject | None) -> bytes:
        data = self.data if extra is None else {**(self.data or {}), **extra}
        message = {
            "event": self.name,
            "data": _sorted(data),
            "broadcast": self.broadcast.to_json(),
            "seq": sequence,
        }
        return dumps(message) + b"\n"


def _sorted(data: JsonObject | None) -> JsonObject | None:
    return None if data is None else dict(sorted(data.items()))


def ok_reply(seq_reply: int, data: JsonObject | None = None) -> bytes:
    """Return the reply to a request that worked; `data` is left out when empty."""
    reply: JsonObject = {"status": "OK"}
    if seq_reply:
        reply["seq_reply"] = seq_reply
    if data:
        reply["data"] = _sorted(data)
    return dumps(reply) + b"\n"


def fail_reply(seq_reply: int, status: int, error_id: str, message: str) -> bytes:
    """Return the reply to a request that failed; `seq_reply` is left out when 0."""
    reply: JsonObject = {"status": "FAIL"}
    if seq_reply:
        reply["seq_reply"] = seq_reply
    reply["error"] = {
        "id": error_id,
        "message": message,
        "detailed_error": "",
        "status_code": status,
    }
    return dumps(reply) + b"\n"
