"""Options as objects and as dicts."""

from __future__ import annotations

from typing_extensions import assert_type

from matterapi import ApiClientOptions, AsyncClient, SyncClient, otel
from matterapi.calls.counters import CallCounters
from matterapi.client.base import AuthLogin, AuthToken, BaseClient, HttpxClientOptions, Timeout
from matterapi.exceptions import MatterapiError
from matterapi.options.etag_cache import EtagCacheLimits
from matterapi.options.hooks import FailedAttempt, OutgoingRequest


def as_dict() -> None:
    client = SyncClient(options={"url": "https://chat.example.com", "auth": {"token": "t"}})
    assert_type(client, SyncClient)
    assert_type(client.options, ApiClientOptions)


def as_object() -> None:
    options = ApiClientOptions(
        url="https://chat.example.com",
        auth=AuthLogin(login_id="ann", password="secret", mfa_token=lambda: "123456"),
        httpx_client_options=HttpxClientOptions(timeout=Timeout(connect=3.0), verify=False),
        ws_concurrent=False,
    )
    assert_type(options.url, str)
    assert_type(options.ws_url, str | None)
    assert_type(options.auth, AuthLogin | AuthToken | None)
    assert_type(options.ws_reconnect_wait_time, int)
    assert_type(options.skip_response_parsing, bool)
    assert_type(AsyncClient(options=options), AsyncClient)
    assert_type(options.model_copy(update={"debug": True}), ApiClientOptions)


def either(client: SyncClient | AsyncClient) -> None:
    parent: BaseClient = client
    assert_type(parent.active_token, str | None)
    BaseClient.set_logging_mode(True)
    assert_type(client.counters(), CallCounters)
    assert_type(client.counters().failures, dict[str, int])


def watched(client: SyncClient, other: AsyncClient) -> None:
    otel.instrument(client)
    otel.instrument(other, propagate_context=False)
    otel.uninstrument(other)
    otel.instrument("client")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ApiClientOptions(url="https://chat.example.com", etag_cache=True)
    ApiClientOptions(url="https://chat.example.com", etag_cache=EtagCacheLimits(entries=5))


def mark(request: OutgoingRequest) -> None:
    request.headers["X-A"] = "1"
    assert_type(request.headers["X-A"], str)


def note(failed: FailedAttempt) -> None:
    assert_type(failed.error, MatterapiError)
    assert_type(failed.delay, float | None)
    assert_type(failed.will_retry, bool)
