"""Answers that keep a loop of the client going: every loop ends, by the client's own count."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.attacks.conftest import Attack
from tests.support.effort import checkered
from tests.support.scripted import Connection, answer, serve
from tests.wire.test_auth import EXPIRED, PASSWORD

SIZE = 6 * 1024 * 1024


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matterapi.endpoints.upload_session.random.random", lambda: 0.0)


class Session:
    """An upload session whose server takes everything, keeps nothing and tells these offsets.

    Args:
        offsets: Texts of JSON; the last test of a kind that has no end.
        busy: Answers the data with 503, instead of with 204 as for an unfinished file.
    """

    def __init__(self, offsets: Iterator[object], busy: bool = False) -> None:
        self.offsets = offsets
        self.reply = answer(b"{}", "503 Busy") if busy else b"HTTP/1.1 204 No Content\r\n\r\n"
        self.asked = 0

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, _, _ = request
            if line.startswith("GET"):
                self.asked += 1
                offset = json.dumps(next(self.offsets))
                connection.send(answer(f'{{"id":"u1","file_offset":{offset}}}'.encode()))
            elif line.startswith("POST /api/v4/uploads "):
                connection.send(answer(b'{"id":"u1"}', "201 Created"))
            else:
                connection.send(self.reply)


OFFSETS: dict[str, list[Any]] = {
    "up and down": [0, 5],
    "down at once": [SIZE, 0],
    "three steps": [1, 2, 0],
    "falling": [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    "nothing": [None],
    "all": [SIZE],
}


@pytest.mark.parametrize(("kind", "offsets", "busy"), checkered(("sync", "async"), OFFSETS, (False, True)))
async def test_an_upload_ends_when_the_server_has_no_more_than_before(
    attack: Attack, offsets: str, busy: bool
) -> None:
    session = Session(itertools.cycle(OFFSETS[offsets]), busy)
    with attack(session) as (_, client), pytest.raises((e.DecodeError, e.ApiError)) as caught:
        await client.files.upload("c1", ("a", bytes(SIZE)), resumable=True)
    assert caught.value.route == "POST /api/v4/uploads/{upload_id}"
    assert session.asked <= 8


async def test_an_upload_that_gets_on_by_single_bytes_ends(attack: Attack) -> None:
    session = Session(itertools.count(1))
    with attack(session) as (_, client), pytest.raises(e.DecodeError, match="too little of it"):
        await client.files.upload("c1", ("a", b"x" * 200_000), resumable=True)
    assert session.asked <= 60


@pytest.mark.parametrize("offset", [-1, SIZE + 1, 10**30, 0.5, "many", [], {}, True])
async def test_an_offset_that_is_none_ends_the_upload(attack: Attack, offset: object) -> None:
    session = Session(itertools.repeat(offset))
    with attack(session) as (_, client), pytest.raises(e.DecodeError, match=r"bytes of|too little of it"):
        await client.files.upload("c1", ("a", bytes(SIZE)), resumable=True)
    assert session.asked <= 6


async def test_an_upload_that_is_never_found_ends(attack: Attack) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            asked.append(request[0])
            first = request[0].startswith("POST /api/v4/uploads ")
            connection.send(answer(b'{"id":"u1"}', "201 Created") if first else answer(b"{}", "503 Busy"))

    asked: list[str] = []
    with attack(script) as (_, client), pytest.raises(e.ServiceUnavailable):
        await client.files.upload("c1", ("a", b"x"), resumable=True)
    assert len(asked) <= 8


async def test_a_session_that_expires_for_ever_ends_after_one_more_login(attack: Attack) -> None:
    lines: list[str] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            lines.append(request[0].split()[1])
            connection.send(answer(Token="t") if lines[-1].endswith("/login") else EXPIRED)

    with attack(script, auth=PASSWORD) as (_, client):
        with pytest.raises(e.NoAccessTokenProvided):
            await client.users.get_user("me")
    assert lines == ["/api/v4/users/login", "/api/v4/users/me"] * 2


def endless(head: bytes, piece: bytes) -> Any:
    """A script whose every answer begins with `head` and goes on with `piece` until nobody listens."""

    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(head)
        while True:
            connection.send(piece)

    return script


CHUNK = b"8000\r\n" + b" " * 0x8000 + b"\r\n"


async def test_the_body_of_a_redirect_is_not_read_for_ever(attack: Attack) -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /api/v4/users/me?x\r\nTransfer-Encoding: chunked\r\n\r\n"
    unending = endless(head, CHUNK)

    def script(connection: Connection) -> None:
        if "?x" in connection.peek():
            serve(answer())(connection)
        else:
            unending(connection)

    options = {"httpx_client_options": {"follow_redirects": True}, "max_response_size": None}
    with attack(script, **options) as (_, client):
        assert (await client.users.get_user("me")).username == "ann"


@pytest.mark.parametrize("piece", [b"\n" * 0x8000, b" \n" * 0x4000], ids=["empty", "blank"])
async def test_lines_without_a_membership_end(attack: Attack, piece: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with attack(endless(head, b"8000\r\n" + piece + b"\r\n")) as (_, client):
        with pytest.raises(e.DecodeError, match="without a membership"):
            async for _ in client.users.iter_channel_members():
                pass
