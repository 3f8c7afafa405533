"""Errors are caught by their httpx names where a program has imported httpx, and only there."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.errors.from_core import core_error
from matterapi.errors.from_response import api_error
from matterapi.errors.httpx_classes import raised_class
from matterapi.response import Response

ROUTE = "GET /api/v4/users/{user_id}"


@pytest.fixture
def httpx() -> Iterator[ModuleType]:
    """httpx as if the program had imported it; other tests do not see it."""
    yield import_module("httpx")
    del sys.modules["httpx"]


def refusal(status: int = 404) -> e.ApiError:
    body = b'{"id":"api.x.app_error","message":"No.","status_code":%d,"request_id":"r1"}' % status
    url = "https://chat.example.com/api/v4/users/a"
    return api_error(Response(status, {"x-request-id": "r1"}.items(), body, url=url), ROUTE)


def test_without_httpx_the_classes_are_the_plain_ones() -> None:
    assert "httpx" not in sys.modules
    assert type(refusal()) is e.ResourceNotFound
    assert refusal().__cause__ is None
    assert type(core_error("connect", "refused", ROUTE, False)) is e.ConnectError


def test_nothing_imports_httpx() -> None:
    code = (
        "import sys, matterapi.client.exceptions as e; from matterapi import SyncClient\n"
        "client = SyncClient(options={'url': 'http://127.0.0.1:9', 'auth': {'token': 't'}})\n"
        "try: client.users.get_user('me')\n"
        "except e.ConnectError as error: print(type(error) is e.ConnectError, 'httpx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "True False\n"


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 405, 409, 413, 418, 429, 500, 501, 503])
def test_an_error_status_is_a_status_error_of_httpx(httpx: ModuleType, status: int) -> None:
    error = refusal(status)
    assert isinstance(error, httpx.HTTPStatusError)
    assert isinstance(error, httpx.HTTPError)
    assert isinstance(error, e.ApiError)
    assert (error.status_code, error.error_id, error.args) == (status, "api.x.app_error", ("No.",))


def test_the_twin_has_the_name_of_the_class_and_is_its_child(httpx: ModuleType) -> None:
    cls = type(refusal())
    assert issubclass(cls, e.ResourceNotFound)
    assert (cls.__name__, cls.__qualname__, cls.__module__) == (
        "ResourceNotFound",
        "ResourceNotFound",
        "matterapi.exceptions",
    )
    assert repr(refusal()).startswith("ResourceNotFound(")
    assert type(refusal()) is type(refusal())


def test_the_cause_of_an_api_error_is_what_0_5_0_chained(httpx: ModuleType) -> None:
    cause = refusal().__cause__
    assert type(cause) is httpx.HTTPStatusError
    assert cause.response.status_code == 404
    assert cause.response.json()["id"] == "api.x.app_error"
    assert str(cause.request.url) == "https://chat.example.com/api/v4/users/a"
    assert "No." in str(cause)


def test_response_and_request_are_attributes(httpx: ModuleType) -> None:
    error: Any = refusal()
    assert error.response.headers["x-request-id"] == "r1"
    assert (error.request.method, error.request.url.path) == ("GET", "/api/v4/users/a")
    unanswered: Any = core_error("read_timeout", "slow", ROUTE, True)
    assert (unanswered.request.method, unanswered.request.url) == ("GET", "/api/v4/users/{user_id}")
    assert core_error("connect", "refused", None, False).request is None


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("connect", {"ConnectError", "NetworkError"}),
        ("tls", {"ConnectError"}),
        ("connect_timeout", {"ConnectTimeout", "TimeoutException"}),
        ("read_timeout", {"ReadTimeout", "TimeoutException"}),
        ("write_timeout", {"WriteTimeout"}),
        ("pool_timeout", {"PoolTimeout"}),
        ("protocol", {"RemoteProtocolError", "ProtocolError"}),
        ("closed", {"RemoteProtocolError", "ReadError", "NetworkError"}),
    ],
)
def test_a_transport_error_is_what_httpx_raised(httpx: ModuleType, kind: str, names: set[str]) -> None:
    error = core_error(kind, "it broke", ROUTE, True)
    for name in names | {"TransportError", "RequestError", "HTTPError"}:
        assert isinstance(error, getattr(httpx, name)), name
    assert isinstance(error, e.TransportError)
    assert not isinstance(error, httpx.HTTPStatusError)
    assert (error.args, error.retryable) == (("it broke",), True)


@pytest.mark.parametrize("kind", ["invalid_request", "config", "file", "decode"])
def test_failures_that_httpx_did_not_know_stay_plain(httpx: ModuleType, kind: str) -> None:
    assert not isinstance(core_error(kind, "m", ROUTE, False), httpx.HTTPError)


@pytest.mark.parametrize("dup", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])  # noqa: S301
def test_copies_and_pickles_keep_class_and_facts(httpx: ModuleType, dup: Callable[[Any], Any]) -> None:
    for error in (refusal(), core_error("closed", "gone", ROUTE, False)):
        again = dup(error)
        assert type(again) is type(error)
        assert (again.args, again.route, again.retryable) == (error.args, error.route, error.retryable)
    assert dup(refusal()).response.status_code == 404


def test_a_pickle_can_be_read_where_httpx_is_not(httpx: ModuleType) -> None:
    data = pickle.dumps(refusal())
    assert b"httpx" not in data.replace(b"matterapi.errors.httpx_classes", b"")
    code = (
        "import pickle, sys; error = pickle.load(sys.stdin.buffer)\n"
        "print(type(error).__mro__[1].__name__, error.error_id, 'httpx' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, input=data)
    assert done.stdout == b"ApiError api.x.app_error False\n"


def test_a_module_that_only_looks_like_httpx_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx", ModuleType("httpx"))
    assert raised_class(e.ConnectError) is e.ConnectError
    assert refusal().__cause__ is None


async def test_old_handlers_catch_what_a_client_raises(
    httpx: ModuleType, client: Any, connect: Callable[..., Any]
) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        await client.users.get_user("a" * 26)
    assert isinstance(refused.value, e.ResourceNotFound)
    assert refused.value.__cause__.response.status_code == 404
    with pytest.raises(httpx.ConnectError) as failed:
        await connect("http://127.0.0.1:9").users.get_user("me")
    assert isinstance(failed.value, e.ConnectError)


async def test_the_hooks_of_0_5_0_work_on_an_httpx_client(httpx: ModuleType, kind: str, server: Any) -> None:
    from matterapi.client.async_client import raise_on_4xx_5xx as raise_async
    from matterapi.client.sync_client import raise_on_4xx_5xx as raise_sync

    url = f"{server.url}/api/v4/users/me"
    with pytest.raises(e.NoAccessTokenProvided) as refused:
        if kind == "sync":
            with httpx.Client(event_hooks={"response": [raise_sync]}) as client:
                client.get(url)
        else:
            async with httpx.AsyncClient(event_hooks={"response": [raise_async]}) as client:
                await client.get(url)
    assert refused.value.request is not None
    assert refused.value.request.url == url
    assert refused.value.error_id == "api.context.session_expired.app_error"


def test_a_token_authenticates_a_client_of_httpx(httpx: ModuleType) -> None:
    from matterapi.client.base import AuthToken

    def echo(request: Any) -> Any:
        return httpx.Response(200, text=request.headers["Authorization"])

    token = AuthToken(token="abc")
    with httpx.Client(transport=httpx.MockTransport(echo), auth=token) as client:
        assert client.get("https://chat.example.com").text == "Bearer abc"
    (request,) = token.auth_flow(httpx.Request("GET", "https://chat.example.com"))
    assert request.headers["Authorization"] == "Bearer abc"


async def test_the_hooks_of_0_5_0_let_a_success_pass() -> None:
    from matterapi.client.async_client import raise_on_4xx_5xx as raise_async
    from matterapi.client.sync_client import raise_on_4xx_5xx as raise_sync

    raise_sync(Response(201))
    await raise_async(Response(204))
    with pytest.raises(e.ApiError, match="302"):
        raise_sync(Response(302, {"location": "/"}.items()))
