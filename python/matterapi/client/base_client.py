"""What both clients share."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi._core import EventStream, RawResponse, Session, Transfer
from matterapi.endpoints.operation import Operation
from matterapi.http_values import Request
from matterapi.logs import library_logger
from matterapi.own_secrets import guard
from matterapi.response import Response

# The core uses the feeder: a thread that imports for the core must not be there when the interpreter ends.
from . import feeder as _feeder  # noqa: F401
from . import fork as _fork  # noqa: F401 - registers what a forked child has to do

if TYPE_CHECKING:
    from .event_hooks import EventHooks
    from .options import ApiClientOptions

logger: logging.Logger = library_logger("matterapi.client")

EventHandler = Callable[[dict[str, Any]], Any]
"""Called with each event as a plain dict: a function, a coroutine function, or an object like either."""


class BaseClient:
    """Parent of `SyncClient` and `AsyncClient`.

    Connections and the login are made when they are needed and reused by all calls, with or without
    `session()`. A client may be used from several threads, and after a fork in parent and child.

    Args:
        options: The options, as `ApiClientOptions` or as a dict of the same names.

    Raises:
        pydantic.ValidationError: An option cannot be used; it is a `ValueError`.
        InvalidOptions: The core refused an option, such as a certificate file that does not exist.
    """

    options: ApiClientOptions

    def __init__(self, *, options: ApiClientOptions | Mapping[str, Any]) -> None:
        from .options import read_options  # noqa: PLC0415 - a client can be named without pydantic

        self.options = read_options(options)
        if self.options.debug:
            self.set_logging_mode(True)
        _ = self._core  # options that cannot work are refused here, not at the first call

    @cached_property
    def _core(self) -> Session:
        from .config_secrets import config_secrets  # noqa: PLC0415 - see `__init__`
        from .core_config import core_config  # noqa: PLC0415 - see `__init__`

        config = core_config(self.options)
        session = Session(config)
        guard(session, config_secrets(config))
        return session

    @cached_property
    def _hooks(self) -> EventHooks | None:
        from .event_hooks import EventHooks  # noqa: PLC0415 - see `__init__`

        http = self.options.httpx_client_options
        return EventHooks.of(http.event_hooks) if http else None

    @cached_property
    def _default_encoding(self) -> str | Callable[[bytes], str] | None:
        http = self.options.httpx_client_options
        return http.default_encoding if http and "default_encoding" in http.model_fields_set else None

    @property
    def active_token(self) -> str | None:
        """The token in use; `None` before the first login with a password."""
        return self._core.token

    @classmethod
    def set_logging_mode(cls, value: bool) -> None:
        """Log every call: set the logger `matterapi.client` to DEBUG, or back to INFO."""
        logger.setLevel(logging.DEBUG if value else logging.INFO)

    @property
    def _has_password(self) -> bool:
        from .options import AuthLogin  # noqa: PLC0415 - see `__init__`

        return isinstance(self.options.auth, AuthLogin)

    def _read(self, raw: RawResponse, op: Operation[Any]) -> Response:
        response = Response.from_core(raw)
        if self._default_encoding is not None:
            response.default_encoding = self._default_encoding
        if logger.isEnabledFor(logging.DEBUG):
            request_id = response.headers.get("x-request-id", "none")
            logger.debug(
                "%s: status %d after %.1f ms, request %s",
                op.core_route.label,
                response.status_code,
                raw.elapsed * 1000,
                request_id,
            )
        return response

    def _announced(self, op: Operation[Any], values: dict[str, Any]) -> Request:
        """What a request hook sees: a call before it is sent."""
        from .core_config import core_config  # noqa: PLC0415 - see `__init__`

        config = core_config(self.options)
        base = re.sub("^unix:.*", "http://localhost", config.base_url)
        verb = op.route.partition(" ")[0]
        return Request(verb, f"{base}{op.core_route.fill(values)}", config.headers)

    def _open(self, op: Operation[Any], values: dict[str, Any]) -> Transfer:
        """A call whose answer is taken in pieces; nothing is sent yet."""
        return self._core.open(op.core_route, values, in_pieces=True)

    def _event_stream(self, relogin: bool) -> EventStream:
        given = "ws_reconnect_wait_time" in self.options.model_fields_set
        return EventStream(
            self._core,
            first_wait=float(self.options.ws_reconnect_wait_time) if given else None,
            relogin=relogin and self._has_password,
        )

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
            NoAccessTokenProvided: The server rejected the credentials twice while it was healthy.
            TransportError: The first connection failed in a way that waiting does not mend.
        """
        from matterapi.events import handlers  # noqa: PLC0415 - programs without events need no asyncio

        stream = self._event_stream(relogin)
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
            NoAccessTokenProvided: See `start_ws`.
            TransportError: See `start_ws`.
            RuntimeError: A coroutine function was given where an event loop already runs.
        """
        import asyncio  # noqa: PLC0415 - see `start_ws`

        from matterapi.events import handlers  # noqa: PLC0415 - see `start_ws`

        if handlers.is_coroutine_function(event_handler):
            asyncio.run(self.start_ws(event_handler, relogin))
            return
        stream = self._event_stream(relogin)
        try:
            handlers.handle_sync(stream, event_handler, self.options.ws_concurrent)
        finally:
            stream.close()

    def _copy(self) -> Self:
        twin = copy(self)
        # The same core: one login and one pool, whichever of the two is used.
        twin.__dict__["_core"] = self._core
        return twin

    def __repr__(self) -> str:
        return f"{type(self).__name__}(options={self.options!r})"

    def __getstate__(self) -> dict[str, Any]:
        # Connections do not travel, and the options leave their secrets out of pickles.
        return {"options": self.options}


def answered(step: int | bytes | RawResponse | None) -> RawResponse:
    """The answer, which is what a transfer gives after the bytes sent."""
    if not isinstance(step, RawResponse):
        raise TypeError(f"a transfer without an answer: {step!r}")
    return step
