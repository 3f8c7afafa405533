from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.errors.from_core import core_error, kind_of

ROUTE = "GET /api/v4/users/{user_id}"


TRANSPORT = {
    "connect": e.ConnectError,
    "tls": e.TLSError,
    "connect_timeout": e.ConnectTimeout,
    "read_timeout": e.ReadTimeout,
    "write_timeout": e.WriteTimeout,
    "pool_timeout": e.PoolTimeout,
    "protocol": e.ProtocolError,
    "closed": e.ConnectionClosed,
}


@pytest.mark.parametrize("kind", TRANSPORT)
def test_a_failure_of_the_transport_has_its_class_and_is_retryable_if_the_core_says_so(kind: str) -> None:
    for retryable in (True, False):
        error = core_error(kind, "m", ROUTE, retryable)
        assert type(error) is TRANSPORT[kind]
        assert (error.retryable, error.route) == (retryable, "GET /api/v4/users/{user_id}")
        assert kind_of(error) == kind


@pytest.mark.parametrize(
    ("kind", "cls", "status"),
    [
        ("invalid_request", e.InvalidRequest, None),
        ("decode", e.DecodeError, None),
        ("auth", e.NoAccessTokenProvided, 401),
        ("config", e.InvalidOptions, None),
        ("file", e.LocalFileError, None),
        ("queue_full", e.EventQueueFull, None),
    ],
)
def test_other_failures_of_the_core_have_their_class(kind: Any, cls: type, status: int | None) -> None:
    error = core_error(kind, "m", None, False)
    assert (type(error), error.status_code, error.route, error.retryable) == (cls, status, None, False)
