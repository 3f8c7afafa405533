"""Starting and stopping a server; what tests may do to one from outside."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from aiohttp import web
from typing_extensions import Self

from . import catalogue as facts
from .auth import open_session
from .encoding import JsonObject
from .events.connection import Connection
from .events.frames import Broadcast, Event
from .events.hub import Hub
from .events.socket import SocketEndpoint
from .flows.accounts import create_account
from .recording import RecordedRequest
from .routing import RouteTable
from .service import Service
from .state.clock import Clock
from .state.sessions import LOGIN_LENGTH_MS
from .state.world import World
from .tls import make_certificate

_IDLE_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 1.0
DEFAULT_PASSWORD = "a-Password-1"  # noqa: S105
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Admin:
    """The system administrator that a server comes with.

    Attributes:
        id: User id.
        username: For a login.
        password: For a login.
        token: Token of a live session.
    """

    id: str
    username: str
    password: str
    token: str


class MattermostServer:
    """A Mattermost server on 127.0.0.1, in a thread of its own, with its state in memory.

    Use it as a context manager, or call `start` and `stop`; a stopped server can be started again and is
    then a fresh one. Several may run in one process.

    Args:
        port: Port to listen on; 0 for a free one.
        tls: Whether to speak https, with a certificate made at start (`ca_pem` verifies it).
        empty: Whether to start without accounts; the first one created becomes system admin.
        licensed: Whether the server says that it has a licence.
        version: Version to be, like ``11.2``; operations that came later are 404. By default that of the
            catalogue.
        seed: Makes ids and tokens repeatable.
        stateless: Whether every operation but login is checked against the catalogue and answered from it,
            so that each can be called with ids that do not exist.
        time_scale: Factor on the websocket's time limits (5 s for the challenge, 60 s, 100 s).
    """

    def __init__(
        self,
        *,
        port: int = 0,
        tls: bool = False,
        empty: bool = False,
        licensed: bool = False,
        version: str | None = None,
        seed: int | None = None,
        stateless: bool = False,
        time_scale: float = 1.0,
    ) -> None:
        self._wanted_port = port
        self._tls = tls
        self._empty = empty
        self._licensed = licensed
        self._version = version
        self._seed = seed
        self._stateless = stateless
        self._time_scale = time_scale
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Listen and answer; returns when the port is open.

        Raises:
            RuntimeError: It runs already.
            OSError: The port cannot be had.
        """
        if self._running is not None:
            raise RuntimeError("the server is running already")
        self._running = _Running(self._assemble(), self._wanted_port, tls=self._tls)

    def stop(self) -> None:
        """Close all connections and end the thread; does nothing on a stopped server."""
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    def _assemble(self) -> "_Assembly":
        catalogue = facts.bundled()
        version = self._version or catalogue.server_version
        world = World(version=version, licensed=self._licensed, seed=self._seed)
        hub = Hub(world)
        endpoint = SocketEndpoint(world, hub, hostname="localhost", time_scale=self._time_scale)
        known = [one for one in catalogue.operations if facts.is_available(one, version)]
        routes = RouteTable(known, strict=not self._stateless)
        service = Service(world, hub, endpoint, catalogue, routes, stateless=self._stateless)
        return _Assembly(world, hub, service, None if self._empty else _make_admin(world, hub))

    @property
    def _now_running(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the server is not running; call start() or use it in a with block")
        return self._running

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._now_running.port

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return self._now_running.assembly.world.site_url

    @property
    def ws_url(self) -> str:
        """The URL of the websocket."""
        return f"ws{self.url.removeprefix('http')}/api/v4/websocket"

    @property
    def admin(self) -> Admin:
        """The system administrator.

        Raises:
            RuntimeError: The server was started without accounts.
        """
        admin = self._now_running.assembly.admin
        if admin is None:
            raise RuntimeError("a server started with empty=True has no admin")
        return admin

    @property
    def ca_pem(self) -> bytes | None:
        """The authority that signed the certificate, in PEM; None without TLS."""
        return self._now_running.ca_pem

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests so far, oldest first; the last 10,000 are kept."""
        return list(self._now_running.assembly.service.requests)

    @property
    def connections(self) -> list[Connection]:
        """The websockets that have authenticated and are open."""
        running = self._now_running
        return running.run(lambda: [one for one in running.assembly.hub if not one.closed])

    @property
    def clock(self) -> Clock:
        """The server's clock; a test may stop and move it."""
        return self._now_running.assembly.world.clock

    def emit(
        self,
        event: str,
        data: JsonObject | None = None,
        *,
        user_id: str = "",
        channel_id: str = "",
        team_id: str = "",
        connection_id: str = "",
        omit_connection_id: str = "",
        omit_users: frozenset[str] | None = None,
    ) -> None:
        """Send any websocket event; the rules for who gets it are the server's.

        Args:
            event: Event name; unknown ones are sent too.
            data: The event's ``data``, None for a null.
            user_id: Only to this user.
            channel_id: Only to members of this channel.
            team_id: Only to members of this team.
            connection_id: Only to this socket.
            omit_connection_id: Not to this socket.
            omit_users: Not to these users.
        """
        broadcast = Broadcast(
            user_id=user_id,
            channel_id=channel_id,
            team_id=team_id,
            connection_id=connection_id,
            omit_connection_id=omit_connection_id,
            omit_users=omit_users,
        )
        running = self._now_running
        running.run(lambda: running.assembly.hub.publish(Event(event, data, broadcast)))

    def create_user(self, username: str, password: str = DEFAULT_PASSWORD, **fields: object) -> JsonObject:
        """Create an account and return it as its owner would see it.

        Args:
            username: Its name.
            password: For logins.
            **fields: Further fields of POST /users.

        Raises:
            AppError: As POST /users.
        """
        running = self._now_running
        world, hub = running.assembly.world, running.assembly.hub
        wanted = {"email": f"{username}@example.org", **fields, "username": username, "password": password}
        return running.run(lambda: dict(create_account(world, hub, wanted)))

    def create_session(self, user_id: str) -> str:
        """Open a login session for a user and return its token."""
        running = self._now_running
        world = running.assembly.world
        return running.run(lambda: open_session(world, user_id, length_ms=LOGIN_LENGTH_MS).token)

    def revoke_session(self, token: str) -> None:
        """End the session of `token`; its sockets stay open and go deaf, as on the real server."""
        running = self._now_running
        running.run(lambda: running.assembly.world.sessions.revoke(token))


@dataclass(frozen=True, slots=True)
class _Assembly:
    world: World
    hub: Hub
    service: Service
    admin: Admin | None


def _make_admin(world: World, hub: Hub) -> Admin:
    password = "Admin-Password-1"  # noqa: S105
    fields = {"username": "admin", "email": "admin@example.org", "password": password}
    user = create_account(world, hub, fields)
    session = open_session(world, user["id"], length_ms=LOGIN_LENGTH_MS)
    return Admin(user["id"], user["username"], password, session.token)


class _Running:
    """A server that listens: its thread, its event loop, its port."""

    def __init__(self, assembly: _Assembly, port: int, *, tls: bool) -> None:
        certificate = make_certificate() if tls else None
        self.assembly = assembly
        self.ca_pem = certificate.ca_pem if certificate else None
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._runner: web.ServerRunner | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="matterapi-testing", daemon=True)
        self._thread.start()
        try:
            self._await(self._listen(port, certificate.context if certificate else None))
        except BaseException:
            self._end_thread()
            raise

    def run(self, function: Callable[[], T]) -> T:
        """Call `function` on the server's thread and return its result."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result()

    def stop(self) -> None:
        """Close everything and end the thread."""
        self._await(self._close())
        self._end_thread()

    def _await(self, work: "asyncio.Future[None] | object") -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()  # type: ignore[arg-type]

    async def _listen(self, port: int, context: ssl.SSLContext | None) -> None:
        server = web.Server(
            self.assembly.service, keepalive_timeout=_IDLE_TIMEOUT_S, access_log=None, lingering_time=1.0
        )
        self._runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=_STOP_TIMEOUT_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=context)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = int(self._runner.addresses[0][1])
        self.assembly.world.site_url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"

    async def _close(self) -> None:
        for connection in self.assembly.hub:
            connection.close()
        if self._runner is not None:
            await self._runner.cleanup()
        for connection in self.assembly.hub:
            connection.abort()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
