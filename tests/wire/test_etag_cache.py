"""Answers that are not sent again while they are what the server has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi import exceptions as e
from matterapi.options.etag_cache import EtagCacheLimits
from matterapi.testing import MattermostServer
from tests.support.canary import CANARY
from tests.support.faces import AwaitableFace, make_client
from tests.support.scripted import Connection, answer, scripted

Connect = Callable[..., Any]
TAG = "11.2.0.u1.1"


def tagged(
    came: list[dict[str, str]], body: bytes = b'{"id":"u1","username":"ann"}'
) -> Callable[[Connection], None]:
    """A server with one answer to everything, that knows its tag."""

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            came.append(request[1])
            if request[1].get("if-none-match") == TAG:
                head = f"HTTP/1.1 304 Not Modified\r\nETag: {TAG}\r\nX-Request-Id: r{len(came)}\r\n\r\n"
                connection.send(head.encode())
            else:
                connection.send(answer(body, ETag=TAG))

    return script


def asked(came: list[dict[str, str]]) -> list[str | None]:
    return [headers.get("if-none-match") for headers in came]


def view(client: Any, **options: Any) -> Any:
    if isinstance(client, AsyncClient):
        return client.with_options(**options)
    return AwaitableFace(client._target.with_options(**options))


async def test_the_kept_answer_is_taken_while_the_server_has_no_other(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token}, etag_cache=True)
        first = await client.with_raw_response.users.get_user(server.admin.id)
        second = await client.with_raw_response.users.get_user(server.admin.id)
        assert (first.content, second.content) == (first.content, first.content)
        assert first.request_id != second.request_id, "the second was asked for"
        assert getattr(client, "_target", client).counters().bytes_received == len(first.content)
        await client.users.patch_user(server.admin.id, json_body={"nickname": "new"})
        assert (await client.users.get_user(server.admin.id)).nickname == "new"


async def test_nothing_is_kept_unless_it_is_asked_for(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    with scripted(tagged(came)) as server:
        client = connect(server.url)
        await client.users.get_user("me")
        await client.users.get_user("me")
    assert asked(came) == [None, None]


async def test_a_value_that_was_changed_changes_no_other(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    with scripted(tagged(came)) as server:
        client = connect(server.url, etag_cache=True)
        user = await client.users.get_user("me")
        user.username = "changed"
        assert (await client.users.get_user("me")).username == "ann"
    assert asked(came) == [None, TAG]


async def test_views_share_it_and_routes_have_their_own_answers(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    with scripted(tagged(came)) as server:
        client = connect(server.url, etag_cache=True)
        await client.users.get_user("me")
        await view(client, timeout=5).users.get_user("me")
        await client.users.get_user("you")
        await client.users.get_user_by_username("me")
    assert asked(came) == [None, TAG, None, None]


async def test_it_is_apart_for_each_token(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    with scripted(tagged(came)) as server:
        client = connect(server.url, {"token": "a" * 26}, etag_cache=True)
        await client.users.get_user("me")
        other = view(client, headers={"Authorization": f"Bearer {'b' * 26}"})
        await other.users.get_user("me")
        await other.users.get_user("me")
    assert asked(came) == [None, None, TAG]


async def test_a_hook_that_says_who_asks_is_heeded(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    tokens = iter(["a", "b", "a"])

    def mark(request: Any) -> None:
        request.headers.update({"Authorization": f"Bearer {next(tokens)}", "X-Trace": str(len(came))})

    http = {"event_hooks": {"request": [mark]}}
    with scripted(tagged(came)) as server:
        client = connect(server.url, etag_cache=True, httpx_client_options=http)
        for _ in range(3):
            await client.users.get_user("me")
    assert asked(came) == [None, None, TAG]


async def test_a_token_that_a_login_replaced_is_another(connect: Connect) -> None:
    came: list[tuple[str, str | None]] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, headers, _ = request
            if "login" in line:
                connection.send(answer(Token=str(len(came)) * 26))
                continue
            came.append((headers["authorization"], headers.get("if-none-match")))
            expired = len(came) == 2
            body = b'{"id":"api.context.session_expired.app_error","message":"m","status_code":401}'
            connection.send(answer(body, "401 Unauthorized") if expired else answer(ETag=TAG))

    with scripted(script) as server:
        client = connect(server.url, {"login_id": "ann", "password": "pw"}, etag_cache=True)
        for _ in range(3):
            await client.users.get_user("me")
    assert [tag for _, tag in came][-1] is None


async def test_only_reads_are_kept_and_not_under_conditions_of_the_caller(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    with scripted(tagged(came)) as server:
        client = connect(server.url, etag_cache=True)
        for _ in range(2):
            await client.users.patch_user("me", json_body={})
        for _ in range(2):
            await view(client, headers={"If-None-Match": "mine"}).users.get_user("me")
    assert asked(came) == [None, None, "mine", "mine"]


async def test_hooks_see_what_the_server_answered(connect: Connect) -> None:
    came: list[dict[str, str]] = []
    seen: list[Any] = []
    http = {
        "event_hooks": {
            "response": [lambda r: seen.append(r.status_code)],
            "error": [seen.append],
        }
    }
    with scripted(tagged(came)) as server:
        client = connect(server.url, etag_cache=True, httpx_client_options=http)
        await client.users.get_user("me")
        await client.users.get_user("me")
        assert getattr(client, "_target", client).counters().failures == {}
    assert seen == [200, 304]


async def test_a_304_that_nobody_asked_for_is_an_error(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    with scripted(script) as server:
        with pytest.raises(e.ApiError):
            await connect(server.url, etag_cache=True).users.get_user("me")


async def test_pages_are_kept_too(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(
            kind, server.url, {"token": server.admin.token}, etag_cache=EtagCacheLimits(5, 10**6)
        )
        before = [user.id async for user in client.users.iter_users()]
        assert [user.id async for user in client.users.iter_users()] == before


async def test_it_shows_no_token(connect: Connect) -> None:
    with scripted(tagged([])) as server:
        client = connect(server.url, {"token": CANARY}, etag_cache=True)
        await client.users.get_user("me")
        sender = client.sender
    assert CANARY not in repr(sender.cache)
    assert CANARY not in str(vars(sender.cache))


@pytest.mark.parametrize("client_class", [SyncClient, AsyncClient])
@pytest.mark.parametrize("value", [5, EtagCacheLimits(0, 5), EtagCacheLimits(5, -1)])
def test_limits_that_are_none_are_refused(client_class: Any, value: Any) -> None:
    with pytest.raises(e.InvalidOptions, match="etag_cache"):
        client_class("http://127.0.0.1:9", token="t", options={"etag_cache": value})
