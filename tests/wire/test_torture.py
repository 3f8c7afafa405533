"""An answer that ends at any of its bytes is an error or the whole answer: never a part that is taken for it.

Usually some of the bytes, `make exhaustive` tries all.
"""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from matterapi import exceptions
from tests.support.effort import usually
from tests.support.scripted import Connection, scripted

pytestmark = pytest.mark.asyncio

Connect = Callable[..., Any]

MEMBERS = b'[{"team_id":"t","user_id":"ann","roles":"r"},{"team_id":"t","user_id":"bob","roles":""}]'
FILE = bytes(range(256))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nX-Request-Id: r\r\n"
STEP = usually(61, 1)


def chunked(body: bytes) -> bytes:
    parts = (body[at : at + 50] for at in range(0, len(body), 50))
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def measured(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def packed(body: bytes) -> bytes:
    return b"Content-Encoding: gzip\r\n" + measured(gzip.compress(body))


def until_the_end(body: bytes) -> bytes:
    return b"Connection: close\r\n\r\n" + body


FRAMINGS: dict[str, Callable[[bytes], bytes]] = {
    "length": measured,
    "chunks": chunked,
    "gzip": packed,
    "none": until_the_end,
}


async def members(client: Any, name: str) -> list[str]:
    """The answer as models; `name` tells the server what to do."""
    return [member.user_id for member in await client.teams.get_team_members(name)]


async def file(client: Any, name: str) -> bytes:
    """The answer as the bytes that it is."""
    content: bytes = (await client.files.get_file(name)).content
    return content


READ = {
    "models": (members, HEAD % b"application/json", MEMBERS, ["ann", "bob"]),
    "bytes": (file, HEAD % b"image/png", FILE, FILE),
}


class Cutting:
    """Sends the first bytes of an answer, as many as the path says, and ends as it says: `fin-17`."""

    def __init__(self, whole: bytes, only_once: bool = False) -> None:
        self.whole = whole
        self._only_once = only_once
        self._seen: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = next(
                part for part in request[0].split()[1].split("/") if part[:4] in {"fin-", "rst-", "end-"}
            )
            with self._lock:
                is_again = name in self._seen
                self._seen.add(name)
            if is_again and self._only_once:
                connection.send(self.whole)
                continue
            ending, _, size = name.partition("-")
            connection.send(self.whole[: int(size)])
            if ending == "rst":
                connection.reset()
            elif ending == "end":
                connection.wait_closed()
            return


async def outcome(read: Any, client: Any, name: str) -> Any:
    """What a call gives, or its error, which has to be a typed one."""
    try:
        return await read(client, name)
    except exceptions.MatterapiError as error:
        assert str(error).isprintable()
        return error


def places(whole: bytes, step: int = STEP) -> list[int]:
    """Numbers of bytes: some, and those where a mistake is near."""
    head = whole.index(b"\r\n\r\n") + 4
    near = {0, 1, head - 4, head - 1, head, head + 1, *range(len(whole) - 8, len(whole))}
    return sorted({*range(0, len(whole), step), *near})


# Of a file without a length only the end of the connection tells where it ends.
WITHOUT_END = ("bytes", "none")
KNOWN_ENDS = [pair for pair in product(READ, FRAMINGS) if pair != WITHOUT_END]


@pytest.mark.parametrize(("what", "framing"), KNOWN_ENDS)
async def test_h6_no_part_of_an_answer_is_taken_for_the_whole(
    connect: Connect, what: str, framing: str
) -> None:
    read, head, body, value = READ[what]
    whole = head + FRAMINGS[framing](body)
    with scripted(Cutting(whole)) as server:
        client = connect(server.url)
        for ending in ("fin", "rst"):
            for size in places(whole):
                came = await outcome(read, client, f"{ending}-{size}")
                assert isinstance(came, exceptions.MatterapiError), (ending, size, came)
                assert came.route
        # A reset may overtake what was sent before it.
        assert await outcome(read, client, f"fin-{len(whole)}") == value


@pytest.mark.timeout(usually(120, 600))
@pytest.mark.parametrize("what", READ)
async def test_h6_silence_at_a_byte_is_a_read_timeout(connect: Connect, what: str) -> None:
    read, head, body, _ = READ[what]
    whole = head + measured(body)
    with scripted(Cutting(whole)) as server:
        client = connect(server.url, httpx_client_options={"timeout": (30, 0.5, 30, 30)})
        names = [f"end-{size}" for size in places(whole, usually(101, 1))]
        for some in (names[at : at + 20] for at in range(0, len(names), 20)):
            came = await asyncio.gather(*(outcome(read, client, name) for name in some))
            assert {type(error) for error in came} == {exceptions.ReadTimeout}


@pytest.mark.parametrize("framing", ["length", "chunks"])
async def test_h6_a_get_that_is_cut_anywhere_is_sent_again(connect: Connect, framing: str) -> None:
    whole = HEAD % b"application/json" + FRAMINGS[framing](MEMBERS)
    with scripted(Cutting(whole, only_once=True)) as server:
        client = connect(server.url, retries=3)
        names = [f"{ending}-{size}" for ending in ("fin", "rst") for size in places(whole, usually(200, 3))]
        for some in (names[at : at + 20] for at in range(0, len(names), 20)):
            assert await asyncio.gather(*(members(client, name) for name in some)) == [["ann", "bob"]] * len(
                some
            )
