"""Which connection a call gets, how many there may be, and what happens when a kept one is dead."""

import asyncio
import threading
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.client.base import Limits
from tests.support.certificates import Authority
from tests.support.faces import make_client
from tests.support.scripted import Connection, answer, scripted

TRUST_ANY = {"httpx_client_options": {"verify": False}}


async def test_a_kept_connection_that_breaks_while_another_is_being_made_is_known_as_kept(
    tmp_path: Any,
) -> None:
    """The first connection is given to the call that dials the second, and closed under it.

    Calls of a SyncClient have a connection each, so there is no such meeting.
    """
    tls = Authority(tmp_path).server()
    first_asked, second_dialled, over = threading.Event(), threading.Event(), threading.Event()
    asked: list[tuple[int, str]] = []

    def script(connection: Connection) -> None:
        if connection.number == 2:
            # The handshake never ends, so the second call is still connecting when the first one is done.
            second_dialled.set()
            assert over.wait(30)
            return
        with tls.wrap_socket(connection.socket, server_side=True) as sock:
            secured = Connection(sock, connection.number)
            while (request := secured.read_request()) is not None:
                asked.append((connection.number, request[0].split()[1].rpartition("/")[2]))
                if asked[-1] == (1, "second"):
                    return
                first_asked.set()
                assert connection.number != 1 or second_dialled.wait(30)
                secured.send(answer())

    with scripted(script) as server:
        client = make_client("async", server.url.replace("http:", "https:"), **TRUST_ANY)
        first = asyncio.create_task(client.users.get_user("first"))
        assert await asyncio.to_thread(first_asked.wait, 30)
        assert (await client.users.get_user("second")).username == "ann"
        assert (await first).username == "ann"
        over.set()
        await client.aclose()
    assert asked == [(1, "first"), (1, "second"), (3, "second")]


async def test_no_more_connections_are_made_than_the_limit_allows(connect: Any) -> None:
    both = threading.Barrier(2)
    numbers: set[int] = set()

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            numbers.add(connection.number)
            # Every answer waits for a second request, so that two connections are in use all the time.
            both.wait(30)
            connection.send(answer())

    with scripted(script) as server:
        client = connect(server.url, httpx_client_options={"limits": Limits(max_connections=2)})
        users = await asyncio.gather(*[client.users.get_user("me") for _ in range(20)])
    assert [user.username for user in users] == ["ann"] * 20
    assert numbers == {1, 2}


async def test_a_connection_that_is_being_made_is_the_next_calls_where_its_own_found_another(
    tmp_path: Any,
) -> None:
    """If each call began anew, a fast server would see connections without a request for ever.

    Calls of a SyncClient have a connection each, so there is no such meeting.
    """
    tls = Authority(tmp_path).server()
    first_asked, second_dialled = threading.Event(), threading.Event()
    third_waits, second_asked, third_done = threading.Event(), threading.Event(), threading.Event()
    asked: list[tuple[int, str]] = []

    def script(connection: Connection) -> None:
        if connection.number == 2:
            second_dialled.set()
            assert third_waits.wait(30)
        with tls.wrap_socket(connection.socket, server_side=True) as sock:
            secured = Connection(sock, connection.number)
            while (request := secured.read_request()) is not None:
                asked.append((connection.number, request[0].split()[1].rpartition("/")[2]))
                if asked[-1] == (1, "first"):
                    first_asked.set()
                    assert second_dialled.wait(30)
                if asked[-1] == (1, "second"):
                    second_asked.set()
                    assert third_done.wait(30)
                secured.send(answer())

    with scripted(script) as server:
        client = make_client("async", server.url.replace("http:", "https:"), **TRUST_ANY)
        first = asyncio.create_task(client.users.get_user("first"))
        assert await asyncio.to_thread(first_asked.wait, 30)
        second = asyncio.create_task(client.users.get_user("second"))
        await first
        assert await asyncio.to_thread(second_asked.wait, 30)
        third = asyncio.create_task(client.users.get_user("third"))
        asyncio.get_running_loop().call_soon(third_waits.set)
        await third
        third_done.set()
        await second
        await client.aclose()
    assert sorted(asked) == [(1, "first"), (1, "second"), (2, "third")]


async def test_a_connection_that_its_call_needs_no_longer_is_made_all_the_same(tmp_path: Any) -> None:
    """A server does not wait for the rest of a handshake."""
    tls = Authority(tmp_path).server()
    first_asked, second_dialled, over = threading.Event(), threading.Event(), threading.Event()
    second_done, made = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        if connection.number == 2:
            second_dialled.set()
            assert second_done.wait(30)
        with tls.wrap_socket(connection.socket, server_side=True) as sock:
            if connection.number == 2:
                made.set()
            secured = Connection(sock, connection.number)
            while secured.read_request() is not None:
                first_asked.set()
                assert second_dialled.wait(30)
                secured.send(answer())
            assert over.wait(30)

    with scripted(script) as server:
        client = make_client("async", server.url.replace("http:", "https:"), **TRUST_ANY)
        first = asyncio.create_task(client.users.get_user("first"))
        assert await asyncio.to_thread(first_asked.wait, 30)
        await client.users.get_user("second")
        await first
        second_done.set()
        assert await asyncio.to_thread(made.wait, 30)
        over.set()
        await client.aclose()


async def test_a_watched_upload_leaves_its_connection_to_the_next_call(connect: Any) -> None:
    numbers: list[int] = []

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            numbers.append(connection.number)
            connection.send(answer(b'{"file_infos":[{"id":"f1"}],"client_ids":[]}', "201 Created"))

    with scripted(script) as server:
        client = connect(server.url)
        for _ in range(3):
            await client.files.upload("c1", ("a", b"x" * 100_000), progress=lambda _done, _total: None)
    assert numbers == [1, 1, 1]


async def test_waiting_for_a_free_connection_ends_with_the_pool_timeout(connect: Any) -> None:
    asked, over = threading.Event(), threading.Event()
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0].split()[1].rpartition("/")[2])
            asked.set()
            assert over.wait(30)
            connection.send(answer())

    with scripted(script) as server:
        options = {"limits": Limits(max_connections=1), "timeout": (30, 30, 30, 0.2)}
        client = connect(server.url, httpx_client_options=options)
        first = asyncio.create_task(client.users.get_user("first"))
        assert await asyncio.to_thread(asked.wait, 30)
        with pytest.raises(e.PoolTimeout, match=r"no connection was free within 0\.2 s") as caught:
            await client.users.get_user("second")
        assert (caught.value.route, caught.value.retryable) == ("GET /api/v4/users/{user_id}", True)
        over.set()
        assert (await first).username == "ann"
        assert (await client.users.get_user("third")).username == "ann"
    assert lines == ["first", "third"]
