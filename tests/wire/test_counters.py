"""What a client says of its calls in numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matterapi import exceptions as e
from matterapi.calls.counters import CallCounters
from matterapi.client.base import Limits
from tests.support.scripted import Connection, answer, scripted, serve

Connect = Callable[..., Any]
BUSY = answer(b"busy", "503 Busy", "text/plain", Retry_After="0")
MISSING = answer(b'{"id":"x","message":"no","status_code":404}', "404 Not Found")


def counters(client: Any) -> CallCounters:
    found = getattr(client, "_target", client).counters()
    assert isinstance(found, CallCounters)
    return found


async def test_calls_attempts_and_bytes_are_counted(connect: Connect) -> None:
    with scripted(serve(answer(b'{"id":"u1"}'), BUSY, answer(b'{"id":"u1"}'))) as server:
        client = connect(server.url, retries=1)
        assert counters(client) == CallCounters(0, 0, 0, {}, 0, 0)
        await client.users.get_user("me")
        assert counters(client) == CallCounters(1, 1, 0, {}, 0, 11)
        await client.users.get_user("me")
    assert counters(client) == CallCounters(2, 3, 1, {}, 0, 22)


async def test_failures_are_counted_by_the_exception(connect: Connect) -> None:
    teapot = answer(b"", "418 Teapot")
    with scripted(serve(MISSING, BUSY, BUSY, MISSING, teapot)) as server:
        client = connect(server.url, retries=1)
        for error in (e.ResourceNotFound, e.ServiceUnavailable, e.ResourceNotFound, e.ApiError):
            with pytest.raises(error):
                await client.users.get_user("me")
        url = server.url
    assert counters(client).failures == {"ResourceNotFound": 2, "ServiceUnavailable": 1, "ApiError": 1}
    client = connect(url)
    with pytest.raises(e.ConnectError):
        await client.users.get_user("me")
    assert counters(client).failures == {"ConnectError": 1}
    assert counters(client).attempts == 1


async def test_a_call_that_finds_no_connection_is_a_failure(connect: Connect) -> None:
    import asyncio

    http = {"limits": Limits(max_connections=1), "timeout": (5, 0.5, 5, 0.1)}
    with scripted(lambda c: c.wait_closed()) as server:
        client = connect(server.url, httpx_client_options=http)
        calls = [client.users.get_user(name) for name in "ab"]
        await asyncio.gather(*calls, return_exceptions=True)
    found = counters(client)
    assert (found.calls, found.attempts) == (2, 1)
    assert found.failures == {"PoolTimeout": 1, "ReadTimeout": 1}


async def test_a_wait_for_the_servers_rate_limit_is_counted(connect: Connect) -> None:
    limited = answer(X_RateLimit_Limit="1", X_RateLimit_Remaining="0", X_RateLimit_Reset="1")
    with scripted(serve(limited, limited)) as server:
        client = connect(server.url)
        await client.users.get_user("me")
        assert counters(client).limiter_waits == 0
        await client.users.get_user("me")
    assert counters(client).limiter_waits == 1


async def test_the_pieces_of_a_download_are_counted(connect: Connect) -> None:
    with scripted(serve(answer(b"x" * 100_000, content_type="application/pdf"))) as server:
        client = connect(server.url)
        assert len(await client.files.download("f1")) == 100_000
    assert counters(client).bytes_received == 100_000
    assert counters(client).calls == 1


async def test_views_count_with_their_client(kind: str, connect: Connect) -> None:
    with scripted(serve(answer(), answer())) as server:
        client = connect(server.url)
        target = getattr(client, "_target", client)
        view = target.with_options(timeout=5)
        assert view.counters() == target.counters()
        await client.users.get_user("me")
        assert view.counters().calls == target.counters().calls == 1


async def test_a_login_is_no_call_of_its_own(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            connection.send(answer(Token="t" * 26) if "login" in request[0] else answer())

    with scripted(script) as server:
        client = connect(server.url, auth={"login_id": "ann", "password": "secret"})
        await client.users.get_user("me")
    assert (counters(client).calls, counters(client).attempts) == (1, 1)
