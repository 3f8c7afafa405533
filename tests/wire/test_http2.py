"""HTTP/2: by agreement in the TLS handshake, or unasked on a plain connection."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from h2.errors import ErrorCodes

from matterapi.client import exceptions as e
from tests.support.both_ways import Reached, reach
from tests.support.certificates import Authority
from tests.support.faces import make_client
from tests.support.http2 import Http2, Request, offering
from tests.support.scripted import Connection, answer, scripted, serve

EITHER = {"httpx_client_options": {"verify": False, "http2": True}}
ONLY_2 = {"httpx_client_options": {"http1": False, "http2": True}}
TOO_LARGE = b'{"id":"api.file.upload_file.too_large_detailed.app_error","message":"no","status_code":413}'


def user(request: Request) -> bytes:
    """The user that was asked for."""
    return b'{"id":"%s","username":"ann"}' % request.name.encode()


@pytest.fixture
def offers_both(tmp_path: Path) -> Any:
    return offering(Authority(tmp_path).server(), "h2", "http/1.1")


async def test_http2_is_spoken_where_the_server_offers_it(connect: Any, offers_both: Any) -> None:
    heads: list[dict[str, str]] = []

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            heads.append(request.headers)
            http.answer(request)

    with scripted(script, offers_both) as server:
        raw = await connect(server.url, skip_response_parsing=True, **EITHER).users.get_user("me")
        authority = server.url.partition("://")[2]
    assert (raw.http_version, raw.status_code, raw.json()["username"]) == ("HTTP/2", 200, "ann")
    (head,) = heads
    assert (head[":method"], head[":scheme"], head[":authority"]) == ("GET", "https", authority)
    assert head[":path"] == "/api/v4/users/me"
    assert head["authorization"].startswith("Bearer ")
    assert {"host", "connection", "transfer-encoding"}.isdisjoint(head)


async def test_http1_is_spoken_where_the_server_offers_nothing_else(connect: Any, tmp_path: Path) -> None:
    with scripted(serve(answer()), offering(Authority(tmp_path).server(), "http/1.1")) as server:
        raw = await connect(server.url, skip_response_parsing=True, **EITHER).users.get_user("me")
    assert raw.http_version == "HTTP/1.1"


async def test_http2_is_not_offered_unless_it_was_asked_for(connect: Any, offers_both: Any) -> None:
    chosen: list[str | None] = []

    def script(connection: Connection) -> None:
        chosen.append(connection.socket.selected_alpn_protocol())  # type: ignore[attr-defined]
        serve(answer())(connection)

    with scripted(script, offers_both) as server:
        await connect(server.url, httpx_client_options={"verify": False}).users.get_user("me")
    assert chosen == ["http/1.1"]


async def test_without_http1_a_plain_connection_speaks_http2_from_its_first_byte(connect: Any) -> None:
    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            http.answer(request, user(request))

    with scripted(script) as server:
        client = connect(server.url, **ONLY_2)
        assert [(await client.users.get_user(name)).id for name in ("u1", "u2")] == ["u1", "u2"]


async def test_calls_share_a_connection_and_each_gets_its_own_answer(offers_both: Any) -> None:
    """Answered last come, first served, when all are there. Calls of a SyncClient have a connection each."""
    count, numbers = 50, set()

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            numbers.add(connection.number)
            if request.name == "first":
                http.answer(request, user(request))
            elif len(http.open) == count:
                for one in sorted(http.open.values(), key=lambda one: -one.stream):
                    http.answer(one, user(one))

    with scripted(script, offers_both) as server:
        client = make_client("async", server.url, **EITHER)
        await client.users.get_user("first")
        names = [f"u{number}" for number in range(count)]
        users = await asyncio.gather(*map(client.users.get_user, names))
    assert [user.id for user in users] == names
    assert numbers == {1}


async def test_a_reset_stream_ends_its_call_and_no_other(connect: Any, offers_both: Any) -> None:
    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            if request.name == "bad":
                http.reset(request, ErrorCodes.INTERNAL_ERROR)
            else:
                http.answer(request, user(request))

    with scripted(script, offers_both) as server:
        client = connect(server.url, **EITHER)
        await client.users.get_user("u1")
        with pytest.raises(e.ProtocolError) as caught:
            await client.users.get_user("bad")
        assert caught.value.route == "GET /api/v4/users/{user_id}"
        assert (await client.users.get_user("u2")).id == "u2"


async def test_a_kept_connection_that_breaks_is_replaced_for_an_idempotent_call(
    connect: Any, offers_both: Any
) -> None:
    asked: list[tuple[int, str]] = []

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            asked.append((connection.number, request.headers[":method"]))
            if len(asked) in (2, 4):
                return
            http.answer(request)

    with scripted(script, offers_both) as server:
        client = connect(server.url, **EITHER)
        await client.users.get_user("u1")
        assert (await client.users.get_user("u2")).username == "ann"
        with pytest.raises(e.ConnectionClosed) as caught:
            await client.posts.create_post(json_body={"channel_id": "c", "message": "once"})
        assert not caught.value.retryable
    assert asked == [(1, "GET"), (1, "GET"), (2, "GET"), (2, "POST")]


async def test_a_server_that_goes_away_is_asked_on_another_connection(connect: Any, offers_both: Any) -> None:
    asked: list[tuple[int, str]] = []

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            asked.append((connection.number, request.name))
            http.answer(request, user(request))
            http.go_away(request)
            connection.wait_closed()
            return

    with scripted(script, offers_both) as server:
        client = connect(server.url, **EITHER)
        for name in ("u1", "u2"):
            assert (await client.users.get_user(name)).id == name
    assert asked == [(1, "u1"), (2, "u2")]


async def test_an_upload_flows_as_the_server_takes_it(connect: Any, offers_both: Any) -> None:
    content, bodies = bytes(range(256)) * 8192, []

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            bodies.append(request.body)
            http.answer(request, b'{"file_infos":[{"id":"f1"}],"client_ids":[]}', 201)

    with scripted(script, offers_both) as server:
        await connect(server.url, **EITHER).files.upload("c1", ("a.bin", content))
    assert content in bodies[0]


async def test_an_upload_that_is_refused_early_brings_the_status(connect: Any, offers_both: Any) -> None:
    def script(connection: Connection) -> None:
        http = Http2(connection, early=True)
        for request in http.read():
            if not request.given_up:
                http.answer(request, TOO_LARGE, 413)

    with scripted(script, offers_both) as server:
        client = connect(server.url, **EITHER)
        for _ in range(5):
            with pytest.raises(e.ContentTooLarge):
                await client.files.upload("c1", ("a", bytes(4 * 1024 * 1024)))


async def test_a_cancelled_call_gives_up_its_stream_only(offers_both: Any) -> None:
    asked, given_up = threading.Event(), threading.Event()
    numbers: set[int] = set()

    def script(connection: Connection) -> None:
        http = Http2(connection)
        for request in http.read():
            numbers.add(connection.number)
            if request.given_up:
                given_up.set()
            elif request.name == "slow":
                asked.set()
            else:
                http.answer(request, user(request))

    with scripted(script, offers_both) as server:
        client = make_client("async", server.url, **EITHER)
        await client.users.get_user("u1")
        slow = asyncio.create_task(client.users.get_user("slow"))
        assert await asyncio.to_thread(asked.wait, 30)
        slow.cancel()
        assert await asyncio.to_thread(given_up.wait, 30)
        assert (await client.users.get_user("u2")).id == "u2"
    assert numbers == {1}


@pytest.mark.parametrize("way", ["sync websocket", "async websocket"])
async def test_a_websocket_goes_over_http1_all_the_same(way: str, offers_both: Any) -> None:
    reached = Reached()
    with scripted(reached.script(), offers_both) as server:
        await reach(way, server.url, verify=False, http2=True, trust_env=False)
    assert reached.heads[0][0] == "GET /api/v4/websocket HTTP/1.1"


async def test_a_request_that_a_server_going_away_has_not_taken_is_sent_again(
    connect: Any, offers_both: Any
) -> None:
    asked: list[tuple[int, str]] = []

    def script(connection: Connection) -> None:
        http = Http2(connection)
        taken: list[Request] = []
        for request in http.read():
            asked.append((connection.number, request.name))
            if taken and connection.number == 1:
                http.go_away(taken[0])
                connection.wait_closed()
                return
            taken.append(request)
            http.answer(request, user(request))

    with scripted(script, offers_both) as server:
        client = connect(server.url, **EITHER)
        for name in ("u1", "u2"):
            assert (await client.users.get_user(name)).id == name
    assert asked == [(1, "u1"), (1, "u2"), (2, "u2")]
