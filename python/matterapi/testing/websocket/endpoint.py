"""The websocket endpoint: taking a connection over, what happens on it, its time limits (web_conn.go)."""

from __future__ import annotations

from contextvars import ContextVar

from aiohttp import web

from matterapi.testing.state.timers import Timers
from matterapi.testing.state.world import World

from .actions import publish_status
from .connection import WebsocketConnection
from .handler import WebsocketHandler
from .handshake import UpgradedResponse, acceptance
from .hooks import NoHooks, WebsocketHooks
from .hub import Hub
from .upgrade import UpgradeRequest

_OFFLINE_BATCH_S = 0.5
# What a fault answers to the upgrade that is being served, in place of the server's own bytes.
UPGRADE_HEAD: ContextVar[bytes] = ContextVar("UPGRADE_HEAD", default=b"")


class _Early:
    """Catches what a client sent before its upgrade was answered."""

    def __init__(self) -> None:
        self.came = False

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.came = True
        return False, b""

    def feed_eof(self) -> None:
        pass


class WebsocketEndpoint:
    """Serves `GET /api/v4/websocket`.

    Args:
        world: The server's state.
        hub: Where streams register.
        timers: The server's time limits.
        hostname: What hello calls the server.
        hooks: What faults may change.
    """

    def __init__(
        self, world: World, hub: Hub, timers: Timers, *, hostname: str, hooks: WebsocketHooks | None = None
    ) -> None:
        self.world = world
        self.hub = hub
        self.timers = timers
        self.hostname = hostname
        self.hooks: WebsocketHooks = hooks or NoHooks()
        self._opened = 0
        self._connections: dict[WebsocketConnection, None] = {}
        self._leaving: dict[str, None] = {}

    async def serve(
        self, request: web.BaseRequest, query: dict[str, list[str]], opening: UpgradeRequest
    ) -> web.StreamResponse:
        """Upgrade the request and talk until the socket ends.

        A bad token is answered with 101 like a good one; the socket then ends after 5 s.
        """
        early, former, transport = _Early(), request.protocol, request.transport
        former.set_parser(early)  # type: ignore[arg-type]  # it asks for no more than these two methods
        if transport is None or early.came:
            if transport is not None:
                transport.close()
            return UpgradedResponse()
        self._opened += 1
        connection = WebsocketConnection(self._opened, query, transport, former, self.hooks)
        self._connections[connection] = None
        connection.open(UPGRADE_HEAD.get() or acceptance(request.headers))
        try:
            if opening.is_valid:
                await WebsocketHandler(self, connection).begin(opening)
            else:
                connection.finish()
            await connection.closed
        finally:
            del self._connections[connection]
        return UpgradedResponse()

    def leave(self, user_id: str) -> None:
        """Make a user offline whose last socket is gone; the server does so in batches, every 0.5 s."""
        if not self._leaving:
            self.timers.call_later(_OFFLINE_BATCH_S, self._flush_leaving)
        self._leaving[user_id] = None

    def _flush_leaving(self) -> None:
        leaving, self._leaving = self._leaving, {}
        for user_id in leaving:
            if self.world.statuses.go_offline(user_id, self.world.now()):
                publish_status(self.world, self.hub, user_id)

    def restart(self) -> None:
        """Do what a restart of the server does to clients: every socket ends, without a Close frame, and no
        stream can be resumed. Accounts, sessions and posts stay.
        """
        users = {stream.user_id for stream in self.hub}
        for stream in self.hub:
            self.hub.forget(stream)
        for connection in list(self._connections):
            connection.finish()
        self._leaving.clear()
        for user_id in users:
            self.world.statuses.go_offline(user_id, self.world.now())
