"""`client.request`: any route, with the client's login and errors, and never to another server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from matterapi import Response, exceptions
from matterapi.models import User
from matterapi.testing import MattermostServer
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]


async def test_a_response_is_given_as_it_came_or_as_the_type_asked_for(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        raw = await client.request("get", "/api/v4/users/me")
        assert isinstance(raw, Response)
        assert raw.json()["id"] == server.admin.id
        user = await client.request("GET", "/api/v4/users/me", into=User)
        assert isinstance(user, User)
        users = await client.request("GET", f"{server.url}/api/v4/users", params={"page": 0}, into=list[User])
        assert server.admin.id in [user.id for user in users]
        found = await client.request("POST", "/api/v4/users/ids", json=[server.admin.id], into=list[User])
        assert [user.id for user in found] == [server.admin.id]


async def test_errors_are_those_of_the_library_and_name_the_path(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        with pytest.raises(exceptions.ResourceNotFound) as caught:
            await client.request("GET", "/plugins/nobody/api/v1/x")
    assert caught.value.route == "GET /plugins/nobody/api/v1/x"


async def test_parameters_bodies_and_headers_go_out_as_given(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            server.seen.put(request)
            connection.send(answer())

    with scripted(script) as server:
        client = connect(server.url)
        await client.request(
            "PUT",
            "/plugins/p/x",
            params={"a": 1, "list": ["x", "y&z"], "flag": True, "none": None},
            json={"k": [1]},
            headers={"X-Own": "1", "User-Agent": "mine"},
        )
        await client.users.get_user("me")
        await client.request("POST", "/plugins/p/x", files=b"all of it")
        line, headers, body = server.seen.get(timeout=5)
        _, others, _ = server.seen.get(timeout=5)
        _, _, file = server.seen.get(timeout=5)
    assert line == "PUT /plugins/p/x?a=1&list=x&list=y%26z&flag=true HTTP/1.1"
    assert body == b'{"k":[1]}'
    assert (headers["x-own"], headers["user-agent"]) == ("1", "mine")
    assert headers["authorization"] == f"Bearer {'t' * 26}"
    assert "x-own" not in others
    assert others["user-agent"].startswith("matterapi/")
    assert file == b"all of it"


@pytest.mark.parametrize(
    ("method", "path", "params", "says"),
    [
        ("GET", "https://elsewhere.example.com/api", {}, "this client's server"),
        ("GET", "//elsewhere.example.com/api", {}, "this client's server"),
        ("GET", "file:///etc/passwd", {}, "this client's server"),
        ("GET", "api/v4/users", {}, "must begin with /"),
        ("GET", "", {}, "must begin with /"),
        ("GET", "/a?b=c", {}, "params"),
        ("GET", "/a#b", {}, "params"),
        ("GET", "/a b", {}, "letters"),
        ("GET", "/a\r\nHost: x", {}, "letters"),
        ("GET", "/%2e%2e/x", {}, "letters"),
        ("GET", "/{id}", {}, "letters"),
        ("GET", "/a/../b", {}, "climb"),
        ("GET", "/./b", {}, "climb"),
        ("BREW", "/a", {}, "BREW"),
        ("GET", "/a", {"b}": 1}, "named 'b}'"),
        ("GET", "/a", {"b,c": 1}, "named 'b,c'"),
    ],
)
async def test_what_leads_elsewhere_is_refused_before_anything_is_sent(
    connect: Connect, method: str, path: str, params: dict[str, Any], says: str
) -> None:
    with pytest.raises(exceptions.InvalidRequest, match=says):
        await connect("http://127.0.0.1:9").request(method, path, params=params)


async def test_a_prefix_of_the_url_is_not_the_server(connect: Connect) -> None:
    with pytest.raises(exceptions.InvalidRequest):
        await connect("http://127.0.0.1:9").request("GET", "http://127.0.0.1:99/api")


async def test_headers_that_cannot_be_sent_are_refused(connect: Connect) -> None:
    with pytest.raises(exceptions.MatterapiError, match="X-A"):
        await connect("http://127.0.0.1:9").request("GET", "/a", headers={"X-A": "a\r\nb"})
