"""What the calls of a client go through: the core's session, hooks and the log."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

from typing_extensions import Self

from matterapi._core import OwnOptions, RawResponse, Session, Transfer
from matterapi.http.response import Response
from matterapi.http.values import OutgoingRequest
from matterapi.logs import library_logger
from matterapi.redaction.known_secrets import guard
from matterapi.redaction.patterns import is_secret_header

# The core uses the feeder: a thread that imports for the core must not be there when the interpreter ends.
from . import feeder as _feeder  # noqa: F401
from . import fork as _fork  # noqa: F401 - registers what a forked child has to do
from .call_options import CallOptions
from .operation import Operation
from .own_user import OwnUser
from .transfer_step import TransferStep

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions
    from matterapi.options.hooks import EventHooks

    from .body import Body
    from .etag_cache import EtagCache, Lookup
    from .tracer import Tracer

logger: logging.Logger = library_logger("matterapi.client")


_UNAUTHORIZED = 401
_CONDITIONS = frozenset({"if-none-match", "if-match", "if-modified-since", "if-range", "range"})


class Sender:
    """Parent of `SyncSender` and `AsyncSender`. One of each client; a client's copies share it.

    Args:
        options: The client's options.

    Attributes:
        calls: What sets its calls apart from those of the client that it was made for.
        own: The same for the core; `None` for nothing.
        hooks: The user's functions that see every call, if there are any.
        cache: Answers that need not come again, if the options ask for that; shared with its views.
        tracers: What else sees every call; shared with its views.
        watchers: All of these together: where there are none, calls go a shorter way.
        own_user: Whose session it is, once somebody has asked; shared with its views.
    """

    def __init__(self, options: ApiClientOptions) -> None:
        self.options = options
        self.calls: CallOptions = CallOptions()
        self.own: OwnOptions | None = None
        self.hooks: EventHooks | None = None
        self.cache: EtagCache | None = None
        self.own_user: OwnUser = OwnUser()
        http = options.httpx_client_options
        if http is not None and http.event_hooks:
            from matterapi.options.hooks import EventHooks  # noqa: PLC0415 - few programs need it

            self.hooks = EventHooks.of(http.event_hooks)
        if options.etag_cache:
            from matterapi.options.etag_cache import EtagCacheLimits  # noqa: PLC0415 - few programs need it

            from .etag_cache import EtagCache  # noqa: PLC0415 - few programs need it

            limits = EtagCacheLimits.of(options.etag_cache)
            self.cache = EtagCache(limits) if limits else None
        self.tracers: list[Tracer] = []
        self.watchers: list[object] = [one for one in (self.hooks, self.cache) if one is not None]

    def add_tracer(self, tracer: Tracer) -> None:
        """Have somebody see every call of this sender and its views from now on."""
        self.tracers.append(tracer)
        self.watchers.append(tracer)

    def remove_tracer(self, tracer: Tracer) -> None:
        """End what `add_tracer` began."""
        self.tracers.remove(tracer)
        self.watchers.remove(tracer)

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
    def default_encoding(self) -> str | Callable[[bytes], str] | None:
        """The encoding of text that names none, if the options say one."""
        http = self.options.httpx_client_options
        return http.default_encoding if http and "default_encoding" in http.model_fields_set else None

    def is_plain(self, op: Operation[Any], body: Body | None) -> bool:
        """Whether a call can be left to `fetch`: nobody is to see its answer, and it sends JSON at most."""
        if self.watchers or op.returns is Response or (body is not None and body.kind != "json"):
            return False
        return not logger.isEnabledFor(logging.DEBUG)

    def as_shown(self, raw: RawResponse, op: Operation[Any]) -> Response:
        """An answer of the core, without a URL that is itself a secret."""
        response = Response.from_core(raw)
        if self.default_encoding is not None:
            response.default_encoding = self.default_encoding
        return response.at(self._shown_url(op, {})) if self.calls.anonymous else response

    def response(self, raw: RawResponse, op: Operation[Any]) -> Response:
        """What the core brought, as the caller gets it; one line of the log is about it."""
        response = self.as_shown(raw, op)
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

    @property
    def session(self) -> tuple[object, ...]:
        """What tells sessions apart: the token, and header fields of a view that say who calls."""
        told = [(name.lower(), value) for name, value in self.calls.headers if is_secret_header(name.lower())]
        return self.core.token, self.calls.anonymous, *told

    def lookup(self, op: Operation[Any], values: dict[str, Any], added: Mapping[str, str]) -> Lookup | None:
        """What the cache knows of a call; `None` if that is no business of the cache's.

        Args:
            op: The operation.
            values: Path and query values.
            added: Header fields that hooks and tracers have set.
        """
        own = {name.lower(): value for name, value in (*self.calls.headers, *added.items())}
        if self.cache is None or not op.route.startswith("GET ") or not _CONDITIONS.isdisjoint(own):
            return None
        # Not what tells calls from each other, such as the number of a trace.
        told = {name: own[name] for name in own if name not in added or is_secret_header(name)}
        who = (self.core.token, self.calls.anonymous, sorted(told.items()))
        return self.cache.lookup(who, op.core_route.fill(values))

    @cached_property
    def _base(self) -> tuple[str, list[tuple[str, str]]]:
        """The URL that routes are appended to, and the client's header fields."""
        from matterapi.options.core_options import core_options  # noqa: PLC0415 - see `core`

        options = core_options(self.options)
        return re.sub("^unix:.*", "http://localhost", options.url), options.headers

    def request(self, op: Operation[Any], values: dict[str, Any]) -> OutgoingRequest:
        """What hooks and tracers see of a call before it is sent."""
        own = {name.lower(): value for name, value in self.calls.headers}
        headers = [(name, value) for name, value in self._base[1] if name.lower() not in own]
        verb = op.route.partition(" ")[0]
        return OutgoingRequest(verb, self._shown_url(op, values), [*headers, *own.items()])

    def _shown_url(self, op: Operation[Any], values: dict[str, Any]) -> str:
        # Where no token is sent, what is in the URL lets the call in: the id of a webhook.
        secret = self.calls.anonymous
        target = op.core_route.label.partition(" ")[2] if secret else op.core_route.fill(values)
        return f"{self._base[0]}{target}"

    def own_with(self, headers: Mapping[str, str]) -> OwnOptions | None:
        """What sets a call apart that has further header fields.

        Raises:
            InvalidOptions: A field cannot be sent.
        """
        return self.calls.changed(headers=headers).for_core(self.options) if headers else self.own

    def open(self, op: Operation[Any], values: dict[str, Any], own: OwnOptions | None = None) -> Transfer:
        """A call whose answer is taken in pieces; nothing is sent yet.

        Args:
            op: The operation.
            values: Path and query values.
            own: What sets it apart, if that is not what sets all calls of this sender apart.
        """
        own = self.own if own is None else own
        return self.core.open(op.core_route, values, own=own, in_pieces=True, retries=bool(self.watchers))


def raw_response(step: TransferStep) -> RawResponse:
    """The answer, which is what a transfer gives after the bytes sent."""
    if not isinstance(step, RawResponse):
        raise TypeError(f"a transfer without an answer: {step!r}")
    return step
