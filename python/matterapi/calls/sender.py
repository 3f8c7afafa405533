"""What the calls of a client go through: the core's session, hooks and the log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi._core import OwnOptions, RawResponse, Session, Transfer
from matterapi.http.response import Response
from matterapi.http.values import Request
from matterapi.logs import library_logger
from matterapi.redaction.known_secrets import guard

# The core uses the feeder: a thread that imports for the core must not be there when the interpreter ends.
from . import feeder as _feeder  # noqa: F401
from . import fork as _fork  # noqa: F401 - registers what a forked child has to do
from .call_options import CallOptions
from .operation import Operation

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions
    from matterapi.options.hooks import EventHooks

logger: logging.Logger = library_logger("matterapi.client")


_UNAUTHORIZED = 401


class Sender:
    """Parent of `SyncSender` and `AsyncSender`. One of each client; a client's copies share it.

    Args:
        options: The client's options.

    Attributes:
        calls: What sets its calls apart from those of the client that it was made for.
        own: The same for the core; `None` for nothing.
    """

    def __init__(self, options: ApiClientOptions) -> None:
        self.options = options
        self.calls: CallOptions = CallOptions()
        self.own: OwnOptions | None = None

    def changed(self, **changes: Any) -> Self:
        """The same sender (one login, one pool, one limiter) with other `CallOptions` for its calls.

        Args:
            changes: Attributes of `CallOptions`; headers are added to those that are there.

        Raises:
            InvalidOptions: One of them cannot be used.
        """
        twin = copy(self)
        twin.calls = self.calls.changed(**changes)
        twin.own = twin.calls.for_core(self.options)
        return twin

    @cached_property
    def core(self) -> Session:
        """The core's session: login and connections. Made when it is first asked for.

        Raises:
            InvalidOptions: The core refused an option.
        """
        # Here, because a client can be named without pydantic.
        from matterapi.options.core_options import core_options  # noqa: PLC0415
        from matterapi.options.core_secrets import core_secrets  # noqa: PLC0415

        options = core_options(self.options)
        session = Session(options)
        guard(session, core_secrets(options))
        return session

    @property
    def has_password(self) -> bool:
        """Whether the client logs in with a password."""
        from matterapi.options.client import AuthLogin  # noqa: PLC0415 - see `core`

        return isinstance(self.options.auth, AuthLogin)

    @cached_property
    def has_credentials(self) -> bool:
        """Whether the client says who it is, be it by a header or cookie of the user's."""
        from matterapi.options.core_options import core_options  # noqa: PLC0415 - see `core`

        names = {name.lower() for name, _ in core_options(self.options).headers}
        return self.options.auth is not None or not names.isdisjoint({"authorization", "cookie"})

    @cached_property
    def hooks(self) -> EventHooks | None:
        """The user's functions that see every call, if there are any."""
        from matterapi.options.hooks import EventHooks  # noqa: PLC0415 - see `core`

        http = self.options.httpx_client_options
        return EventHooks.of(http.event_hooks) if http else None

    @cached_property
    def default_encoding(self) -> str | Callable[[bytes], str] | None:
        """The encoding of text that names none, if the options say one."""
        http = self.options.httpx_client_options
        return http.default_encoding if http and "default_encoding" in http.model_fields_set else None

    def response(self, raw: RawResponse, op: Operation[Any]) -> Response:
        """What the core brought, as the caller gets it; one line of the log is about it."""
        response = Response.from_core(raw)
        if self.default_encoding is not None:
            response.default_encoding = self.default_encoding
        if response.status_code == _UNAUTHORIZED:
            response.lacks_credentials = not self.has_credentials
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

    def request(self, op: Operation[Any], values: dict[str, Any]) -> Request:
        """What a request hook sees: a call before it is sent."""
        from matterapi.options.core_options import core_options  # noqa: PLC0415 - see `core`

        options = core_options(self.options)
        base = re.sub("^unix:.*", "http://localhost", options.url)
        verb = op.route.partition(" ")[0]
        return Request(verb, f"{base}{op.core_route.fill(values)}", options.headers)

    def open(self, op: Operation[Any], values: dict[str, Any]) -> Transfer:
        """A call whose answer is taken in pieces; nothing is sent yet."""
        return self.core.open(op.core_route, values, own=self.own, in_pieces=True)


def raw_response(step: int | bytes | RawResponse | None) -> RawResponse:
    """The answer, which is what a transfer gives after the bytes sent."""
    if not isinstance(step, RawResponse):
        raise TypeError(f"a transfer without an answer: {step!r}")
    return step
