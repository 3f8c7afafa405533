"""The errors and warnings of this library; `matterapi.errors.exceptions` draws their tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import exceptions as _exceptions
from .errors.exceptions import (
    ApiError,
    BadGateway,
    Conflict,
    ConnectError,
    ConnectionClosed,
    ConnectTimeout,
    ContentTooLarge,
    DecodeError,
    EventQueueFull,
    FeatureDisabled,
    GatewayTimeout,
    Gone,
    InternalServerError,
    InvalidOptions,
    InvalidOrMissingParameters,
    InvalidRequest,
    LocalFileError,
    MatterapiError,
    MethodNotAllowed,
    NoAccessTokenProvided,
    NotEnoughPermissions,
    PaymentRequired,
    PoolTimeout,
    ProtocolError,
    ReadTimeout,
    ResourceNotFound,
    ServiceUnavailable,
    TLSError,
    TooManyRequests,
    TransportError,
    UnprocessableEntity,
    WriteTimeout,
)
from .errors.warnings import DroppedValueWarning, UnknownKeyWarning

if TYPE_CHECKING:
    from .errors.exception_body import ExceptionBody

__all__ = [
    "ApiError",
    "BadGateway",
    "Conflict",
    "ConnectError",
    "ConnectTimeout",
    "ConnectionClosed",
    "ContentTooLarge",
    "DecodeError",
    "DroppedValueWarning",
    "EventQueueFull",
    "ExceptionBody",
    "FeatureDisabled",
    "GatewayTimeout",
    "Gone",
    "InternalServerError",
    "InvalidOptions",
    "InvalidOrMissingParameters",
    "InvalidRequest",
    "LocalFileError",
    "MatterapiError",
    "MethodNotAllowed",
    "NoAccessTokenProvided",
    "NotEnoughPermissions",
    "PaymentRequired",
    "PoolTimeout",
    "ProtocolError",
    "ReadTimeout",
    "ResourceNotFound",
    "ServiceUnavailable",
    "TLSError",
    "TooManyRequests",
    "TransportError",
    "UnknownKeyWarning",
    "UnprocessableEntity",
    "WriteTimeout",
]


def __getattr__(name: str) -> Any:
    if name != "ExceptionBody":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _exceptions.ExceptionBody  # loads pydantic


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
