"""`client.with_options`: calls that are made otherwise, with the same login, connections and rate limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient, exceptions
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Stall, Status
from tests.support.faces import AwaitableFace, make_client
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]
ME = "GET /api/v4/users/{user_id}"
DOWN = Status(503, headers={"Retry-After": "0"})


def view(client: Any, **options: Any) -> Any:
    if isinstance(client, AsyncClient):
        return client.with_options(**options)
    return AwaitableFace(client._target.with_options(**options))


async def test_retries_of_a_view_are_its_own(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        with server.faults.add(DOWN, route=ME) as rule:
            with pytest.raises(exceptions.ServiceUnavailable):
                await view(client, retries=3).users.get_user("me")
            assert len(rule.fired) == 4
            with pytest.raises(exceptions.ServiceUnavailable):
                await client.users.get_user("me")
            assert len(rule.fired) == 5


async def test_a_view_of_a_view_keeps_what_it_does_not_change(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        with server.faults.add(DOWN, route=ME) as rule:
            both = view(view(client, retries=2, headers={"X-A": "1", "X-B": "1"}), headers={"x-b": "2"})
            with pytest.raises(exceptions.ServiceUnavailable):
                await both.users.get_user("me")
        assert len(rule.fired) == 3
        sent = rule.fired[0].request
        assert sent is not None
        assert (sent.headers["X-A"], sent.headers["x-b"]) == ("1", "2")


async def test_the_time_of_a_view_is_its_own(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        with server.faults.add(Stall(), route=ME):
            with pytest.raises(exceptions.ReadTimeout, match=r"within 0\.2 s"):
                await view(client, timeout=0.2).users.get_user("me")
            with pytest.raises(exceptions.ReadTimeout, match=r"deadline of 0\.3 s"):
                await view(client, deadline=0.3).users.get_user("me")
        assert (await client.users.get_user("me")).id == server.admin.id


async def test_one_login_serves_client_and_views(kind: str) -> None:
    logins: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if "login" in request[0]:
                logins.append(request[0])
                connection.send(answer(Token="t" * 26))
            else:
                connection.send(answer())

    with scripted(script) as server:
        client = make_client(kind, server.url, {"login_id": "ann", "password": "secret"})
        await view(client, retries=1).users.get_user("me")
        await client.users.get_user("me")
        await view(client, timeout=5).users.get_user("me")
    assert len(logins) == 1


async def test_a_call_that_is_said_to_be_idempotent_is_repeated(connect: Connect) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0])
            if len(lines) == 1:
                connection.reset()
                return
            connection.send(answer(b'{"id":"c1"}', "201 Created"))

    with scripted(script) as server:
        client = view(connect(server.url), retries=1, idempotent=True)
        await client.channels.create_direct_channel(json_body=["a" * 26, "b" * 26])
    assert len(lines) == 2


@pytest.mark.parametrize("idempotent", [True, False])
async def test_such_a_call_is_sent_again_at_once_on_a_connection_that_was_dead(
    connect: Connect, idempotent: bool
) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0])
            if len(lines) == 2:
                connection.reset()
                return
            connection.send(answer(b'{"id":"c1"}', "201 Created"))

    with scripted(script) as server:
        client = view(connect(server.url), retries=0, idempotent=idempotent)
        await client.users.get_user("me")
        call = client.channels.create_direct_channel(json_body=["a" * 26, "b" * 26])
        if idempotent:
            await call
        else:
            with pytest.raises(exceptions.ConnectionClosed):
                await call
    assert len(lines) == 2 + idempotent


@pytest.mark.parametrize("client_class", [SyncClient, AsyncClient])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"retries": -1}, "retries must"),
        ({"retries": 21}, "retries must"),
        ({"retries": True}, "retries must"),
        ({"retries": "two"}, "retries must"),
        ({"deadline": 0}, "deadline must"),
        ({"deadline": "soon"}, "deadline must"),
        ({"timeout": -1}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"headers": {"X A": "1"}}, "X A"),
    ],
)
async def test_what_cannot_be_used_is_refused_at_once(
    client_class: Any, options: dict[str, Any], says: str
) -> None:
    client = client_class("http://127.0.0.1:9", token="t")
    with pytest.raises(exceptions.InvalidOptions, match=says):
        client.with_options(**options)


async def test_a_view_is_of_the_clients_class_and_has_groups_of_its_own(kind: str) -> None:
    client = (SyncClient if kind == "sync" else AsyncClient)("http://127.0.0.1:9", token="t")
    other = client.with_options(retries=0)
    assert type(other) is type(client)
    assert other.users is not client.users
    assert other.options is client.options
