"""Which calls are sent again after which failures, and what the server then has."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Reset, Status
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]
CREATED = answer(b'{"id":"p1","message":"hello"}', "201 Created")


class Answers:
    """A script that gives these answers in turn, on however many connections; `None` is a reset."""

    def __init__(self, *answers: bytes | None) -> None:
        self.lines: list[str] = []
        self.bodies: list[bytes] = []
        self._answers = list(answers)
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            with self._lock:
                self.lines.append(request[0])
                self.bodies.append(request[2])
                reply = self._answers.pop(0) if self._answers else answer()
            if reply is None:
                connection.reset()
                return
            connection.send(reply)


def failure(status: str, **headers: str) -> bytes:
    return answer(b"no", status, "text/plain", **({"Retry_After": "0"} | headers))


STATUSES = ["408 Request Timeout", "429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable"]


@pytest.mark.parametrize("status", [*STATUSES, "500 Internal Server Error", "504 Gateway Timeout", "524 CDN"])
async def test_a_get_is_sent_again_after_what_passes(connect: Connect, status: str) -> None:
    script = Answers(failure(status), failure(status))
    with scripted(script) as server:
        user = await connect(server.url, retries=2).users.get_user("me")
    assert user.username == "ann"
    assert len(script.lines) == 3


async def test_the_last_failure_is_raised_when_the_retries_are_used_up(connect: Connect) -> None:
    script = Answers(*[failure("503 Service Unavailable")] * 9)
    with scripted(script) as server:
        with pytest.raises(exceptions.ServiceUnavailable) as caught:
            await connect(server.url, retries=3).users.get_user("me")
    assert len(script.lines) == 4
    assert caught.value.retryable
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "501 Off"]
)
async def test_what_the_server_would_answer_again_is_not_asked_again(connect: Connect, status: str) -> None:
    script = Answers(failure(status))
    with scripted(script) as server:
        with pytest.raises(exceptions.ApiError):
            await connect(server.url, retries=2).users.get_user("me")
    assert len(script.lines) == 1


async def test_a_connection_that_is_reset_costs_a_get_nothing(connect: Connect) -> None:
    script = Answers(None, None)
    with scripted(script) as server:
        assert (await connect(server.url, retries=2).users.get_user("me")).username == "ann"
    assert len(script.lines) == 3


async def test_a_body_that_is_cut_is_asked_for_again(connect: Connect) -> None:
    cut = threading.Event()

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            if not cut.is_set():
                cut.set()
                connection.send(answer()[:-5])
                connection.reset()
                return
            connection.send(answer())

    with scripted(script) as server:
        assert (await connect(server.url, retries=2).users.get_user("me")).username == "ann"


@pytest.mark.parametrize("reply", [None, failure("502 Bad Gateway"), failure("504 Gateway Timeout")])
async def test_a_post_that_may_have_been_done_is_sent_once_and_is_ambiguous(
    connect: Connect, reply: bytes | None
) -> None:
    script = Answers(reply)
    with scripted(script) as server:
        with pytest.raises(exceptions.MatterapiError) as caught:
            await connect(server.url, retries=2).channels.create_direct_channel(
                json_body=["a" * 26, "b" * 26]
            )
    assert len(script.lines) == 1
    assert caught.value.ambiguous
    assert not caught.value.retryable


async def test_a_post_that_the_limiter_refused_is_sent_again(connect: Connect) -> None:
    script = Answers(failure("429 Too Many Requests"), answer(b'{"id":"c1"}', "201 Created"))
    with scripted(script) as server:
        channel = await connect(server.url, retries=2).channels.create_direct_channel(
            json_body=["a" * 26, "b" * 26]
        )
    assert channel.id == "c1"
    assert script.bodies[0] == script.bodies[1]


@pytest.mark.parametrize("reply", [None, failure("502 Bad Gateway"), failure("503 Service Unavailable")])
async def test_create_post_carries_a_key_and_is_sent_again_with_it(
    connect: Connect, reply: bytes | None
) -> None:
    script = Answers(reply, CREATED)
    with scripted(script) as server:
        client = connect(server.url, retries=2)
        await client.posts.create_post(json_body={"channel_id": "c" * 26, "message": "hello"})
        await client.posts.create_post(json_body={"channel_id": "c" * 26, "message": "hello"})
    first, again, other = (json.loads(body)["pending_post_id"] for body in script.bodies)
    assert first == again
    assert first
    assert other not in {first, ""}


async def test_a_key_of_the_callers_stays_and_an_empty_one_is_none(connect: Connect) -> None:
    script = Answers(failure("502 Bad Gateway"), CREATED, failure("502 Bad Gateway"))
    with scripted(script) as server:
        client = connect(server.url, retries=2)
        post = {"channel_id": "c" * 26, "message": "hello"}
        await client.posts.create_post(json_body={**post, "pending_post_id": "mine"})
        with pytest.raises(exceptions.BadGateway):
            await client.posts.create_post(json_body={**post, "pending_post_id": ""})
    assert [json.loads(body)["pending_post_id"] for body in script.bodies] == ["mine", "mine", ""]


async def test_the_server_still_busy_with_the_same_post_is_waited_for(connect: Connect) -> None:
    pending = b'{"id":"api.post.deduplicate_create_post.pending","message":"m","status_code":500}'
    script = Answers(None, answer(pending, "500 Internal Server Error"), CREATED)
    with scripted(script) as server:
        post = await connect(server.url, retries=2).posts.create_post(
            json_body={"channel_id": "c" * 26, "message": "hello"}
        )
    assert post.id == "p1"


async def test_answers_that_get_lost_make_no_post_twice(kind: str) -> None:
    with MattermostServer() as server:
        with server.faults.add(Reset(at=0), route="POST /api/v4/posts", probability=0.3, times=None):
            client = make_client(kind, server.url, {"token": server.admin.token}, retries=10)
            channel_id = server.factory.channel()["id"]
            for number in range(40):
                await client.posts.create_post(
                    json_body={"channel_id": channel_id, "message": f"number {number}"}
                )
        posts = await client.posts.get_posts_for_channel(channel_id, per_page=200)
    messages = [post.message for post in posts.posts.values() if post.message.startswith("number")]
    assert sorted(messages) == sorted(f"number {number}" for number in range(40))


async def test_a_hint_that_is_too_long_is_left_to_the_caller(connect: Connect) -> None:
    script = Answers(failure("429 Too Many Requests", Retry_After="61"))
    with scripted(script) as server:
        with pytest.raises(exceptions.TooManyRequests) as caught:
            await connect(server.url, retries=2).users.get_user("me")
    assert caught.value.retry_after == 61
    assert len(script.lines) == 1


async def test_a_deadline_ends_all_attempts(connect: Connect) -> None:
    script = Answers(failure("503 Service Unavailable", Retry_After="2"))
    with scripted(script) as server:
        with pytest.raises(exceptions.ServiceUnavailable):
            await connect(server.url, retries=2, deadline=1.5).users.get_user("me")
    assert len(script.lines) == 1, "no attempt begins behind the deadline"


async def test_a_deadline_ends_an_attempt_in_its_body(connect: Connect) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(answer()[:-5])
        connection.wait_closed()

    with scripted(script) as server:
        with pytest.raises(exceptions.ReadTimeout, match=r"deadline of 0\.2 s"):
            await connect(server.url, retries=2, deadline=0.2).users.get_user("me")


async def test_an_upload_that_can_be_read_once_is_sent_once(connect: Connect) -> None:
    script = Answers(failure("429 Too Many Requests"))
    with scripted(script) as server:
        with pytest.raises(exceptions.TooManyRequests):
            await connect(server.url, retries=2).files.upload_file(
                multipart_data=iter([b"once"]), channel_id="c" * 26, filename="f"
            )
    assert len(script.lines) == 1


async def test_a_login_is_tried_again_like_a_call(connect: Connect) -> None:
    script = Answers(
        failure("503 Service Unavailable"),
        answer(status="200 OK", Token="t" * 26),
        CREATED,
    )
    with scripted(script) as server:
        client = connect(server.url, {"login_id": "ann", "password": "secret"}, retries=2)
        await client.channels.create_direct_channel(json_body=["a" * 26, "b" * 26])
    assert [line.split()[1] for line in script.lines] == [
        "/api/v4/users/login",
        "/api/v4/users/login",
        "/api/v4/channels/direct",
    ]


async def test_a_server_that_stays_down_is_asked_hardly_more_than_before(kind: str) -> None:
    script = Answers(*[failure("503 Service Unavailable")] * 10_000)
    with scripted(script) as server:
        client = make_client(kind, server.url, {"token": "t" * 26}, retries=2)
        calls = (client.users.get_user("me") for _ in range(500))
        failures = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(failure) for failure in failures} == {exceptions.ServiceUnavailable}
    assert len(script.lines) == 600, "the quota is worth a hundred repeats"


async def test_a_fault_that_passes_is_not_noticed_by_default(kind: str) -> None:
    fault = Status(503, headers={"Retry-After": "0"})
    with MattermostServer() as server:
        with server.faults.add(fault, route="GET /api/v4/users/{user_id}", times=2) as rule:
            client = make_client(kind, server.url, {"token": server.admin.token}, retries=2)
            assert (await client.users.get_user("me")).id == server.admin.id
        assert len(rule.fired) == 2
