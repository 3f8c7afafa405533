"""Event hooks, encodings and limits reach every call."""

import asyncio
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.client.base import Limits
from tests.support.scripted import answer, scripted, serve

REFUSED = answer(b'{"id":"x","message":"no","status_code":401}', "401 Unauthorized")


async def test_hooks_see_calls_and_successes(connect: Any) -> None:
    seen: list[tuple[str, Any]] = []
    http = {
        "event_hooks": {
            "request": [lambda request: seen.append((request.method, str(request.url)))],
            "response": [lambda response: seen.append((response.request.method, response.status_code))],
        },
        "params": {"key": "secret"},
    }
    with scripted(serve(answer(), REFUSED)) as server:
        client = connect(server.url, httpx_client_options=http)
        await client.users.get_user("me")
        with pytest.raises(e.NoAccessTokenProvided):
            await client.users.get_user("me")
    request = ("GET", f"{server_url(seen)}/api/v4/users/me")
    assert seen == [request, ("GET", 200), request]


def server_url(seen: list[tuple[str, Any]]) -> str:
    return str(seen[0][1]).partition("/api/")[0]


async def test_a_hook_that_raises_ends_the_call_before_it_is_sent(connect: Any) -> None:
    def refuse(request: Any) -> None:
        with pytest.raises(TypeError):
            request.headers["X"] = "y"
        raise PermissionError(request.url)

    sent: list[int] = []
    with scripted(lambda c: sent.append(c.number)) as server:
        client = connect(server.url, httpx_client_options={"event_hooks": {"request": [refuse]}})
        with pytest.raises(PermissionError, match="users/me"):
            await client.users.get_user("me")
    assert sent == []


async def test_a_coroutine_function_is_a_hook_of_the_async_client_only(kind: str, connect: Any) -> None:
    seen: list[int] = []

    async def note(response: Any) -> None:
        seen.append(response.status_code)

    with scripted(serve(answer())) as server:
        client = connect(server.url, httpx_client_options={"event_hooks": {"response": [note]}})
        if kind == "async":
            await client.users.get_user("me")
            assert seen == [200]
        else:
            with pytest.raises(e.InvalidOptions, match="plain functions"):
                await client.users.get_user("me")


async def test_the_default_encoding_is_that_of_texts_without_one(connect: Any) -> None:
    http = {"default_encoding": "latin-1"}
    with scripted(serve(answer("é".encode("latin-1"), content_type="text/plain"))) as server:
        client = connect(server.url, httpx_client_options=http, skip_response_parsing=True)
        assert (await client.users.get_user("me")).text == "é"


async def test_a_pool_of_one_connection_makes_calls_wait(connect: Any) -> None:
    http = {"limits": Limits(max_connections=1), "timeout": (1, 1, 1, 0.2)}
    with scripted(lambda c: c.wait_closed()) as server:
        client = connect(server.url, httpx_client_options=http)
        failures = await asyncio.gather(
            client.users.get_user("a"), client.users.get_user("b"), return_exceptions=True
        )
    assert {type(one) for one in failures} == {e.PoolTimeout, e.ReadTimeout}
