"""Starting and stopping a server; what tests may do to one from outside."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType

from typing_extensions import Self

from matterapi.testing.catalogue import operations as facts
from matterapi.testing.catalogue.events import checked_data
from matterapi.testing.catalogue.routing import clean_path
from matterapi.testing.catalogue.web_routes import WEB_OPERATIONS
from matterapi.testing.effects.accounts import create_account
from matterapi.testing.effects.session_cookies import session_length_ms
from matterapi.testing.faults.engine import FaultEngine
from matterapi.testing.faults.rules import Faults
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.listener import Listener
from matterapi.testing.http.request_log import RecordedRequest, RequestLog
from matterapi.testing.http.tls import make_certificate
from matterapi.testing.state.config import Config, SettingError, unknown_settings
from matterapi.testing.state.credentials import open_session
from matterapi.testing.state.timers import Timers
from matterapi.testing.state.world import World
from matterapi.testing.websocket.endpoint import WebsocketEndpoint
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event
from matterapi.testing.websocket.stream import Stream

from .absences import DatabaseDown, Down
from .clock import ServerClock
from .factory import Factory
from .service import Service, routes_of

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
        version: Version to be, like `11.2`; operations that came later are 404. By default that of the
            catalogue.
        seed: Makes ids and tokens repeatable.
        stateless: Whether every operation but login is checked against the catalogue and answered from it,
            so that each can be called with ids that do not exist.
        time_scale: Factor on every time limit of the websocket: 0.01 makes the 5 s for the challenge 50 ms.
        config: Settings that differ from those of a new server, by section, as for PUT /config/patch:
            `{"RateLimitSettings": {"Enable": True}}`.
        subpath: Where everything lives, like `/chat`; requests outside are redirected into it.
        on_request: Called on the server's thread with each request once it is answered.

    Raises:
        ValueError: A setting is unknown or cannot have that value, or the subpath is none.

    Attributes:
        faults: What goes wrong on command.
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
        config: JsonObject | None = None,
        subpath: str = "/",
        on_request: Callable[[RecordedRequest], None] | None = None,
    ) -> None:
        self._wanted_port = port
        self._tls = tls
        self._empty = empty
        self._licensed = licensed
        self._version = version
        self._seed = seed
        self._stateless = stateless
        self._time_scale = time_scale
        self._config = _checked_settings(config or {})
        self._subpath = _checked_subpath(subpath)
        self._on_request = on_request
        self._running: _Running | None = None
        self.faults: Faults = Faults(
            lambda: (operation.route for operation in (*facts.bundled().operations, *WEB_OPERATIONS))
        )

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
            running.engine.stop()
            running.listener.stop()

    def down(self) -> "Down":
        """Be away: refuse connections, with every connection and every stream of events lost.

        It is so at once, and until the end of a with block or `Down.end`. Accounts, sessions and posts stay.
        """
        running = self._now_running
        running.listener.run(running.endpoint.restart)
        running.listener.shut()
        return Down(running.listener)

    def database_down(self) -> DatabaseDown:
        """Let the server be without its database until the end of a with block or `DatabaseDown.end`.

        The status ping says so with 500. Tokens that were not used lately are answered 401 as if they had
        expired, logins as if they were wrong, and most operations fail with 500; sockets that are open stay.
        """
        running = self._now_running
        return DatabaseDown(running.world, running.listener)

    def restart(self) -> None:
        """Be away and come back at once, as a server that is restarted."""
        self.down().end()

    def _assemble(self) -> "_Running":
        catalogue = facts.bundled()
        version = self._version or catalogue.server_version
        world = World(version=version, licensed=self._licensed, seed=self._seed, empty=self._empty)
        timers = Timers(self._time_scale)
        hub = Hub(world, timers)
        routes = routes_of(version, strict=not self._stateless)
        certificate = make_certificate() if self._tls else None
        authority = certificate.authority if certificate else None
        engine = FaultEngine(self.faults, routes, authority, self._subpath)
        endpoint = WebsocketEndpoint(world, hub, timers, hostname="localhost", hooks=engine.sockets)
        service = Service(
            world,
            hub,
            endpoint,
            catalogue,
            routes,
            faults=engine.requests,
            stateless=self._stateless,
            on_request=self._on_request,
        )
        admin = None if self._empty else _make_admin(world, hub)
        context = certificate.context if certificate else None
        listener = Listener(service, self._wanted_port, context, engine.admission)
        engine.start(listener)
        below = self._subpath.rstrip("/")
        world.site_url = f"http{'s' if certificate else ''}://127.0.0.1:{listener.port}{below}"
        world.subpath = self._subpath
        world.config.merge({"ServiceSettings": {"SiteURL": world.site_url}})
        world.config.merge(self._config)
        clock = ServerClock(world.clock, timers, listener)
        ca_pem = certificate.ca_pem if certificate else None
        return _Running(listener, world, hub, endpoint, service, engine, clock, admin, ca_pem)

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
    def requests(self) -> RequestLog:
        """The requests so far, oldest first.

        The last 10,000 are kept, fewer if their heads come to more than 64 MiB, and the last 64 MiB of their
        bodies: an older request has lost its body and says so (`RecordedRequest.dropped`).
        """
        return RequestLog(self._now_running.service.requests)

    @property
    def factory(self) -> Factory:
        """Makes users, teams, channels and posts in bulk."""
        running = self._now_running
        return Factory(running.world, running.hub, running.listener.run)

    @property
    def connections(self) -> list[Stream]:
        """The websockets that have authenticated and that the server takes for living."""
        running = self._now_running
        return running.listener.run(lambda: [stream for stream in running.hub if stream.is_active])

    @property
    def clock(self) -> ServerClock:
        """The server's clock; a test may stop and move it."""
        return self._now_running.clock

    def restart_sockets(self) -> None:
        """Do what a restart does to websockets: all end without a Close frame, no stream can be resumed."""
        running = self._now_running
        running.listener.run(running.endpoint.restart)

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
        copies: Iterable[JsonObject | None] = (),
    ) -> None:
        """Send any websocket event; the rules for who gets it are the server's.

        Args:
            event: Name of an event of the catalogue, or `custom_<plugin>_<name>`.
            data: The event's `data`, None for a null. Fields may be left out; those that hold JSON as text
                (`post`) may be given as they are.
            user_id: Only to this user.
            channel_id: Only to members of this channel.
            team_id: Only to members of this team.
            connection_id: Only to this socket.
            omit_connection_id: Not to this socket.
            omit_users: Not to these users.
            copies: Further events of that name with these data, in one go: quicker than as many calls.

        Raises:
            ValueError: The server's version has no such event, or the event no such field or value.
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
        version = running.world.version
        events = [Event(event, checked_data(event, copy, version), broadcast) for copy in (data, *copies)]
        running.listener.run(lambda: running.hub.publish_all(events))

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
        return running.listener.run(
            lambda: open_session(world, user_id, length_ms=session_length_ms(world)).token
        )

    def revoke_session(self, token: str) -> None:
        """End the session of `token`; its sockets stay open and go deaf, as on the real server."""
        running = self._now_running
        running.listener.run(lambda: running.world.sessions.revoke(token))


@dataclass(frozen=True, slots=True)
class _Running:
    listener: Listener
    world: World
    hub: Hub
    endpoint: WebsocketEndpoint
    service: Service
    engine: FaultEngine
    clock: ServerClock
    admin: Admin | None
    ca_pem: bytes | None


def _make_admin(world: World, hub: Hub) -> Admin:
    password = "Admin-Password-1"  # noqa: S105
    fields = {"username": "admin", "email": "admin@example.org", "password": password}
    user = create_account(world, hub, fields)
    session = open_session(world, user["id"], length_ms=session_length_ms(world))
    return Admin(user["id"], user["username"], password, session.token)


def _checked_settings(config: JsonObject) -> JsonObject:
    if unknown := unknown_settings(config):
        raise ValueError(f"unknown settings: {', '.join(unknown)}")
    try:
        Config().merge(config)
    except SettingError as error:
        raise ValueError(str(error)) from None
    return config


def _checked_subpath(subpath: str) -> str:
    if subpath != clean_path(subpath) or (subpath != "/" and subpath.endswith("/")):
        raise ValueError(f"a subpath is like /chat, not {subpath!r}")
    return subpath
