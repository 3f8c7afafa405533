"""What happens on one websocket from the 101 to its end (web_conn.go, readPump and writePump)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from .actions import (
    HandlerPanicError,
    is_challenge,
    publish_online,
    publish_status,
    reply_to,
    session_user,
)
from .connection import WebsocketConnection
from .frames import CLOSE, PING, PONG, FrameError, close_reply
from .messages import Broadcast, Event, ok_reply
from .requests import Request, UndecodableError, decode
from .stream import Stream
from .upgrade import UpgradeRequest

if TYPE_CHECKING:
    from matterapi.testing.state.timers import Timer, Timers
    from matterapi.testing.state.world import World

    from .hooks import WebsocketHooks
    from .hub import Hub

AUTH_DEADLINE_S = 5.0
PING_EVERY_S = 60.0
PONG_DEADLINE_S = 100.0
WRITE_DEADLINE_S = 30.0


class Endpoint(Protocol):
    """What a handler needs of the endpoint that opened its socket."""

    world: World
    hub: Hub
    timers: Timers
    hostname: str
    hooks: WebsocketHooks

    def leave(self, user_id: str) -> None:
        """Make a user offline whose last socket is gone."""


class WebsocketHandler:
    """The server's side of one socket.

    Args:
        endpoint: The endpoint that opened it.
        connection: The socket.
    """

    def __init__(self, endpoint: Endpoint, connection: WebsocketConnection) -> None:
        self._endpoint = endpoint
        self._world, self._hub, self._timers = endpoint.world, endpoint.hub, endpoint.timers
        self._connection = connection
        self._stream = Stream(connection, "", wants_ack=False)
        self._patient_until = 0.0
        self._is_leaked = False
        self._limits: dict[str, Timer] = {}

    async def begin(self, opening: UpgradeRequest) -> None:
        """Find or make the stream, register it where the upgrade was authenticated, and start."""
        known = self._known(opening)
        self._stream = stream = Stream(
            self._connection,
            opening.connection_id if known else self._world.ids.new(),
            wants_ack=opening.wants_ack,
            resumes=known,
            sequence=opening.sequence or 0 if known else 0,
        )
        session = opening.found.session
        if session is not None:
            stream.user_id, stream.token = session.user_id, session.token
            if known:
                self._hub.miss(stream)
                await self._endpoint.hooks.registering(self._connection, stream)
            self._register()
        self._patient_until = self._timers.now() + PONG_DEADLINE_S
        self._limit("auth", AUTH_DEADLINE_S, self._check_auth)
        self._limit("ping", PING_EVERY_S, self._ping)
        self._limit("pong", PONG_DEADLINE_S, self._check_pong)
        stream.start(self._hello, self._world.ids.new())
        self._connection.start(self)
        if session is not None:
            publish_online(self._world, self._hub, session.user_id)

    def _known(self, opening: UpgradeRequest) -> Stream | None:
        session, sequence = opening.found.session, opening.sequence
        if session is None or sequence is None or not opening.resumes:
            return None
        if not self._endpoint.hooks.finds(self._connection, opening.connection_id, sequence):
            return None
        return self._hub.take(session.user_id, opening.connection_id)

    def _register(self) -> None:
        """Let the stream receive; only a stream that was never resumed is greeted."""
        stream = self._stream
        stream.last_activity = self._timers.now()
        self._connection.user_id, self._connection.connection_id = stream.user_id, stream.id
        self._hub.register(stream)
        self._hub.touch(stream.token)
        if stream.reuse_count == 0:
            self._hub.greet(stream, self._hello())

    def _hello(self) -> Event:
        stream = self._stream
        data = {
            "connection_id": stream.id,
            "server_hostname": self._endpoint.hostname,
            "server_version": self._world.version_id,
        }
        return Event("hello", data, Broadcast(user_id=stream.user_id), is_own=True)

    def received(self, opcode: int, payload: bytes) -> None:
        """Take a whole message or control frame of the client."""
        if opcode == PING:
            self._connection.pong(payload)
        elif opcode == PONG:
            self._patient_until = self._timers.now() + PONG_DEADLINE_S
            self._rest()
        elif opcode == CLOSE:
            try:
                self._connection.close(close_reply(payload))
            except FrameError as wrong:
                self._connection.close(wrong.close or b"")
        else:
            try:
                self._serve(decode(opcode, payload))
            except UndecodableError:
                self._connection.finish()

    def _serve(self, request: Request) -> None:
        stream = self._stream
        if is_challenge(request) and not stream.token:
            self._challenge(request)
            return
        try:
            reply = reply_to(self._world, self._hub, stream, request)
        except HandlerPanicError:
            self._is_leaked = True
            self._connection.finish()
            return
        if reply is not None:
            self._hub.reply(stream, reply)

    def _challenge(self, request: Request) -> None:
        """Authenticate a socket that has no live session: hello first, then OK; a bad token ends it."""
        token = request.data.get("token")
        user_id = session_user(self._world, token)
        if user_id is None:
            self._connection.finish()
            return
        self._stream.user_id, self._stream.token = user_id, str(token)
        self._register()
        self._hub.reply(self._stream, ok_reply(request.seq))
        publish_online(self._world, self._hub, user_id)

    def _rest(self) -> None:
        """A Pong may find that the user has been idle."""
        user_id = self._stream.user_id
        if self._hub.is_live(self._stream) and self._world.statuses.go_away(user_id, self._world.now()):
            publish_status(self._world, self._hub, user_id)

    def _check_auth(self) -> None:
        """Look once, 5 s after the opening, whether there is a session."""
        if not self._stream.token:
            self._connection.finish()

    def _ping(self) -> None:
        self._stream.ping()
        self._limit("ping", PING_EVERY_S, self._ping)

    def _check_pong(self) -> None:
        rest = self._patient_until - self._timers.now()
        if rest > 0:
            self._limit("pong", rest, self._check_pong)
        else:
            self._connection.finish()

    def blocked(self) -> None:
        """A write that does not go out within 30 s ends the socket."""
        self._limit("write", WRITE_DEADLINE_S, self._connection.finish)

    def writable(self) -> None:
        """Write on."""
        self._stop("write")
        self._stream.flush()

    def lost(self) -> None:
        """The socket is gone: its stream waits for the client to come back."""
        for name in list(self._limits):
            self._stop(name)
        stream = self._stream
        if self._is_leaked or not stream.user_id:
            return
        if self._hub.lose(stream):
            self._endpoint.leave(stream.user_id)

    def _limit(self, name: str, seconds: float, function: Callable[[], None]) -> None:
        self._stop(name)
        self._limits[name] = self._timers.call_later(seconds, function)

    def _stop(self, name: str) -> None:
        timer = self._limits.pop(name, None)
        if timer is not None:
            timer.cancel()
