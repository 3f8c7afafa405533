"""What happens on one websocket from the 101 to its end (web_conn.go, readPump and writePump)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .actions import (
    HandlerPanicError,
    answer,
    is_challenge,
    publish_online,
    publish_status,
    session_user,
)
from .connection import Connection
from .frames import Broadcast, Event, ok_reply
from .link import Link
from .opening import Opening
from .requests import Request, UndecodableError, decode
from .wire import CLOSE, PING, PONG, FrameError, close_answer

if TYPE_CHECKING:
    from matterapi.testing.timers import Timer

    from .socket import SocketEndpoint

AUTH_DEADLINE_S = 5.0
PING_EVERY_S = 60.0
PONG_DEADLINE_S = 100.0
WRITE_DEADLINE_S = 30.0


class Conversation:
    """The server's side of one socket.

    Args:
        endpoint: The endpoint that opened it.
        link: The socket.
    """

    def __init__(self, endpoint: SocketEndpoint, link: Link) -> None:
        self._endpoint = endpoint
        self._world, self._hub, self._timers = endpoint.world, endpoint.hub, endpoint.timers
        self._link = link
        self._connection = Connection(link, "", wants_ack=False)
        self._patient_until = 0.0
        self._is_leaked = False
        self._limits: dict[str, Timer] = {}

    async def begin(self, opening: Opening) -> None:
        """Find or make the connection, register it where the upgrade was authenticated, and start."""
        known = self._known(opening)
        self._connection = connection = Connection(
            self._link,
            opening.connection_id if known else self._world.ids.new(),
            wants_ack=opening.wants_ack,
            resumes=known,
            sequence=opening.sequence or 0 if known else 0,
        )
        session = opening.found.session
        if session is not None:
            connection.user_id, connection.token = session.user_id, session.token
            if known:
                self._hub.miss(connection)
                await self._endpoint.hooks.registering(self._link, connection)
            self._register()
        self._patient_until = self._timers.now() + PONG_DEADLINE_S
        self._limit("auth", AUTH_DEADLINE_S, self._check_auth)
        self._limit("ping", PING_EVERY_S, self._ping)
        self._limit("pong", PONG_DEADLINE_S, self._check_pong)
        connection.start(self._hello, self._world.ids.new())
        self._link.start(self)
        if session is not None:
            publish_online(self._world, self._hub, session.user_id)

    def _known(self, opening: Opening) -> Connection | None:
        session, sequence = opening.found.session, opening.sequence
        if session is None or sequence is None or not opening.resumes:
            return None
        if not self._endpoint.hooks.finds(self._link, opening.connection_id, sequence):
            return None
        return self._hub.take(session.user_id, opening.connection_id)

    def _register(self) -> None:
        """Let the connection receive; only a stream that was never resumed is greeted."""
        connection = self._connection
        connection.last_activity = self._timers.now()
        self._link.user_id, self._link.connection_id = connection.user_id, connection.id
        self._hub.register(connection)
        self._hub.touch(connection.token)
        if connection.reuse_count == 0:
            self._hub.greet(connection, self._hello())

    def _hello(self) -> Event:
        connection = self._connection
        data = {
            "connection_id": connection.id,
            "server_hostname": self._endpoint.hostname,
            "server_version": self._world.version_id,
        }
        return Event("hello", data, Broadcast(user_id=connection.user_id), is_own=True)

    def received(self, opcode: int, payload: bytes) -> None:
        """Take a whole message or control frame of the client."""
        if opcode == PING:
            self._link.pong(payload)
        elif opcode == PONG:
            self._patient_until = self._timers.now() + PONG_DEADLINE_S
            self._rest()
        elif opcode == CLOSE:
            try:
                self._link.close(close_answer(payload))
            except FrameError as wrong:
                self._link.close(wrong.close or b"")
        else:
            try:
                self._serve(decode(opcode, payload))
            except UndecodableError:
                self._link.finish()

    def _serve(self, request: Request) -> None:
        connection = self._connection
        if is_challenge(request) and not connection.token:
            self._challenge(request)
            return
        try:
            reply = answer(self._world, self._hub, connection, request)
        except HandlerPanicError:
            self._is_leaked = True
            self._link.finish()
            return
        if reply is not None:
            self._hub.reply(connection, reply)

    def _challenge(self, request: Request) -> None:
        """Authenticate a socket that has no live session: hello first, then OK; a bad token ends it."""
        token = request.data.get("token")
        user_id = session_user(self._world, token)
        if user_id is None:
            self._link.finish()
            return
        self._connection.user_id, self._connection.token = user_id, str(token)
        self._register()
        self._hub.reply(self._connection, ok_reply(request.seq))
        publish_online(self._world, self._hub, user_id)

    def _rest(self) -> None:
        """A Pong may find that the user has been idle."""
        user_id = self._connection.user_id
        if self._hub.is_live(self._connection) and self._world.statuses.go_away(user_id, self._world.now()):
            publish_status(self._world, self._hub, user_id)

    def _check_auth(self) -> None:
        """Look once, 5 s after the opening, whether there is a session."""
        if not self._connection.token:
            self._link.finish()

    def _ping(self) -> None:
        self._connection.ping()
        self._limit("ping", PING_EVERY_S, self._ping)

    def _check_pong(self) -> None:
        rest = self._patient_until - self._timers.now()
        if rest > 0:
            self._limit("pong", rest, self._check_pong)
        else:
            self._link.finish()

    def blocked(self) -> None:
        """A write that does not go out within 30 s ends the socket."""
        self._limit("write", WRITE_DEADLINE_S, self._link.finish)

    def writable(self) -> None:
        """Write on."""
        self._stop("write")
        self._connection.flush()

    def lost(self) -> None:
        """The socket is gone: its connection waits for the client to come back."""
        for name in list(self._limits):
            self._stop(name)
        connection = self._connection
        if self._is_leaked or not connection.user_id:
            return
        if self._hub.lose(connection):
            self._endpoint.leave(connection.user_id)

    def _limit(self, name: str, seconds: float, function: Callable[[], None]) -> None:
        self._stop(name)
        self._limits[name] = self._timers.call_later(seconds, function)

    def _stop(self, name: str) -> None:
        timer = self._limits.pop(name, None)
        if timer is not None:
            timer.cancel()
