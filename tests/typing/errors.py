"""What goes wrong."""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from matterapi import Response, SyncClient, exceptions
from matterapi.client.exceptions import (
    ApiError,
    ConnectError,
    ExceptionBody,
    InvalidRequest,
    MatterapiError,
    ResourceNotFound,
    TooManyRequests,
    TransportError,
)
from matterapi.models import User


def find(client: SyncClient, name: str) -> User | None:
    try:
        return client.users.get_user_by_username(name)
    except ResourceNotFound as error:
        assert_type(error.error_id, str | None)
        assert_type(error.request_id, str | None)
        assert_type(error.response, Response | None)
        return None
    except TooManyRequests as error:
        assert_type(error.retry_after, float | None)
        raise
    except ApiError as error:
        assert_type(error.status_code, int | None)
        assert_type(error.details, ExceptionBody | None)
        assert_type(error.message, str)
        raise
    except (ConnectError, TransportError) as error:
        assert_type(error.retryable, bool)
        assert_type(error.route, str | None)
        raise


def parents(error: exceptions.NotEnoughPermissions, refused: InvalidRequest) -> None:
    api: ApiError = error
    own: MatterapiError = api
    value: ValueError = refused
    assert_type(own.response, Response | None)
    assert_type(value.args, tuple[Any, ...])
