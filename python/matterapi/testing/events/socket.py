"""The websocket endpoint: taking a connection over, what happens on it, its time limits (web_conn.go)."""

from __future__ import annotations

from contextvars import ContextVar

from aiohttp import web

from matterapi.testing.state.world import World
from matterapi.testing.timers import Timers

from .actions import publish_status
from .conversation import Conversation
from .handshake import Upgraded, acceptance
from .hooks import NoHooks, SocketHooks
from .hub import Hub
from .link import Link
from .opening import Opening

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


class SocketEndpoint:
    """Serves ``GET /api/v4/websocket``.

    Args:
        world: The server's state.
        hub: Where connections register.
        timers: The server's time limits.
        hostname: What hello calls the server.
        hooks: What faults may change.
    """

    def __init__(
        self, world: World, hub: Hub, timers: Timers, *, hostname: str, hooks: SocketHooks | None = None
    ) -> None:
        self.world = world
        self.hub = hub
        self.timers = timers
        self.hostname = hostname
        self.hooks: SocketHooks = hooks or NoHooks()
        self._opened = 0
        self._links: dict[Link, None] = {}
        self._leaving: dict[str, None] = {}

    async def serve(
        self, request: web.BaseRequest, query: dict[str, list[str]], opening: Opening
    ) -> web.StreamResponse:
        """Upgrade the request and talk until the socket ends.

        A bad token is answered with 101 like a good one; the socket then ends after 5 s.
        """
        early, former, transport = _Early(), request.protocol, request.transport
        former.set_parser(early)  # type: ignore[arg-type]  # it asks for no more than these two methods
        if transport is None or early.came:
            if transport is not None:
                transport.close()
            return Upgraded()
        self._opened += 1
        link = Link(self._opened, query, transport, former, self.hooks)
        self._links[link] = None
        link.open(UPGRADE_HEAD.get() or acceptance(request.headers))
        try:
            if opening.is_valid:
                await Conversation(self, link).begin(opening)
            else:
                link.finish()
            await link.closed
        finally:
            del self._links[link]
        return Upgraded()

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
        users = {connection.user_id for connection in self.hub}
        for connection in self.hub:
            self.hub.forget(connection)
        for link in list(self._links):
            link.finish()
        self._leaving.clear()
        for user_id in users:
            self.world.statuses.go_offline(user_id, self.world.now())
