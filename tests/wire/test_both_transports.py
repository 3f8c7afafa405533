"""Calls go over sockets of our own where nothing stands between, and bring what they bring over reqwest."""

import gzip
import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.scripted import GOOD_USER, Connection, answer, scripted, serve

SOON = {"timeout": 0.3}
"""`httpx_client_options` of a client that does not wait long for what a broken reply does not bring."""

BY_RUNTIME = {**SOON, "http2": True}
"""`httpx_client_options` of a client whose calls reqwest carries; without TLS it speaks HTTP/1.1, too."""

LONG = json.dumps({"id": "u1", "username": "ann", "notes": ["é" * 99] * 3_000}).encode()
PACKED = gzip.compress(GOOD_USER)


def chunked(body: bytes, *sizes: int, trailer: bytes = b"") -> bytes:
    pieces, at = b"", 0
    for size in (*sizes, len(body)):
        piece = body[at : at + size]
        at += len(piece)
        pieces += b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""
    return pieces + b"0\r\n" + trailer + b"\r\n"


def reply(head: str, body: bytes = b"") -> bytes:
    return f"HTTP/1.1 {head}\r\n\r\n".replace("\n", "\r\n").replace("\r\r", "\r").encode() + body


REPLIES = {
    "a length": answer(),
    "a long body": answer(LONG),
    "no body": answer(b"", "204 No Content"),
    "chunks": reply("200 OK\nTransfer-Encoding: chunked", chunked(GOOD_USER, 1, 3)),
    "chunks and a trailer": reply(
        "200 OK\nTransfer-Encoding: chunked", chunked(GOOD_USER, trailer=b"X: 1\r\n")
    ),
    "chunks of a long body": reply("200 OK\nTransfer-Encoding: chunked", chunked(LONG, 1, 65_536, 7)),
    "up to the end": reply("200 OK\nConnection: close", GOOD_USER),
    "an old version": reply("200 OK\nContent-Length: 27", GOOD_USER).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "gzip": answer(PACKED, Content_Encoding="gzip"),
    "gzip in chunks": reply(
        "200 OK\nContent-Encoding: gzip\nTransfer-Encoding: chunked", chunked(PACKED, 1, 9)
    ),
    "gzip of a long body": answer(gzip.compress(LONG), Content_Encoding="gzip"),
    "gzip of nothing": answer(b"", Content_Encoding="gzip"),
    "gzip, cut off": answer(PACKED[:-5], Content_Encoding="gzip"),
    "no gzip": answer(GOOD_USER, Content_Encoding="gzip"),
    "a foreign coding": answer(GOOD_USER, Content_Encoding="br"),
    "an early hint": reply("103 Early Hints\nLink: </a>") + answer(),
    "two lengths": reply("200 OK\nContent-Length: 27\nContent-Length: 28", GOOD_USER),
    "a length and chunks": reply("200 OK\nContent-Length: 5\nTransfer-Encoding: chunked", chunked(GOOD_USER)),
    "an error": answer(b'{"id":"a.b","message":"No."}', "404 Not Found"),
    "a redirect": answer(b"", "302 Found", Location="/elsewhere"),
    "a switch nobody asked for": reply("101 Switching Protocols\nUpgrade: x\nConnection: upgrade"),
    "a part": answer(GOOD_USER, "206 Partial Content"),
    "a body cut off": answer()[:-4],
    "a head cut off": answer()[:30],
    "chunks cut off": reply("200 OK\nTransfer-Encoding: chunked", chunked(GOOD_USER)[:-9]),
    "a wrong size of a chunk": reply("200 OK\nTransfer-Encoding: chunked", b"zz\r\n" + GOOD_USER),
    "no HTTP": b"SSH-2.0-x\r\n\r\n",
    "nothing": b"",
}


def broken_at_random() -> Iterator[bytes]:
    """The replies with bytes of theirs changed, dropped or doubled."""
    dice = random.Random(18)  # noqa: S311 - no secret
    # Of a broken coding in a broken frame either may be found first.
    short = [one for one in REPLIES.values() if 0 < len(one) < 1_000 and b"gzip" not in one]
    for _ in range(150):
        one = bytearray(dice.choice(short))
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(one))
            match dice.randrange(3):
                case 0:
                    one[at] = dice.randrange(256)
                case 1 if len(one) > 1:
                    del one[at]
                case _:
                    one.insert(at, one[at])
        yield bytes(one)


async def outcome(client: Any) -> Any:
    """All that a caller sees of a call."""
    try:
        response = await client.with_raw_response.users.get_user("me")
        value: Any = response.parse()
    except e.MatterapiError as error:
        answered = getattr(error, "response", None)
        came = answered and (answered.status_code, answered.content)
        # What the two say of where they stumbled is their parsers' business.
        text = re.sub(
            "(coding is broken|not valid HTTP|closed the connection): .*?(?= \\[)", r"\1", str(error)
        )
        return type(error), text, error.retryable, came
    return value, response.headers.multi_items(), response.content, response.http_version


async def compare(connect: Any, replies: Iterator[bytes]) -> None:
    current, asked = b"", []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            asked.append(request)
            connection.send(current)
            if not current.endswith(GOOD_USER):
                return

    with scripted(script) as server:
        direct = connect(server.url, httpx_client_options=SOON)
        by_runtime = connect(server.url, httpx_client_options=BY_RUNTIME)
        for current in replies:
            asked.clear()
            seen = [await outcome(direct), await outcome(by_runtime)]
            assert seen[0] == seen[1], current
            first, second = asked[: len(asked) // 2], asked[len(asked) // 2 :]
            assert first == second, current


@pytest.mark.parametrize("name", REPLIES)
async def test_both_make_the_same_of_a_reply(connect: Any, name: str) -> None:
    await compare(connect, iter([REPLIES[name]]))


async def test_two_members_of_gzip_are_one_body(connect: Any) -> None:
    packed = gzip.compress(GOOD_USER[:9]) + gzip.compress(GOOD_USER[9:])
    with scripted(serve(answer(packed, Content_Encoding="gzip"))) as server:
        assert (await connect(server.url).users.get_user("me")).username == "ann"


async def test_both_make_the_same_of_a_broken_reply(connect: Any) -> None:
    await compare(connect, broken_at_random())


async def test_both_send_the_same_body(connect: Any) -> None:
    seen: list[Any] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            seen.append(request)
            connection.send(answer(b'{"id":"p1","message":"x"}', "201 Created"))

    with scripted(script) as server:
        for options in ({}, {"httpx_client_options": BY_RUNTIME}):
            client = connect(server.url, **options)
            for size in (1, 65_000, 70_000):
                await client.posts.create_post(
                    json_body={"channel_id": "c", "message": "m" * size, "pending_post_id": "p"}
                )
    assert [body for _, _, body in seen[:3]] == [body for _, _, body in seen[3:]]
    assert [headers for _, headers, _ in seen[:3]] == [headers for _, headers, _ in seen[3:]]
