"""The errors of this library.

    MatterapiError
    ├── ApiError                            the server answered with an error
    │   ├── InvalidOrMissingParameters      400
    │   ├── NoAccessTokenProvided           401
    │   ├── PaymentRequired                 402
    │   ├── NotEnoughPermissions            403
    │   ├── ResourceNotFound                404
    │   ├── MethodNotAllowed                405
    │   ├── Conflict                        409
    │   ├── Gone                            410
    │   ├── ContentTooLarge                 413
    │   ├── UnprocessableEntity             422
    │   ├── TooManyRequests                 429
    │   ├── InternalServerError             500
    │   ├── FeatureDisabled                 501
    │   ├── BadGateway                      502
    │   ├── ServiceUnavailable              503
    │   └── GatewayTimeout                  504
    ├── TransportError                      there is no answer
    │   ├── ConnectError, TLSError
    │   ├── ConnectTimeout, ReadTimeout, WriteTimeout, PoolTimeout
    │   └── ProtocolError, ConnectionClosed
    ├── DecodeError                         the answer is not what the operation declares
    ├── InvalidRequest (also ValueError)    a call that cannot be sent as it is
    ├── InvalidOptions (also ValueError)    options that cannot be used
    ├── LocalFileError (also OSError)       a file to send or to write to
    └── EventQueueFull                      events came faster than they were taken

Statuses without a class of their own raise `ApiError` itself. No error shows a token or a password in its
text, its attributes or its pickle: masked is what looks like one, and in any spelling each secret of this
process's clients. Attributes give the server's words otherwise as they came; `str` and `repr` are one line.
"""

# ruff: noqa: N818 - the names are those that 0.5.0 and httpx made familiar

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from matterapi._core import is_ambiguous, is_retryable
from matterapi.http.response import MAX_KEPT, Response
from matterapi.http.values import Request
from matterapi.redaction.patterns import redact_beginning, redact_value
from matterapi.redaction.printable import summary

from .advice import advice
from .body import request_id, retry_after, status_in

if TYPE_CHECKING:
    from .exception_body import ExceptionBody as ExceptionBody  # noqa: PLC0414 - re-exported

_LONGEST_SHOWN = 300
_LONGEST_FACT = 80
_ROUTE_DETAILS = re.compile(r"\{\?.*|![^}]*(?=\})")  # see `Operation.route`


class MatterapiError(Exception):
    """Parent of every error that this library raises on purpose.

    Args:
        message: What happened; credentials in it are masked.
        route: Verb and path template of the operation, if one was called.

    Attributes:
        status_code: HTTP status, or `None` if there was no answer.
        error_id: The server's name of the error, such as `api.context.permissions.app_error`.
        detailed_error: The server's details; filled in developer mode only.
        request_id: The server's id of the request, as in its log.
        route: Such as `GET /api/v4/users/{user_id}`.
        retry_after: Seconds to wait before a repeat, if the server says so.
        retryable: Whether the same call may succeed later without doing something twice.
        ambiguous: Whether nobody can say if the call was done: the server or a proxy failed when it may have
            been. Look before you repeat it.
        response: The raw answer, if there was one.
        details: The server's error object, if the answer had one.
    """

    status_code: int | None = None
    error_id: str | None = None
    detailed_error: str | None = None
    request_id: str | None = None
    route: str | None = None
    retry_after: float | None = None
    retryable: bool = False
    ambiguous: bool = False
    response: Response | None = None
    details: ExceptionBody | None = None
    hint: ClassVar[str] = ""

    def __init__(self, message: Any = "", *, route: str | None = None) -> None:
        known = redact_beginning(message, MAX_KEPT) if isinstance(message, str) else redact_value(message)
        # Not `super()`: next to a twin of `httpx_compat` that is httpx's, which wants other arguments.
        Exception.__init__(self, known)
        if route is not None:
            self.route = _ROUTE_DETAILS.sub("", route)

    @property
    def request(self) -> Request | None:
        """What was sent, without credentials; where no answer came, its URL is the route's template."""
        if self.response is not None:
            return self.response.request
        if self.route is None:
            return None
        method, _, path = self.route.partition(" ")
        return Request(method, path)

    @property
    def message(self) -> str:
        """What happened, as text; the server's own words where it said something."""
        return str(self.args[0])

    def __str__(self) -> str:
        facts = [
            self.route,
            f"status {self.status_code}" if self.status_code else None,
            f"id {summary(self.error_id, _LONGEST_FACT)}" if self.error_id else None,
            f"request {summary(self.request_id, _LONGEST_FACT)}" if self.request_id else None,
        ]
        known = ", ".join(fact for fact in facts if fact)
        shown = summary(self.message, _LONGEST_SHOWN)
        return " ".join(filter(None, [shown, known and f"[{known}]", self._advice()]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def _advice(self) -> str:
        return self.hint


class ApiError(MatterapiError):
    """The server answered with a status that is no success.

    `args` is `(message,)`: the server's message, the whole JSON value of a body without one, or the
    text of the body.

    Args:
        message: See above.
        error_details: The server's error object.
        response: The raw answer.
        route: Verb and path template of the operation.
    """

    def __init__(
        self,
        message: Any = "",
        error_details: ExceptionBody | None = None,
        *,
        response: Response | None = None,
        route: str | None = None,
    ) -> None:
        super().__init__(message, route=route)
        if error_details is not None:
            self.details: ExceptionBody | None = error_details
            self.error_id: str | None = error_details.id or None
            self.detailed_error: str | None = error_details.detailed_error or None
            self.request_id: str | None = error_details.request_id or None
            self.status_code: int | None = status_in(error_details) or type(self).status_code
        if response is not None:
            self.response: Response | None = response
            if self.status_code is None or not response.is_success:
                self.status_code = response.status_code
            self.request_id = self.request_id or request_id(response)
            self.retry_after: float | None = retry_after(response.headers)
        verb = self.request.method if self.request is not None else ""
        facts = (verb, self.status_code or 0, self.error_id or "")
        self.retryable: bool = is_retryable(*facts)
        self.ambiguous: bool = is_ambiguous(*facts)

    def _advice(self) -> str:
        return advice(self) or self.hint


class InvalidOrMissingParameters(ApiError):
    """400: the server refused a value of the call."""

    status_code: int | None = 400


class NoAccessTokenProvided(ApiError):
    """401: no valid session."""

    status_code: int | None = 401


class PaymentRequired(ApiError):
    """402: the cloud subscription does not cover this."""

    status_code: int | None = 402


class NotEnoughPermissions(ApiError):
    """403: the account may not do this."""

    status_code: int | None = 403


class ResourceNotFound(ApiError):
    """404: there is no such thing, or the server has no such route."""

    status_code: int | None = 404


class MethodNotAllowed(ApiError):
    """405: the route does not know the verb. The server itself answers 404 instead."""

    status_code: int | None = 405


class Conflict(ApiError):
    """409: the call clashes with the state of the server."""

    status_code: int | None = 409


class Gone(ApiError):
    """410: the thing was there and is gone for good."""

    status_code: int | None = 410


class ContentTooLarge(ApiError):
    """413: the body is larger than the server takes; also too many e-mail invitations."""

    status_code: int | None = 413


class UnprocessableEntity(ApiError):
    """422: the server understood the body and cannot act on it."""

    status_code: int | None = 422


class TooManyRequests(ApiError):
    """429: a rate limit refused the call before anything was done."""

    status_code: int | None = 429


class InternalServerError(ApiError):
    """500: the server failed."""

    status_code: int | None = 500


class FeatureDisabled(ApiError):
    """501: the feature is switched off or not licensed."""

    status_code: int | None = 501
    hint = "The server's configuration or licence does not enable it."


class BadGateway(ApiError):
    """502: a proxy got no usable answer from the server."""

    status_code: int | None = 502


class ServiceUnavailable(ApiError):
    """503: the server is marked busy, or a proxy has no server to ask."""

    status_code: int | None = 503


class GatewayTimeout(ApiError):
    """504: a proxy waited too long for the server."""

    status_code: int | None = 504


class TransportError(MatterapiError):
    """The exchange failed before a complete answer was there.

    Args:
        message: What happened.
        route: Verb and path template of the operation.
        retryable: Whether the call may be repeated without doing something twice.
        ambiguous: Whether it may have been done.
    """

    def __init__(
        self,
        message: str = "",
        *,
        route: str | None = None,
        retryable: bool = False,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message, route=route)
        self.retryable = retryable
        self.ambiguous = ambiguous


class ConnectError(TransportError):
    """No connection: the name was not found, or nobody accepts connections there."""


class TLSError(TransportError):
    """The secure connection failed, mostly because the certificate is not trusted."""

    hint = "For a private certificate authority give its file: httpx_client_options={'verify': path}."

    def _advice(self) -> str:
        return self.hint if "certificate" in self.message else ""


class ConnectTimeout(TransportError):
    """No connection within the time for connecting."""


class ReadTimeout(TransportError):
    """The server sent nothing for the time allowed between two reads, or less than a byte a second."""


class WriteTimeout(TransportError):
    """The server took nothing for the time allowed between two writes."""


class PoolTimeout(TransportError):
    """All connections were in use for the time allowed."""


class ProtocolError(TransportError):
    """What came back is not proper HTTP or websocket traffic, or exceeds a limit."""


class ConnectionClosed(TransportError):
    """The server closed the connection before the answer was complete."""


class DecodeError(MatterapiError):
    """The answer was a success, but its body is not what the operation declares.

    The call has been carried out; the body is in `response.content`, without the secrets of this process's
    clients.

    Args:
        message: What is wrong with the body.
        response: The raw answer.
        route: Verb and path template of the operation.
    """

    def __init__(
        self, message: str = "", *, response: Response | None = None, route: str | None = None
    ) -> None:
        super().__init__(message, route=route)
        if response is not None:
            response.refuse()
            self.response: Response | None = response.for_error()
            self.status_code: int | None = response.status_code
            self.request_id: str | None = request_id(response)


class InvalidRequest(MatterapiError, ValueError):
    """The call cannot be sent as it is; nothing was sent."""


class InvalidOptions(MatterapiError, ValueError):
    """The options of a client cannot be used."""


class LocalFileError(MatterapiError, OSError):
    """A file on this side could not be read or written."""


class EventQueueFull(MatterapiError):
    """Events came faster than they were taken, on a stream with `overflow="raise"`.

    All that waited was handed out before. What came after it was not; with a checkpoint, the next stream goes
    on there.
    """


def _family(cls: type[MatterapiError]) -> Iterator[type[MatterapiError]]:
    yield cls
    for child in cls.__subclasses__():
        yield from _family(child)


# Tracebacks and pickles name the module that programs import errors from.
for _cls in _family(MatterapiError):
    _cls.__module__ = "matterapi.exceptions"


def __getattr__(name: str) -> Any:
    if name != "ExceptionBody":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .exception_body import ExceptionBody  # noqa: PLC0415 - see `body.read_details`

    globals()[name] = ExceptionBody
    return ExceptionBody


def __dir__() -> list[str]:
    return sorted({*globals(), "ExceptionBody"})
