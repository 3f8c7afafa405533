"""Answers that come drop by drop: each drop in time, the whole never.

How the rule is meant is shown in `pace.rs`, without a clock; here only that it holds on real sockets, for
every way in which an answer is read. A script ends by itself after a while, which is another error.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.attacks.conftest import Attack
from tests.support.faces import make_client
from tests.support.http2 import Http2
from tests.support.scripted import Connection, Script, answer, scripted

TIMEOUT = {"httpx_client_options": {"timeout": 4.0}}
SHORT = {"httpx_client_options": {"timeout": 0.5}}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ONE = b"1\r\n \r\n"


def dripping(first: bytes, drop: bytes | Callable[[int], bytes], every: float, drops: int) -> Script:
    """A script that sends `first` and then a drop every so many seconds, as long as somebody listens."""

    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(first)
        over = threading.Event()
        threading.Thread(target=lambda: (connection.wait_closed(), over.set()), daemon=True).start()
        for number in range(drops):
            if over.wait(every):
                return
            connection.send(drop if isinstance(drop, bytes) else drop(number))

    return script


def slowly(first: bytes, drop: bytes) -> Script:
    """0.7 bytes a second, for half a minute."""
    return dripping(first, drop, 1.4, 22)


async def user(client: Any) -> Any:
    return await client.users.get_user("me")


async def content(client: Any) -> Any:
    return await client.files.download("f1")


async def pieces(client: Any) -> Any:
    return [piece async for piece in client.files.stream("f1")]


async def members(client: Any) -> Any:
    return [member async for member in client.users.iter_channel_members()]


DRIPS: dict[str, tuple[Script, Callable[[Any], Any]]] = {
    "body": (slowly(answer(b" " * 1000)[:-999], b" "), user),
    "chunks": (slowly(CHUNKED, ONE), user),
    "error": (slowly(answer(b" " * 1000, "500 Broken")[:-1000], b" "), user),
    "behind a burst": (slowly(CHUNKED + b"8000\r\n" + b" " * 0x8000 + b"\r\n", ONE), user),
    "download": (slowly(CHUNKED, ONE), content),
    "stream": (slowly(CHUNKED, ONE), pieces),
    "lines": (slowly(CHUNKED, ONE), members),
}


@pytest.mark.parametrize("wire", ["plain", "tls"])
async def test_a_drip_is_a_read_timeout_however_the_body_is_read(attack: Attack, wire: str) -> None:
    async def drip(script: Script, call: Callable[[Any], Any]) -> None:
        with attack(script, **TIMEOUT) as (_, client):
            with pytest.raises(e.ReadTimeout, match=r"less than one a second|sent nothing") as caught:
                await call(client)
            assert caught.value.route

    # The sync client waits on a thread for each.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(len(DRIPS)))
    await asyncio.gather(*(drip(*one) for one in DRIPS.values()))


def one_by_one(text: bytes) -> Callable[[int], bytes]:
    return lambda number: text[number % len(text) :][:1]


UNENDING = {
    "head": dripping(b"", one_by_one(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 500), 0.1, 200),
    "field by field": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1, 200),
    "status line": dripping(b"", one_by_one(b"HTTP/1.1 200 " + b"O" * 500), 0.1, 200),
    "100 Continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1, 200),
    "103 Early Hints": dripping(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.1, 200),
    "chunk's head": dripping(CHUNKED + b"5;", b"a", 0.1, 200),
    "trailers": dripping(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-A: b\r\n", 0.1, 100),
    "compressed": dripping(
        answer(b"x" * 1000, Content_Encoding="gzip")[:-1000],
        one_by_one(b"\x1f\x8b\x08\x08" + b"a" * 500),
        0.1,
        200,
    ),
}


@pytest.mark.parametrize("script", UNENDING.values(), ids=UNENDING)
async def test_what_is_no_byte_of_the_body_does_not_put_off_the_read_timeout(
    attack: Attack, script: Script
) -> None:
    with attack(script, **SHORT) as (_, client):
        with pytest.raises(e.ReadTimeout, match=r"within 0\.5 s"):
            await client.users.get_user("me")


async def test_empty_frames_of_http2_do_not_put_off_the_read_timeout(attack: Attack) -> None:
    def script(connection: Connection) -> None:
        http = Http2(connection)
        (request, over) = (next(iter(http.read())), threading.Event())
        http.protocol.send_headers(request.stream, [(":status", "200")])
        for _ in range(200):
            http.protocol.send_data(request.stream, b"")
            http._flush()
            over.wait(0.1)

    http = {"timeout": 0.5, "http1": False, "http2": True}
    with attack(script, httpx_client_options=http) as (_, client), pytest.raises(e.ReadTimeout):
        await client.users.get_user("me")


async def test_a_caller_that_takes_its_time_is_no_drip() -> None:
    """Both clients at once: the pause is longer than any limit."""

    async def slow_caller(kind: str) -> None:
        go_on = threading.Event()

        def script(connection: Connection) -> None:
            connection.read_request()
            reply = answer(b"abc")
            connection.send(reply[:-2])
            assert go_on.wait(60)
            connection.send(reply[-2:])

        with scripted(script) as server:
            client = make_client(kind, server.url, {"token": "t" * 26}, **TIMEOUT)
            async with client.files.stream("f1") as stream:
                assert await anext(stream) == b"a"
                await asyncio.sleep(6)
                go_on.set()
                assert b"".join([piece async for piece in stream]) == b"bc"

    await asyncio.gather(slow_caller("sync"), slow_caller("async"))


async def test_without_a_timeout_a_drip_may_go_on(attack: Attack) -> None:
    drops = dripping(answer(b" " * 8 + b"null")[:-12], lambda number: b"        null"[number:][:1], 0.7, 12)
    with attack(drops, httpx_client_options={"timeout": None}) as (_, client):
        assert await client.users.get_user("me") is None
