"""The websocket endpoint: opening, authentication, requests, time limits (web_conn.go, websocket.go)."""

import asyncio
from dataclasses import dataclass

from aiohttp import WSMessage, WSMsgType, web

from matterapi.testing.auth import Credentials, find_session
from matterapi.testing.encoding import JsonObject, loads
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.sessions import Session
from matterapi.testing.state.world import World

from .actions import UndecodableError, answer, publish_status
from .connection import Connection
from .frames import Broadcast, Event, ok_reply
from .hub import Hub

MAX_REQUEST_BYTES = 8192
_AUTH_DEADLINE_S = 5.0
_PING_EVERY_S = 60.0
_PONG_DEADLINE_S = 100.0
_ENDED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the upgrade request asked for.

    Attributes:
        found: Its credentials.
        connection_id: Connection to resume; empty for a new one.
        sequence_number: Next number the client expects, as it was sent.
        wants_ack: Whether ``posted_ack=true`` was there.
    """

    found: Credentials
    connection_id: str = ""
    sequence_number: str = ""
    wants_ack: bool = False

    @property
    def is_valid(self) -> bool:
        """Whether the parameters for resuming make sense; they are ignored without a session."""
        if self.found.session is None or not self.connection_id:
            return True
        return is_id(self.connection_id) and self.sequence_number.lstrip("-").isdecimal()


class SocketEndpoint:
    """Serves ``GET /api/v4/websocket``.

    Args:
        world: The server's state.
        hub: Where sockets register.
        hostname: What hello calls the server.
        time_scale: Factor on every time limit; below 1 makes them shorter.
    """

    def __init__(self, world: World, hub: Hub, *, hostname: str, time_scale: float) -> None:
        self._world = world
        self._hub = hub
        self._hostname = hostname
        self._scale = time_scale

    async def serve(self, request: web.BaseRequest, opening: Opening) -> web.WebSocketResponse:
        """Upgrade the request and talk until the socket ends.

        A bad token is answered with 101 like a good one; the socket then ends after 5 s.
        """
        socket = web.WebSocketResponse(
            timeout=1.0, autoping=False, autoclose=False, compress=False, max_msg_size=MAX_REQUEST_BYTES + 1
        )
        await socket.prepare(request)
        transport = request.transport
        if transport is None:
            return socket
        connection: Connection | None = None
        try:
            session, challenge_seq = opening.found.session, 0
            if session is None:
                session, challenge_seq = await self._challenged(socket)
            if session is not None and opening.is_valid:
                connection = self._register(transport, session, wants_ack=opening.wants_ack)
                if challenge_seq:
                    connection.send_reply(ok_reply(challenge_seq))
                publish_online(self._world, self._hub, session.user_id)
                await self._talk(socket, connection, transport)
        finally:
            if connection is not None:
                connection.closed = True
                self._release(connection)
            if not transport.is_closing():
                transport.close()
        return socket

    async def _challenged(self, socket: web.WebSocketResponse) -> tuple[Session | None, int]:
        """Wait for a challenge; (None, 0) when none comes in time, session None when its token is wrong."""
        try:
            return await asyncio.wait_for(self._challenge(socket), _AUTH_DEADLINE_S * self._scale)
        except (asyncio.TimeoutError, UndecodableError):
            return None, 0

    async def _challenge(self, socket: web.WebSocketResponse) -> tuple[Session | None, int]:
        while True:
            message = await socket.receive()
            if message.type in _ENDED:
                return None, 0
            if message.type is WSMsgType.PING:
                await socket.pong(message.data)
            request = _request(message)
            if request is None or request["action"] != "authentication_challenge" or request["seq"] <= 0:
                continue
            token = request["data"].get("token")
            known = isinstance(token, str) and token
            return (find_session(self._world, token) if known else None), request["seq"]

    def _register(self, transport: asyncio.Transport, session: Session, *, wants_ack: bool) -> Connection:
        connection = Connection(
            transport, self._world.ids.new(), session.user_id, session.token, wants_ack=wants_ack
        )
        self._hub.register(connection)
        hello = {
            "connection_id": connection.id,
            "server_hostname": self._hostname,
            "server_version": self._world.version_id,
        }
        connection.send_compact(Event("hello", hello, Broadcast(user_id=session.user_id)))
        return connection

    def _release(self, connection: Connection) -> None:
        if self._hub.unregister(connection):
            self._world.statuses.set(connection.user_id, "offline", self._world.now(), manual=False)

    async def _talk(
        self, socket: web.WebSocketResponse, connection: Connection, transport: asyncio.Transport
    ) -> None:
        watchdog = _Watchdog(connection, transport, self._scale)
        try:
            while True:
                message = await socket.receive()
                if message.type is WSMsgType.PING:
                    connection.pong(message.data)
                elif message.type is WSMsgType.PONG:
                    watchdog.alive()
                elif message.type in _ENDED:
                    self._echo_close(socket, connection, message)
                    return
                elif (request := _request(message)) is not None:
                    reply = answer(self._world, self._hub, connection, request)
                    if reply is not None:
                        connection.send_reply(reply)
        except UndecodableError:
            return
        finally:
            watchdog.stop()

    @staticmethod
    def _echo_close(socket: web.WebSocketResponse, connection: Connection, message: WSMessage) -> None:
        if message.type is WSMsgType.CLOSE and not socket.closed:
            connection.close(int(message.data).to_bytes(2, "big") if message.data else b"")


class _Watchdog:
    """Pings a socket every 60 s and ends it after 100 s without a Pong."""

    def __init__(self, connection: Connection, transport: asyncio.Transport, scale: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._transport = transport
        self._every = _PING_EVERY_S * scale
        self._patience = _PONG_DEADLINE_S * scale
        self._ping_timer = self._loop.call_later(self._every, self._ping)
        self._death_timer = self._loop.call_later(self._patience, self._transport.close)

    def _ping(self) -> None:
        self._connection.ping()
        self._ping_timer = self._loop.call_later(self._every, self._ping)

    def alive(self) -> None:
        """Start the 100 s anew."""
        self._death_timer.cancel()
        self._death_timer = self._loop.call_later(self._patience, self._transport.close)

    def stop(self) -> None:
        """Stop watching."""
        self._ping_timer.cancel()
        self._death_timer.cancel()


def _request(message: WSMessage) -> JsonObject | None:
    """Return a client's message as ``{"seq", "action", "data"}``; None for a control frame.

    Raises:
        UndecodableError: It cannot be decoded; the server ends the socket without a word.
    """
    if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
        return None
    if message.type is WSMsgType.BINARY:
        raise UndecodableError("MessagePack is not understood here")
    try:
        decoded = loads(message.data.encode())
    except ValueError as wrong:
        raise UndecodableError("no JSON") from wrong
    if decoded is None:
        decoded = {}
    if not isinstance(decoded, dict):
        raise UndecodableError("not an object")
    lowered = {key.lower(): value for key, value in decoded.items()}
    seq, action, data = lowered.get("seq", 0), lowered.get("action", ""), lowered.get("data") or {}
    if isinstance(seq, bool) or not isinstance(seq, int):
        raise UndecodableError("seq is not an integer")
    if not isinstance(action, str) or not isinstance(data, dict):
        raise UndecodableError("wrong type")
    return {"seq": seq, "action": action, "data": data}


def publish_online(world: World, hub: Hub, user_id: str) -> None:
    """Connecting makes a user online, and his own sockets are told."""
    if world.statuses.touch(user_id, world.now()):
        publish_status(world, hub, user_id)
