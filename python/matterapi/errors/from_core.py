"""From the core's failures to exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.http.response import Response

from .exceptions import (
    ConnectError,
    ConnectionClosed,
    ConnectTimeout,
    DecodeError,
    EventQueueFull,
    InvalidOptions,
    InvalidRequest,
    LocalFileError,
    MatterapiError,
    NoAccessTokenProvided,
    PoolTimeout,
    ProtocolError,
    ReadTimeout,
    TLSError,
    TransportError,
    WriteTimeout,
)
from .from_response import api_error, class_for
from .httpx_classes import raised_class

if TYPE_CHECKING:
    from matterapi._core import RawResponse

_TRANSPORT_CLASSES: dict[str, type[TransportError]] = {
    "connect": ConnectError,
    "tls": TLSError,
    "connect_timeout": ConnectTimeout,
    "read_timeout": ReadTimeout,
    "write_timeout": WriteTimeout,
    "pool_timeout": PoolTimeout,
    "protocol": ProtocolError,
    "closed": ConnectionClosed,
}
_OTHER_CLASSES: dict[str, type[MatterapiError]] = {
    "config": InvalidOptions,
    "file": LocalFileError,
    "invalid_request": InvalidRequest,
    "decode": DecodeError,
    "auth": NoAccessTokenProvided,
    "queue_full": EventQueueFull,
}


def core_error(  # noqa: PLR0917 - the binding gives them by place
    kind: str,
    message: str,
    route: str | None,
    retryable: bool,
    ambiguous: bool = False,
    raw: RawResponse | None = None,
) -> MatterapiError:
    """The error for a failure that the core reports; the binding calls this.

    Args:
        kind: What failed: a key of the two tables above.
        message: The core's description.
        route: Verb and path template of the operation.
        retryable: Whether the call may be repeated without doing something twice.
        ambiguous: Whether it may have been done.
        raw: The server's answer, when it refused the credentials.
    """
    if raw is not None:
        return api_error(Response.from_core(raw), route)
    if kind in _OTHER_CLASSES:
        return raised_class(_OTHER_CLASSES[kind])(message, route=route)
    return raised_class(_TRANSPORT_CLASSES[kind])(
        message, route=route, retryable=retryable, ambiguous=ambiguous
    )


def class_name(cause: int | str) -> str:
    """The name of the exception for a status, or for the core's name of what failed."""
    if isinstance(cause, int):
        return class_for(cause).__name__
    known = _OTHER_CLASSES.get(cause) or _TRANSPORT_CLASSES.get(cause)
    return known.__name__ if known else MemoryError.__name__


def kind_of(error: TransportError) -> str:
    """The core's name for what failed."""
    return next(kind for kind, cls in _TRANSPORT_CLASSES.items() if isinstance(error, cls))
