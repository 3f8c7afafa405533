"""`client.webhooks.send`: posts through a hook, without a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.models.commands import MessageAttachment
from matterapi.testing import MattermostServer
from tests.support.canary import leaks
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]
HOOK = "h" * 26
OK = answer(b"ok", content_type="text/plain")


async def test_a_hook_writes_a_post(kind: str) -> None:
    with MattermostServer() as server:
        client = make_client(kind, server.url, {"token": server.admin.token})
        channel_id = server.factory.channel()["id"]
        hook = await client.webhooks.create_incoming_webhook(json_body={"channel_id": channel_id})
        await client.webhooks.send(hook.id, text="by id")
        await client.webhooks.send(
            f"{server.url}/hooks/{hook.id}", attachments=[MessageAttachment(text="by URL")]
        )
        posts = await client.posts.get_posts_for_channel(channel_id)
        newest = [posts.posts[post_id] for post_id in posts.order[:2]]
        assert newest[1].message == "by id"
        assert newest[0].props["attachments"][0]["text"] == "by URL"
        with pytest.raises(exceptions.InvalidOrMissingParameters) as caught:
            await client.webhooks.send(HOOK, text="nobody's")
    assert caught.value.route == "POST /hooks/{hook_id}"


async def test_no_token_and_nothing_else_of_the_user_is_sent(kind: str) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            server.seen.put(request)
            connection.send(OK)

    http = {"headers": {"X-Key": "k"}, "params": {"key": "k"}, "cookies": {"MMAUTHTOKEN": "t"}}
    with scripted(script) as server:
        client = make_client(kind, server.url, {"token": "t" * 26}, httpx_client_options=http)
        await client.webhooks.send(HOOK, text="hello", username="deploy", channel="@ann")
        line, headers, body = server.seen.get(timeout=5)
    assert line == f"POST /hooks/{HOOK} HTTP/1.1"
    assert {"authorization", "cookie", "x-key"}.isdisjoint(headers)
    assert json.loads(body) == {"text": "hello", "channel": "@ann", "username": "deploy"}


async def test_a_client_with_a_password_does_not_log_in_for_it(kind: str) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            server.seen.put(request[0])
            connection.send(OK)

    with scripted(script) as server:
        client = make_client(kind, server.url, {"login_id": "ann", "password": "secret"})
        await client.webhooks.send(HOOK, text="hello")
        assert server.seen.get(timeout=5) == f"POST /hooks/{HOOK} HTTP/1.1"


@pytest.mark.parametrize(
    ("hook", "text", "says"),
    [
        ("https://elsewhere.example.com/hooks/" + HOOK, "x", "on the server of this client"),
        ("http://127.0.0.1:9/hooks/../api", "x", "on the server of this client"),
        ("short", "x", "26 characters"),
        (HOOK, "", "text or attachments"),
    ],
)
async def test_what_cannot_be_posted_is_refused(connect: Connect, hook: str, text: str, says: str) -> None:
    with pytest.raises(exceptions.InvalidRequest, match=says) as caught:
        await connect("http://127.0.0.1:9").webhooks.send(hook, text=text)
    assert HOOK not in str(caught.value)


@pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many Requests", "200 OK"])
async def test_the_url_that_lets_in_who_knows_it_is_shown_nowhere(connect: Connect, status: str) -> None:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(answer(b"no", status, "text/plain", Retry_After="0"))

    seen: list[Any] = []
    hooks = {event: [seen.append] for event in ("request", "response", "error")}
    with scripted(script) as server:
        client = connect(server.url, retries=1, httpx_client_options={"event_hooks": hooks})
        with pytest.raises(exceptions.MatterapiError) as caught:
            await client.webhooks.send(HOOK, text="hello")
        plain = connect(server.url)
        with pytest.raises(exceptions.MatterapiError) as alone:
            await plain.webhooks.send(HOOK, text="hello")
        shown = f"{server.url}/hooks/{{hook_id}}"
    for error in (caught.value, alone.value, *(one.error for one in seen if hasattr(one, "error"))):
        assert leaks(error, HOOK) == []
        assert error.response is not None
        assert str(error.response.url) == shown
    assert {str(getattr(one, "request", one).url) for one in seen} == {shown}
    assert len(seen) >= 2


async def test_a_page_that_answers_everything_is_no_webhook(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(answer(b"<html>welcome</html>", content_type="text/html"))

    with scripted(script) as server:
        with pytest.raises(exceptions.DecodeError, match="not that of an incoming webhook"):
            await connect(server.url).webhooks.send(HOOK, text="hello")
