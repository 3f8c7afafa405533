"""A server's rate limit is kept to before it has to refuse, and shared by all calls of a client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from matterapi.client.base import Limits
from matterapi.exceptions import InvalidOptions, TooManyRequests
from matterapi.testing import MattermostServer
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]


def limited(per_second: int, burst: int) -> dict[str, Any]:
    return {"RateLimitSettings": {"Enable": True, "PerSec": per_second, "MaxBurst": burst}}


async def test_many_calls_at_once_end_well_and_only_those_under_way_are_refused(kind: str) -> None:
    with MattermostServer(config=limited(200, 20)) as server:
        http = {"limits": Limits(max_connections=8)}
        auth = {"token": server.admin.token}
        client = make_client(kind, server.url, auth, retries=5, httpx_client_options=http)
        users = await asyncio.gather(*(client.users.get_user("me") for _ in range(120)))
        assert {user.id for user in users} == {server.admin.id}
        refused = [request for request in server.requests if request.status == 429]
        assert len(refused) <= 8, "what was on its way when the burst was used up"
        assert client.rate_limit.limit == 21


async def test_one_call_after_the_other_is_never_refused(kind: str) -> None:
    with MattermostServer(config=limited(100, 10)) as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        for _ in range(60):
            await client.users.get_user("me")
        assert [request for request in server.requests if request.status == 429] == []


async def test_a_refusal_holds_every_call_as_long_as_the_server_asks(kind: str) -> None:
    times: list[float] = []

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            times.append(time.monotonic())
            if len(times) == 1:
                connection.send(answer(b"limit exceeded", "429 Too Many Requests", Retry_After="1"))
            else:
                connection.send(answer())

    with scripted(script) as server:
        client = make_client(kind, server.url, {"token": "t" * 26})
        with pytest.raises(TooManyRequests):
            await client.users.get_user("me")
        assert client.rate_limit.remaining == 0
        await asyncio.gather(*(client.users.get_user("me") for _ in range(3)))
    assert all(later - times[0] >= 1 for later in times[1:])


async def test_a_server_without_a_limit_says_nothing_of_one(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        await client.users.get_user("me")
        assert client.rate_limit is None


def waits(client: Any) -> int:
    return int(getattr(client, "_target", client).counters().limiter_waits)


async def test_an_own_cap_holds_where_the_server_has_no_limit(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token}, max_calls_per_second=20)
        await asyncio.gather(*(client.users.get_user("me") for _ in range(20)))
        assert waits(client) == 0
        await asyncio.gather(*(client.users.get_user("me") for _ in range(25)))
        # In the time of the others no more than a few have a turn at once.
        assert waits(client) > 0
        assert client.rate_limit is None, "the server has none"


@pytest.mark.parametrize("value", [0, -1, 0.001, float("nan"), float("inf"), "many"])
async def test_a_cap_that_cannot_be_kept_to_is_refused(value: Any) -> None:
    with pytest.raises(InvalidOptions, match="max_calls_per_second"):
        make_client("sync", "http://127.0.0.1:1", {"token": "t" * 26}, max_calls_per_second=value)
