"""`client.with_raw_response`: calls that return the answer itself, which knows its type."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient, exceptions
from matterapi.client import groups, raw_groups
from matterapi.client.lazy_group import is_group
from matterapi.models import User
from matterapi.response import ApiResponse, Response
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Status
from tests.support.faces import AwaitableFace, make_client
from tests.support.scripted import answer, scripted, serve

Connect = Callable[..., Any]


async def test_the_answer_is_what_the_server_sent_and_becomes_the_model(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        came = await client.with_raw_response.users.get_user("me")
        assert isinstance(came, ApiResponse)
        assert (came.status_code, came.request.method) == (200, "GET")
        assert came.request_id == came.headers["x-request-id"]
        assert came.request_id
        user = came.parse()
        assert isinstance(user, User)
        assert (user.id, came.json()["id"]) == (server.admin.id, server.admin.id)
        assert came.parse() is not user, "a value that was changed does not change the next"


async def test_an_error_status_is_raised_as_ever(connect: Connect) -> None:
    missing = answer(b'{"id":"x","message":"no such user","status_code":404}', "404 Not Found")
    with scripted(serve(missing)) as server:
        with pytest.raises(exceptions.ResourceNotFound) as raised:
            await connect(server.url).with_raw_response.users.get_user("u1")
    assert raised.value.response is not None
    assert raised.value.route == "GET /api/v4/users/{user_id}"


async def test_what_is_no_json_is_an_error_of_parse_alone(connect: Connect) -> None:
    with scripted(serve(answer(b"<html>", content_type="text/html"))) as server:
        came = await connect(server.url).with_raw_response.users.get_user("me")
    assert came.text == "<html>"
    with pytest.raises(exceptions.DecodeError, match="not JSON"):
        came.parse()


async def test_a_body_is_sent_and_parsed_as_ever(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        channel = (
            await client.with_raw_response.channels.create_direct_channel(json_body=[server.admin.id] * 2)
        ).parse()
        body = {"channel_id": channel.id, "message": "hello"}
        came = await client.with_raw_response.posts.create_post(json_body=body)
        assert (came.status_code, came.parse().message) == (201, "hello")


async def test_it_is_bounded_as_the_call_itself(connect: Connect) -> None:
    with scripted(serve(answer(b'{"id":"u","props":{"a":"b"}}'))) as server:
        came = await connect(server.url, max_decoded_size=100).with_raw_response.users.get_user("me")
    with pytest.raises(exceptions.DecodeError, match="max_decoded_size"):
        came.parse()


@pytest.mark.parametrize("client_class", [SyncClient, AsyncClient])
def test_it_has_the_options_of_the_view_that_it_was_asked_of(client_class: Any) -> None:
    client = client_class("http://127.0.0.1:9", token="t")
    view = client.with_options(retries=0)
    assert view.with_raw_response is not client.with_raw_response
    assert view.with_raw_response.sender is view.sender
    assert view.with_raw_response.sender.core is client.sender.core, "one login, one pool, one limiter"
    assert client.with_raw_response is client.with_raw_response
    assert copy.copy(client).with_raw_response is not client.with_raw_response


async def test_headers_of_a_view_are_sent(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        target = client if kind == "async" else client._target
        view = target.with_options(headers={"X-A": "1"}, retries=1).with_raw_response
        with server.faults.add(Status(503, headers={"Retry-After": "0"}), times=1) as rule:
            got = await (view if kind == "async" else AwaitableFace(view)).users.get_user("me")
        assert got.status_code == 200
        assert rule.fired[0].request is not None
        assert rule.fired[0].request.headers["X-A"] == "1"


async def test_a_pickle_is_that_of_a_plain_response(connect: Connect) -> None:
    with scripted(serve(answer())) as server:
        came = await connect(server.url).with_raw_response.users.get_user("me")
    again = pickle.loads(pickle.dumps(came))  # noqa: S301
    assert type(again) is Response
    assert again.content == came.content


@pytest.mark.parametrize("facade", ["sync", "async"])
def test_every_operation_has_its_raw_twin_and_nothing_else_has(facade: str) -> None:
    plain = getattr(groups, f"{facade.title()}Groups")
    twins = getattr(raw_groups, f"{facade.title()}RawGroups")
    names = {name for name in vars(plain) if is_group(plain, name)}
    assert names == {name for name in vars(twins) if is_group(twins, name)}
    for name in names:
        (api,) = _classes(f"matterapi.endpoints.{facade}_api.{name}")
        (twin,) = _classes(f"matterapi.endpoints.{facade}_raw.{name}")
        calls = {
            method
            for method, function in vars(api).items()
            if inspect.isfunction(function) and "_pages" not in function.__code__.co_names
        }
        assert calls == {method for method in vars(twin) if not method.startswith("__")}, name
        for method in calls:
            assert getattr(twin, method) is getattr(api, method)
            assert getattr(twin, method).__doc__


def _classes(module: str) -> list[type]:
    found = vars(import_module(module))
    return [one for one in found.values() if isinstance(one, type) and one.__module__ == module]


def test_it_says_whose_it_is_and_no_secret() -> None:
    view = SyncClient("http://127.0.0.1:9", token="hidden").with_raw_response
    assert "127.0.0.1:9" in repr(view)
    assert "hidden" not in repr(view)
