"""The errors of this library under the import path that 0.5.0 gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matterapi import exceptions as _exceptions
from matterapi.exceptions import (
    ApiError,
    BadGateway,
    Conflict,
    ConnectError,
    ConnectionClosed,
    ConnectTimeout,
    ContentTooLarge,
    DecodeError,
    DroppedValueWarning,
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
    UnknownKeyWarning,
    UnprocessableEntity,
    WriteTimeout,
)

if TYPE_CHECKING:
    from matterapi.exceptions import ExceptionBody

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
