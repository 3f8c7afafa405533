from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.errors.from_core import core_error

ROUTE = "GET /api/v4/users/{user_id}"


@pytest.mark.parametrize(
    ("kind", "cls", "harmless"),
    [
        ("connect", e.ConnectError, True),
        ("tls", e.TLSError, False),
        ("connect_timeout", e.ConnectTimeout, True),
        ("read_timeout", e.ReadTimeout, True),
        ("write_timeout", e.WriteTimeout, True),
        ("pool_timeout", e.PoolTimeout, True),
        ("protocol", e.ProtocolError, False),
        ("closed", e.ConnectionClosed, True),
    ],
)
def test_a_transport_error_is_retryable_when_nothing_can_happen_twice(
    kind: Any, cls: type[e.MatterapiError], harmless: bool
) -> None:
    outcomes = {
        (route.partition(" ")[0], sent): core_error(kind, "m", route, sent)
        for route in (ROUTE, "PUT /x", "DELETE /x", "POST /x", "PATCH /x")
        for sent in (True, False)
    }
    assert {type(error) for error in outcomes.values()} == {cls}
    for (verb, sent), error in outcomes.items():
        assert error.retryable == (harmless and (not sent or verb in {"GET", "PUT", "DELETE"})), (verb, sent)
    assert outcomes["GET", True].route == "GET /api/v4/users/{user_id}"


@pytest.mark.parametrize(
    ("kind", "cls", "status"),
    [
        ("invalid_request", e.InvalidRequest, None),
        ("decode", e.DecodeError, None),
        ("auth", e.NoAccessTokenProvided, 401),
        ("config", e.InvalidOptions, None),
        ("file", e.LocalFileError, None),
    ],
)
def test_other_failures_of_the_core_have_their_class(kind: Any, cls: type, status: int | None) -> None:
    error = core_error(kind, "m", None, False)
    assert (type(error), error.status_code, error.route, error.retryable) == (cls, status, None, False)
