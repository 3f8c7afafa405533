"""Bytes that nobody asked for must never become the answer of a call (RFC 9112, section 9.2)."""

from __future__ import annotations

import asyncio
import json
import random
import select
import ssl
import threading
from contextlib import suppress
from typing import Any

import pytest

from matterapi.client.exceptions import MatterapiError
from tests.attacks.conftest import Attack
from tests.support.effort import usually
from tests.support.scripted import Connection, answer

PLANTED = answer(b'{"id":"planted","username":"mallory","message":"planted"}')
WIRES = pytest.mark.parametrize("wire", ["plain", "tls"])

SLIPPED_IN = {
    "an answer": PLANTED,
    "two answers": PLANTED + PLANTED,
    "the head of an answer": PLANTED[:40],
    "a balancer's 408": answer(b"Your browser didn't send a complete request.", "408 Request Time-out"),
    "an informational answer": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
    "an informational answer and an answer": b"HTTP/1.1 100 Continue\r\n\r\n" + PLANTED,
    "a bare line break": b"\r\n",
    "a line break and an answer": b"\r\n" + PLANTED,
    "no HTTP at all": b"\x00\xff" * 20,
}


def reply_to(line: str, body: bytes) -> bytes:
    """The answer that belongs to a request: it repeats the id of the path, and the message of a post."""
    message = json.loads(body).get("message", "") if body else ""
    name = line.split()[1].rpartition("/")[2]
    return answer(json.dumps({"id": name, "message": message}).encode())


@WIRES
@pytest.mark.parametrize("case", SLIPPED_IN)
async def test_what_comes_between_two_calls_is_no_answer(attack: Attack, case: str) -> None:
    slipped = threading.Semaphore(0)

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            connection.send(reply_to(request[0], request[2]))
            if connection.number < 4:
                connection.send(SLIPPED_IN[case])
                slipped.release()

    with attack(script) as (_, client):
        for n in range(6):
            assert (await client.users.get_user(f"u{n}")).id == f"u{n}"
            if n < 3:
                assert await asyncio.to_thread(slipped.acquire, timeout=10)


@WIRES
async def test_a_post_goes_out_once_and_gets_its_own_answer_after_something_unasked(attack: Attack) -> None:
    slipped = threading.Semaphore(0)

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            server.seen.put(request[2])
            connection.send(reply_to(request[0], request[2]))
            connection.send(PLANTED)
            slipped.release()

    with attack(script) as (server, client):
        for n in range(5):
            sent = await client.posts.create_post(json_body={"channel_id": "c", "message": f"m{n}"})
            assert sent.message == f"m{n}"
            assert await asyncio.to_thread(slipped.acquire, timeout=10)
        assert server.seen.qsize() == 5


BODIES_OF_NONE = {
    "204": b"HTTP/1.1 204 No Content\r\n\r\n" + PLANTED,
    "204 with a length": b"HTTP/1.1 204 No Content\r\nContent-Length: %d\r\n\r\n%s" % (len(PLANTED), PLANTED),
    "304": b"HTTP/1.1 304 Not Modified\r\nContent-Length: %d\r\n\r\n%s" % (len(PLANTED), PLANTED),
    "a length that is too short": answer(b'{"id":"u0"}') + PLANTED,
    "chunks with an answer behind them": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b'Transfer-Encoding: chunked\r\n\r\nb\r\n{"id":"u0"}\r\n0\r\n\r\n' + PLANTED,
    "an informational answer first": b"HTTP/1.1 102 Processing\r\n\r\n" + answer(b'{"id":"u0"}') + PLANTED,
}


@WIRES
@pytest.mark.parametrize("case", BODIES_OF_NONE)
async def test_what_follows_an_answer_in_the_same_breath_is_no_answer(attack: Attack, case: str) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            first = connection.number == 1
            connection.send(BODIES_OF_NONE[case] if first else reply_to(request[0], request[2]))

    with attack(script) as (_, client):
        with suppress(MatterapiError):  # what has no body is no user
            await client.users.get_user("u0")
        for n in range(1, 4):
            assert (await client.users.get_user(f"u{n}")).id == f"u{n}"


@WIRES
async def test_an_answer_before_the_request_is_complete_is_the_answer_of_this_call_only(
    attack: Attack,
) -> None:
    def script(connection: Connection) -> None:
        while connection.peek():
            if connection.number == 1:
                # Both before the body is read: one answer too many.
                connection.read_headers()
                connection.send(answer(b'{"id":"early","message":"early"}') + PLANTED)
                connection.wait_closed()
                return
            request = connection.read_request()
            assert request is not None
            connection.send(reply_to(request[0], request[2]))

    with attack(script) as (_, client):
        early = await client.posts.create_post(json_body={"channel_id": "c", "message": "x" * 4_000_000})
        assert early.message == "early"
        for n in range(3):
            assert (await client.users.get_user(f"u{n}")).id == f"u{n}"


class Slipping:
    """A server that slips in an answer at random moments in which no request is on its way.

    Only such moments can be told: what arrives behind a request is its answer, whoever wrote it. So a call
    holds `calling`, and the server sends something unasked only while it holds it itself.
    """

    def __init__(self, seed: int) -> None:
        self.calling = threading.Lock()
        self.slipped = 0
        self._seed = seed

    def script(self, connection: Connection) -> None:
        chance = random.Random(self._seed + connection.number)
        while (request := connection.read_request()) is not None:
            connection.send(reply_to(request[0], request[2]))
            if chance.random() < 0.3:
                self._slip(connection, chance.choice([PLANTED, PLANTED * 2, *SLIPPED_IN.values()]))

    def _slip(self, connection: Connection, what: bytes) -> None:
        while not self._asked(connection):
            if self.calling.acquire(timeout=0.001):
                try:
                    if not self._asked(connection):
                        connection.send(what)
                        self.slipped += 1
                finally:
                    self.calling.release()
                return

    @staticmethod
    def _asked(connection: Connection) -> bool:
        """Whether a request waits, or the client has hung up."""
        sock = connection.socket
        held = isinstance(sock, ssl.SSLSocket) and sock.pending()
        return bool(held or select.select([sock], [], [], 0)[0])


@pytest.mark.parametrize(
    ("wire", "calls"), usually([("plain", 1_000), ("tls", 500)], [("plain", 10_000), ("tls", 4_000)])
)
async def test_no_call_of_thousands_gets_an_answer_slipped_in_at_a_random_moment(
    attack: Attack, calls: int
) -> None:
    slipping = Slipping(seed=calls)
    chance = random.Random(1)

    async def call(client: Any, n: int) -> tuple[str, str]:
        if n % 3:
            return f"u{n}", (await client.users.get_user(f"u{n}")).id
        post = await client.posts.create_post(json_body={"channel_id": "c", "message": f"m{n}"})
        return f"m{n}", post.message

    with attack(slipping.script) as (_, client):
        n = 0
        while n < calls:
            wave = chance.choice([1, 1, 1, 4])
            with slipping.calling:
                got = await asyncio.gather(*[call(client, n + i) for i in range(wave)])
            assert [theirs for _, theirs in got] == [ours for ours, _ in got]
            n += wave
    assert slipping.slipped > calls // 50, "the attack was hardly tried"
