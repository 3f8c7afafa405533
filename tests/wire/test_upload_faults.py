"""Servers that answer an upload before they have read it, or never answer."""

import json
import select
import socket
import threading
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.scripted import Connection, answer, scripted

SIZE = 8 * 1024 * 1024


def refusal(status: str, error_id: str) -> bytes:
    body = {"id": error_id, "message": "refused", "status_code": int(status[:3])}
    return answer(json.dumps(body).encode(), status, Connection="close")


TOO_LARGE = refusal("413 Request Entity Too Large", "api.file.upload_file.too_large_detailed.app_error")
NO_SESSION = refusal("401 Unauthorized", "api.context.session_expired.app_error")


@pytest.mark.parametrize(
    ("early", "error"), [(TOO_LARGE, e.ContentTooLarge), (NO_SESSION, e.NoAccessTokenProvided)]
)
@pytest.mark.parametrize("read_on", [False, True])
async def test_an_answer_in_the_middle_of_an_upload_is_what_the_caller_gets(
    connect: Any, early: bytes, error: type[Exception], read_on: bool
) -> None:
    """As Go's server does it: answer, half-close, and leave the client time before the reset."""

    def script(connection: Connection) -> None:
        connection.read_headers()
        connection.socket.recv(100_000)
        connection.send(early)
        connection.socket.shutdown(socket.SHUT_WR)
        if read_on:
            connection.wait_closed()
            return
        hung_up = select.poll()
        hung_up.register(connection.socket, select.POLLRDHUP)
        assert hung_up.poll(30_000)

    with scripted(script) as server:
        client = connect(server.url)
        for _ in range(20):
            with pytest.raises(error):
                await client.files.upload("c1", ("a", b"x" * SIZE))


async def test_a_reset_right_behind_an_answer_may_hide_it_but_is_never_repeated(connect: Any) -> None:
    attempts: list[int] = []

    def script(connection: Connection) -> None:
        attempts.append(connection.number)
        connection.read_headers()
        connection.send(TOO_LARGE)
        connection.reset()

    with scripted(script) as server:
        client = connect(server.url)
        for _ in range(20):
            with pytest.raises((e.ContentTooLarge, e.ConnectionClosed)) as caught:
                await client.files.upload("c1", ("a", b"x" * SIZE))
            assert not caught.value.retryable
    assert len(attempts) == 20


async def test_a_server_that_stops_reading_is_a_write_timeout(connect: Any) -> None:
    over = threading.Event()
    with scripted(lambda c: (c.read_headers(), over.wait(30))) as server:
        client = connect(server.url, httpx_client_options={"timeout": (5, 30, 0.5, 5)})
        with pytest.raises(e.WriteTimeout) as caught:
            await client.files.upload("c1", ("a", b"x" * 4 * SIZE))
        over.set()
        assert not caught.value.retryable


async def test_an_upload_is_never_sent_again_by_itself(connect: Any) -> None:
    attempts: list[int] = []

    def script(connection: Connection) -> None:
        attempts.append(connection.number)
        connection.read_headers()
        connection.reset()

    with scripted(script) as server:
        with pytest.raises(e.ConnectionClosed) as caught:
            await connect(server.url).files.upload("c1", ("a", b"x" * SIZE))
        assert not caught.value.retryable
    assert attempts == [1]
