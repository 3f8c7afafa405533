"""What both clients share; options under the import path that 0.5.0 gave them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic
from weakref import WeakSet

from typing_extensions import Self, TypeVar

from matterapi._core import EventStream
from matterapi.calls.call_options import AS_CLIENT
from matterapi.calls.counters import CallCounters
from matterapi.calls.rate_limit import RateLimit
from matterapi.calls.sender import Sender, logger

from .lazy_group import is_group

if TYPE_CHECKING:
    from matterapi.events.filters import EventFilter
    from matterapi.options.client import ApiClientOptions, AuthLogin, AuthToken, MfaToken
    from matterapi.options.http import HttpxClientOptions
    from matterapi.options.timeouts import Limits, Timeout

__all__ = [
    "ApiClientOptions",
    "AuthLogin",
    "AuthToken",
    "BaseClient",
    "EventHandler",
    "HttpxClientOptions",
    "Limits",
    "Timeout",
]

_OPTIONS = {
    "ApiClientOptions": "client",
    "AuthLogin": "client",
    "AuthToken": "client",
    "HttpxClientOptions": "http",
    "Limits": "timeouts",
    "Timeout": "timeouts",
}
"""Names of this module that are in `matterapi.options`: a client can be named without pydantic."""

EventHandler = Callable[[dict[str, Any]], Any]
"""Called with each event as a plain dict: a function, a coroutine function, or an object like either."""

S_co = TypeVar("S_co", bound=Sender, default=Sender, covariant=True)


class BaseClient(Generic[S_co]):
    """Parent of `SyncClient` and `AsyncClient`.

    Connections and the login are made when they are needed and reused by all calls, with or without
    `session()`. A client may be used from several threads, and after a fork in parent and child.

    Args:
        url: URL of the server; may stand in `options` instead, as all that follows.
        token: A personal access token, a bot's token or a session token.
        login_id: User name or e-mail address, for a login with a password.
        password: The password.
        mfa_token: A one-time code, or a function that returns the current one, such as
            `matterapi.options.totp.Totp(secret)`.
        options: All options, as `ApiClientOptions` or as a dict of the same names.

    Attributes:
        options: The options.
        sender: What calls go through; for endpoint classes, not for programs.

    Raises:
        InvalidOptions: An option cannot be used, or there is none of that name; it is a `ValueError`.
    """

    options: ApiClientOptions
    sender: S_co
    _sender_class: type[S_co]
    _streams: WeakSet[EventStream]

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        login_id: str | None = None,
        password: str | None = None,
        mfa_token: MfaToken | None = None,
        options: ApiClientOptions | Mapping[str, Any] | None = None,
    ) -> None:
        from matterapi.options.start import named_options  # noqa: PLC0415 - see `_OPTIONS`

        self.options = named_options(url, token, login_id, password, mfa_token, options)
        self.sender = self._sender_class(self.options)
        self._streams = WeakSet()
        if self.options.debug:
            self.set_logging_mode(True)
        _ = self.sender.core  # options that cannot work are refused here, not at the first call

    @classmethod
    def from_env(
        cls, environment: Mapping[str, str] = os.environ, *, options: Mapping[str, Any] | None = None
    ) -> Self:
        """A client that the environment describes.

        | variable | says |
        |---|---|
        | `MATTERMOST_URL` | URL of the server |
        | `MATTERMOST_TOKEN` | a token; or: |
        | `MATTERMOST_LOGIN_ID`, `MATTERMOST_PASSWORD` | a login |
        | `MATTERMOST_MFA_SECRET` | the secret of its multi-factor authentication, in base 32 |
        | `MATTERMOST_CA_BUNDLE` | file or folder with the certificates that are trusted |
        | `MATTERMOST_PROXY` | URL of a proxy |

        Args:
            environment: The variables; empty ones count as unset.
            options: Further options, which win over the variables.

        Raises:
            InvalidOptions: A variable is missing or cannot be used; the message names it.
        """
        from matterapi.options.start import environment_options  # noqa: PLC0415 - see `_OPTIONS`

        return cls(options=environment_options(environment, options or {}))

    @property
    def active_token(self) -> str | None:
        """The token in use; `None` before the first login with a password."""
        return self.sender.core.token

    def with_options(
        self,
        *,
        timeout: Any = AS_CLIENT,
        retries: int = AS_CLIENT,
        deadline: float | None = AS_CLIENT,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = AS_CLIENT,
    ) -> Self:
        """A view of this client whose calls are made otherwise.

        It shares login, connections and rate limit, costs next to nothing, and may be made for a single call:
        `client.with_options(timeout=60).users.get_users()`. Views may be made of views.

        Args:
            timeout: Seconds for each phase, in any form that `httpx_client_options["timeout"]` takes; that
                for connecting can only become shorter, that for a free connection stays as it is.
            retries: How often a call is sent again, up to 20.
            deadline: Seconds for all attempts of a call together; `None` for no limit.
            headers: Header fields, beside those of the client; they win over it.
            idempotent: Repeat calls after failures although their verb does not allow it: you know that doing
                them twice does no harm.

        Raises:
            InvalidOptions: One of them cannot be used.
        """
        given = {"timeout": timeout, "retries": retries, "deadline": deadline, "idempotent": idempotent}
        changes = {name: value for name, value in given.items() if value is not AS_CLIENT}
        twin = copy(self)
        twin.sender = self.sender.changed(headers=headers, **changes)
        return twin

    @property
    def rate_limit(self) -> RateLimit | None:
        """What is known of the server's rate limit; `None` as long as it has spoken of none."""
        known = self.sender.core.rate_limit
        return None if known is None else RateLimit(*known)

    def counters(self) -> CallCounters:
        """What the calls of this client and its views have done so far; from any thread."""
        return CallCounters.of(self.sender.core.counters())

    @classmethod
    def set_logging_mode(cls, value: bool) -> None:
        """Log every call: set the logger `matterapi.client` to DEBUG, or back to INFO."""
        logger.setLevel(logging.DEBUG if value else logging.INFO)

    def open_stream(
        self,
        *,
        catch_up: bool,
        relogin: bool = False,
        overflow: str = "pause",
        position: int | None = None,
        wanted: EventFilter | None = None,
        stamped: bool = False,
    ) -> EventStream:
        """The core's event stream, which `close` ends; for the library's own streams, not for programs.

        Args:
            catch_up: See `_core.EventStream`, as for the others.
            relogin: Log in again before every reconnect, if there is a password.
            overflow: What happens when events come faster than they are taken.
            position: Where to go on.
            wanted: Which events are handed out.
            stamped: Frames come with the time of their arrival.
        """
        given = "ws_reconnect_wait_time" in self.options.model_fields_set
        stream = EventStream(
            self.sender.core,
            longest_wait=float(self.options.ws_reconnect_wait_time) if given else None,
            relogin=relogin and self.sender.has_password,
            catch_up=catch_up,
            wait_for_server=self.options.ws_wait_for_server,
            overflow=overflow,
            position=position,
            wanted=wanted,
            stamped=stamped,
        )
        self._streams.add(stream)
        return stream

    def _close_streams(self) -> None:
        for stream in list(self._streams):
            stream.close()

    async def start_ws(self, event_handler: EventHandler, relogin: bool = False) -> None:
        """Call `event_handler` with every event of the server; runs until it is cancelled.

        The connection is made again whenever it ends. Handlers get the event as the server sent it: a
        dict with `event`, `data`, `broadcast` and `seq`; JSON inside it (`data["post"]`) stays text. Replies
        and whatever else is a JSON object arrive too; frames that are none are left out with a warning.

        With `ws_concurrent` (the default) a handler that waits does not hold up the next event, so they
        may finish in any order, and a handler's exception is logged; handlers that do not wait may share
        a task and its context variables. Without it they are handled one after the other, and an exception
        ends `start_ws`. Functions that are not coroutine functions run in threads.

        Args:
            event_handler: A function, a coroutine function, or an object that can be called like either.
            relogin: Log in again before every reconnect (with a password only).

        Raises:
            InvalidRequest: The handler cannot be called.
            NoAccessTokenProvided: The server rejected the credentials twice while it was healthy.
            TransportError: The first connection failed in a way that waiting does not mend.
        """
        from matterapi.events import handlers  # noqa: PLC0415 - programs without events need no asyncio

        handlers.check_handler(event_handler)
        stream = self.open_stream(catch_up=self.options.ws_catch_up, relogin=relogin)
        try:
            await handlers.handle_async(stream, event_handler, self.options.ws_concurrent)
        finally:
            stream.close()

    def start_ws_sync(self, event_handler: EventHandler, relogin: bool = False) -> None:
        """Call `event_handler` with every event of the server; runs until an exception such as Ctrl-C.

        As `start_ws`, but blocks. A plain function needs no event loop: without `ws_concurrent` it runs
        on the calling thread, with it on worker threads. A coroutine function gets a loop of its own.

        Args:
            event_handler: See `start_ws`.
            relogin: See `start_ws`.

        Raises:
            InvalidRequest: See `start_ws`.
            NoAccessTokenProvided: See `start_ws`.
            TransportError: See `start_ws`.
            RuntimeError: A coroutine function was given where an event loop already runs: await `start_ws`.
        """
        import asyncio  # noqa: PLC0415 - see `start_ws`

        from matterapi.events import handlers  # noqa: PLC0415 - see `start_ws`

        handlers.check_handler(event_handler)
        if handlers.is_coroutine_function(event_handler):
            if handlers.in_running_loop():
                raise RuntimeError("an event loop runs here already: await start_ws instead of start_ws_sync")
            asyncio.run(self.start_ws(event_handler, relogin))
            return
        stream = self.open_stream(catch_up=self.options.ws_catch_up, relogin=relogin)
        try:
            handlers.handle_sync(stream, event_handler, self.options.ws_concurrent)
        finally:
            stream.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(options={self.options!r})"

    def __getstate__(self) -> dict[str, Any]:
        # Connections do not travel, and the options leave their secrets out of pickles.
        return {"options": self.options}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.sender = self._sender_class(self.options)
        self._streams = WeakSet()

    def __copy__(self) -> Self:
        twin = type(self).__new__(type(self))
        # With the same sender: one login and one pool for both. Its groups are its own: they carry the client
        # that they belong to.
        own = {name: value for name, value in vars(self).items() if not is_group(type(self), name)}
        twin.__dict__.update(own)
        return twin


def __getattr__(name: str) -> Any:
    if name not in _OPTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"matterapi.options.{_OPTIONS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_OPTIONS})
