"""Starting and stopping a server; what tests may do to one from outside."""

from dataclasses import dataclass
from types import TracebackType

from typing_extensions import Self

from . import catalogue as facts
from .auth import open_session
from .encoding import JsonObject
from .events.connection import Connection
from .events.frames import Broadcast, Event
from .events.hub import Hub
from .events.socket import SocketEndpoint
from .flows.accounts import create_account
from .listening import Listener
from .recording import RecordedRequest
from .routing import RouteTable
from .service import Service
from .state.clock import Clock
from .state.sessions import LOGIN_LENGTH_MS
from .state.world import World
from .tls import make_certificate

DEFAULT_PASSWORD = "a-Password-1"  # noqa: S105


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
        self._running = self._assemble()

    def stop(self) -> None:
        """Close all connections and end the thread; does nothing on a stopped server."""
        running, self._running = self._running, None
        if running is not None:
            running.listener.stop()

    def _assemble(self) -> "_Running":
        catalogue = facts.bundled()
        version = self._version or catalogue.server_version
        world = World(version=version, licensed=self._licensed, seed=self._seed)
        hub = Hub(world)
        endpoint = SocketEndpoint(world, hub, hostname="localhost", time_scale=self._time_scale)
        known = [
            one
            for one in catalogue.operations
            if facts.is_available(one, version) and (self._stateless or not one.local_only)
        ]
        routes = RouteTable(known, strict=not self._stateless)
        service = Service(world, hub, endpoint, catalogue, routes, stateless=self._stateless)
        admin = None if self._empty else _make_admin(world, hub)
        certificate = make_certificate() if self._tls else None
        listener = Listener(service, self._wanted_port, certificate.context if certificate else None)
        world.site_url = f"http{'s' if certificate else ''}://127.0.0.1:{listener.port}"
        return _Running(listener, world, hub, service, admin, certificate.ca_pem if certificate else None)

    @property
    def _now_running(self) -> "_Running":
        if self._running is None:
            raise RuntimeError("the server is not running; call start() or use it in a with block")
        return self._running

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._now_running.listener.port

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return self._now_running.world.site_url

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
        admin = self._now_running.admin
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
        return list(self._now_running.service.requests)

    @property
    def connections(self) -> list[Connection]:
        """The websockets that have authenticated and are open."""
        running = self._now_running
        return running.listener.run(lambda: [one for one in running.hub if not one.closed])

    @property
    def clock(self) -> Clock:
        """The server's clock; a test may stop and move it."""
        return self._now_running.world.clock

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
        running.listener.run(lambda: running.hub.publish(Event(event, data, broadcast)))

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
        world, hub = running.world, running.hub
        wanted = {"email": f"{username}@example.org", **fields, "username": username, "password": password}
        return running.listener.run(lambda: dict(create_account(world, hub, wanted)))

    def create_session(self, user_id: str) -> str:
        """Open a login session for a user and return its token."""
        running = self._now_running
        world = running.world
        return running.listener.run(lambda: open_session(world, user_id, length_ms=LOGIN_LENGTH_MS).token)

    def revoke_session(self, token: str) -> None:
        """End the session of `token`; its sockets stay open and go deaf, as on the real server."""
        running = self._now_running
        running.listener.run(lambda: running.world.sessions.revoke(token))


@dataclass(frozen=True, slots=True)
class _Running:
    listener: Listener
    world: World
    hub: Hub
    service: Service
    admin: Admin | None
    ca_pem: bytes | None


def _make_admin(world: World, hub: Hub) -> Admin:
    password = "Admin-Password-1"  # noqa: S105
    fields = {"username": "admin", "email": "admin@example.org", "password": password}
    user = create_account(world, hub, fields)
    session = open_session(world, user["id"], length_ms=LOGIN_LENGTH_MS)
    return Admin(user["id"], user["username"], password, session.token)
