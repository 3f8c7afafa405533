"""Event hooks, encodings and limits reach every call."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client import exceptions as e
from matterapi.client.base import Limits
from matterapi.options.hooks import FailedAttempt
from tests.support.scripted import Connection, answer, scripted, serve

REFUSED = answer(b'{"id":"x","message":"no","status_code":401}', "401 Unauthorized")
BUSY = answer(b"busy", "503 Busy", "text/plain", Retry_After="0")
LAST = answer(b"busy", "503 Busy", "text/plain", Retry_After="0", Connection="close")


async def test_hooks_see_calls_and_answers_of_every_status(connect: Any) -> None:
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
        request = ("GET", f"{server.url}/api/v4/users/me")
    assert seen == [request, ("GET", 200), request, ("GET", 401)]


async def test_a_hook_that_raises_ends_the_call_before_it_is_sent(connect: Any) -> None:
    def refuse(request: Any) -> None:
        raise PermissionError(request.url)

    sent: list[int] = []
    with scripted(lambda c: sent.append(c.number)) as server:
        client = connect(server.url, httpx_client_options={"event_hooks": {"request": [refuse]}})
        with pytest.raises(PermissionError, match="users/me"):
            await client.users.get_user("me")
    assert sent == []


async def test_what_a_request_hook_sets_is_sent_in_every_attempt_of_its_call(connect: Any) -> None:
    came: list[dict[str, str]] = []
    calls: list[Any] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            came.append(request[1])
            connection.send(BUSY if len(came) == 1 else answer())

    def mark(request: Any) -> None:
        calls.append(request.headers.get("x-own"))
        request.headers["X-Call"] = str(len(calls))
        request.headers["x-own"] = "hook"
        request.headers.update({"X-More": "1"})
        assert (request.headers["X-CALL"], len(request.headers.get_list("x-own"))) == (str(len(calls)), 1)

    http = {"event_hooks": {"request": [mark]}, "headers": {"X-Own": "client"}}
    with scripted(script) as server:
        client = connect(server.url, retries=1, httpx_client_options=http)
        await client.users.get_user("me")
        await client.users.get_user("me")
    assert [(one["x-call"], one["x-own"], one["x-more"]) for one in came] == [
        ("1", "hook", "1"),
        ("1", "hook", "1"),
        ("2", "hook", "1"),
    ]
    assert calls == ["client", "client"], "what is set for a call is set for that call only"


async def test_a_field_that_cannot_be_sent_is_refused(connect: Any) -> None:
    def mark(request: Any) -> None:
        request.headers["X-Call"] = "two\r\nlines"

    with scripted(serve(answer())) as server:
        client = connect(server.url, httpx_client_options={"event_hooks": {"request": [mark]}})
        with pytest.raises(e.InvalidOptions, match="x-call"):
            await client.users.get_user("me")


async def test_a_request_hook_sees_the_fields_of_a_view_and_no_credential(kind: str) -> None:
    seen: list[Any] = []
    http = {"event_hooks": {"request": [seen.append]}, "headers": {"X-Api-Key": "hidden"}}
    options = {"httpx_client_options": http, "retries": 0}
    with scripted(serve(answer())) as server:
        if kind == "sync":
            sync = SyncClient(server.url, token="t" * 26, options=options)
            sync.with_options(headers={"X-A": "1"}).users.get_user("me")
        else:
            client = AsyncClient(server.url, token="t" * 26, options=options)
            await client.with_options(headers={"X-A": "1"}).users.get_user("me")
    (request,) = seen
    assert request.headers["X-A"] == "1"
    assert "hidden" not in str(dict(request.headers))


async def test_error_hooks_see_each_attempt_that_failed_before_the_next_is_made(connect: Any) -> None:
    came: list[str] = []
    seen: list[tuple[int, FailedAttempt]] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            came.append(request[0])
            # On connections of their own: one that was used before is tried again within the attempt.
            if len(came) > 1:
                connection.reset()
                return
            connection.send(LAST)

    http = {"event_hooks": {"error": [lambda failed: seen.append((len(came), failed))]}}
    with scripted(script) as server:
        client = connect(server.url, retries=2, httpx_client_options=http)
        with pytest.raises(e.ConnectionClosed) as raised:
            await client.users.get_user("me")
    assert [(sent, failed.attempt, failed.will_retry) for sent, failed in seen] == [
        (1, 1, True),
        (2, 2, True),
        (3, 3, False),
    ]
    first, second, last = (failed for _, failed in seen)
    assert isinstance(first.error, e.ServiceUnavailable)
    assert first.error.response is not None
    assert first.error.response.text == "busy"
    assert isinstance(second.error, e.ConnectionClosed)
    assert last.error is raised.value
    assert first.delay is not None
    assert 0 <= first.delay <= 0.25
    assert "busy" in first.reason
    assert {failed.route for failed in (first, second, last)} == {"GET /api/v4/users/{user_id}"}
    assert first.request.method == "GET"
    assert repr(last) == "<FailedAttempt 3 of GET /api/v4/users/{user_id}: ConnectionClosed>"
    assert repr(first).startswith(
        "<FailedAttempt 1 of GET /api/v4/users/{user_id}: ServiceUnavailable, again in"
    )


async def test_error_hooks_see_an_error_status_and_a_call_that_was_not_sent(connect: Any) -> None:
    seen: list[Any] = []
    http = {"event_hooks": {"error": [seen.append]}}
    with scripted(serve(REFUSED)) as server:
        with pytest.raises(e.NoAccessTokenProvided):
            await connect(server.url, httpx_client_options=http).users.get_user("me")
        url = server.url
    with pytest.raises(e.ConnectError):
        await connect(url, httpx_client_options=http).users.get_user("me")
    assert [(type(failed.error), failed.attempt, failed.delay) for failed in seen] == [
        (e.NoAccessTokenProvided, 1, None),
        (e.ConnectError, 1, None),
    ]


async def test_an_error_hook_that_raises_ends_the_call_and_is_not_asked_about_itself(connect: Any) -> None:
    seen: list[Any] = []

    def refuse(failed: Any) -> None:
        seen.append(failed)
        raise e.InvalidRequest("enough")

    came: list[int] = []

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            came.append(connection.number)
            connection.send(BUSY)

    with scripted(script) as server:
        http = {"event_hooks": {"error": [refuse]}}
        client = connect(server.url, retries=3, httpx_client_options=http)
        with pytest.raises(e.InvalidRequest, match="enough"):
            await client.users.get_user("me")
    assert (len(seen), len(came)) == (1, 1)


async def test_hooks_see_downloads_and_uploads(connect: Any, tmp_path: Path) -> None:
    seen: list[tuple[str, Any]] = []
    http = {
        "event_hooks": {
            "request": [lambda request: request.headers.update({"X-Seen": "1"})],
            "response": [lambda response: seen.append(("response", response.status_code))],
            "error": [lambda failed: seen.append(("error", failed.attempt))],
        }
    }
    came: list[tuple[str, str | None]] = []
    done: list[int] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            came.append((request[0].split()[0], request[1].get("x-seen")))
            if request[0].startswith("POST"):
                connection.send(answer(b'{"file_infos":[{"id":"f1"}],"client_ids":[]}', "201 Created"))
            else:
                connection.send(BUSY if len(came) == 1 else answer(b"content", content_type="text/plain"))

    (tmp_path / "a.txt").write_text("content")
    with scripted(script) as server:
        client = connect(server.url, retries=1, httpx_client_options=http)
        assert await client.files.download("f1") == b"content"
        sent = client.files.upload("c1", tmp_path / "a.txt", progress=lambda at, _all: done.append(at))
        assert [info.id for info in await sent] == ["f1"]
    assert seen == [("error", 1), ("response", 200), ("response", 201)]
    assert came == [("GET", "1"), ("GET", "1"), ("POST", "1")]
    assert done


async def test_an_error_hook_is_awaited_by_the_async_client(kind: str, connect: Any) -> None:
    seen: list[int] = []

    async def note(failed: Any) -> None:
        await asyncio.sleep(0)
        seen.append(failed.attempt)

    with scripted(serve(BUSY, answer())) as server:
        client = connect(server.url, retries=1, httpx_client_options={"event_hooks": {"error": [note]}})
        if kind == "async":
            await client.users.get_user("me")
            assert seen == [1]
        else:
            with pytest.raises(e.InvalidOptions, match="plain functions"):
                await client.users.get_user("me")


@pytest.mark.parametrize("value", [{"errors": []}, {"error": print}, {"error": [1]}, [print]])
def test_hooks_that_are_none_are_refused(value: Any) -> None:
    with pytest.raises(e.InvalidOptions, match="'request', 'response' and 'error'"):
        SyncClient("http://127.0.0.1:9", options={"httpx_client_options": {"event_hooks": value}})


async def test_the_deadline_holds_for_a_call_that_hooks_see(connect: Any) -> None:
    http = {"event_hooks": {"error": [lambda _: None]}}
    with scripted(lambda connection: connection.wait_closed()) as server:
        client = connect(server.url, deadline=0.2, httpx_client_options=http)
        with pytest.raises(e.ReadTimeout, match=r"deadline of 0\.2 s"):
            await client.users.get_user("me")


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
