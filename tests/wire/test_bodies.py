"""Answers whose bodies are not what they claim to be."""

import gzip
import socket
import zlib
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.scripted import GOOD_USER, Connection, answer, scripted

FORGED = answer(b'{"id":"forged","username":"mallory"}')


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]).encode()


def coded(body: bytes, coding: str = "gzip") -> bytes:
    return answer(body, Content_Encoding=coding)


BROKEN_LENGTHS = {
    "longer than the body": head(f"Content-Length: {len(GOOD_USER) + 10}") + GOOD_USER,
    "two different ones": head(f"Content-Length: {len(GOOD_USER)}", "Content-Length: 5") + GOOD_USER,
    "not a number": head("Content-Length: many") + GOOD_USER,
    "negative": head("Content-Length: -1") + GOOD_USER,
    "length and chunks": head("Transfer-Encoding: chunked", f"Content-Length: {len(GOOD_USER)}")
    + b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD_USER), GOOD_USER),
    "a chunk of a bad size": head("Transfer-Encoding: chunked") + b"xyz\r\n" + GOOD_USER,
    "a chunk without its end": head("Transfer-Encoding: chunked") + b"5\r\nabcdefgh\r\n0\r\n\r\n",
    "no last chunk": head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(GOOD_USER), GOOD_USER),
}


@pytest.mark.parametrize("case", BROKEN_LENGTHS)
async def test_a_wrong_length_is_an_error_and_ends_the_connection(connect: Any, case: str) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        if connection.number == 1:
            connection.send(BROKEN_LENGTHS[case])
            connection.socket.shutdown(socket.SHUT_WR)
            connection.wait_closed()
        else:
            connection.send(answer())
            connection.wait_closed()

    with scripted(script) as server:
        client = connect(server.url)
        with pytest.raises((e.ConnectionClosed, e.ProtocolError)) as caught:
            await client.users.get_user("u1")
        assert caught.value.route == "GET /api/v4/users/{user_id}"
        assert (await client.users.get_user("u1")).username == "ann"


async def test_bytes_behind_an_answer_never_become_the_next_one(connect: Any) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split()[1].rpartition("/")[2]
            connection.send(answer(b'{"id":"%s","username":"ann"}' % name.encode()) + FORGED)

    with scripted(script) as server:
        client = connect(server.url)
        for number in range(1000):
            try:
                user = await client.users.get_user(f"u{number}")
            except e.TransportError:
                continue
            assert user.id == f"u{number}"


async def test_answers_without_a_length_end_with_the_connection(connect: Any) -> None:
    with scripted(lambda c: c.read_request() and c.send(head() + GOOD_USER)) as server:
        assert (await connect(server.url).users.get_user("u1")).username == "ann"


PACKED = gzip.compress(GOOD_USER)
BROKEN_CODINGS = {
    "no gzip": coded(GOOD_USER),
    "cut off": coded(PACKED[:-12]),
    "a wrong checksum": coded(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]),
    "packed data that is damaged": coded(PACKED[:10] + b"\xff" * (len(PACKED) - 18) + PACKED[-8:]),
    "twice": coded(gzip.compress(PACKED), "gzip, gzip"),
    "not asked for": coded(zlib.compress(GOOD_USER), "deflate"),
    "unknown": coded(GOOD_USER, "x-own"),
}


@pytest.mark.parametrize("case", BROKEN_CODINGS)
async def test_a_broken_coding_is_a_decode_error_and_harms_no_other_call(connect: Any, case: str) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            connection.send(BROKEN_CODINGS[case] if request[0].split()[1].endswith("/u1") else answer())

    with scripted(script) as server:
        client = connect(server.url)
        with pytest.raises(e.DecodeError) as caught:
            await client.users.get_user("u1")
        assert (caught.value.route, caught.value.retryable) == ("GET /api/v4/users/{user_id}", False)
        assert (await client.users.get_user("u2")).username == "ann"


async def test_a_whole_gzip_answer_is_read(connect: Any) -> None:
    with scripted(lambda c: c.read_request() and c.send(coded(PACKED))) as server:
        assert (await connect(server.url).users.get_user("u1")).username == "ann"


LIMIT = 1_000_000


async def test_an_answer_of_the_limit_is_taken_and_one_byte_more_is_not(connect: Any) -> None:
    sizes = {"f1": LIMIT, "f2": LIMIT + 1}

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split()[1].rpartition("/")[2]
            connection.send(answer(b"x" * sizes[name], content_type="image/png"))

    with scripted(script) as server:
        client = connect(server.url, max_response_size=LIMIT)
        assert len((await client.files.get_file("f1")).content) == LIMIT
        with pytest.raises(e.DecodeError, match=r"larger than the 1000000 bytes that max_response_size"):
            await client.files.get_file("f2")


async def test_a_bomb_is_given_up_at_the_limit_of_its_unpacked_bytes(connect: Any) -> None:
    """Ten kilobytes that would become ten megabytes, again and again: the server is never read dry."""
    packer = zlib.compressobj(wbits=31)
    begin = packer.compress(b"[") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same bytes unpack to the same again: this gzip file has no end.
    packed = packer.compress(b" " * 10_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    assert len(packed) < 20_000

    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(head("Content-Encoding: gzip", "Transfer-Encoding: chunked"))
        connection.send(b"%x\r\n%s\r\n" % (len(begin), begin))
        while True:
            connection.send(b"%x\r\n%s\r\n" % (len(packed), packed))

    with scripted(script) as server:
        with pytest.raises(e.DecodeError, match="max_response_size"):
            await connect(server.url, max_response_size=30_000_000).users.get_user("u1")


async def test_an_endless_error_is_given_up_too(connect: Any) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        connection.send(head(status="500 Internal Server Error"))
        while True:
            connection.send(b"x" * 65536)

    with scripted(script) as server:
        with pytest.raises(e.DecodeError, match="max_response_size"):
            await connect(server.url, max_response_size=LIMIT).users.get_user("u1")


async def test_an_announced_length_alone_is_enough_to_refuse(connect: Any) -> None:
    with scripted(
        lambda c: (c.read_request(), c.send(head(f"Content-Length: {2**62}")), c.wait_closed())
    ) as s:
        with pytest.raises(e.DecodeError, match="max_json_size"):
            await connect(s.url).users.get_user("u1")


async def test_without_a_limit_an_impossible_length_is_an_error_all_the_same(connect: Any) -> None:
    script = lambda c: c.read_request() and c.send(head(f"Content-Length: {2**62}") + GOOD_USER)  # noqa: E731
    with scripted(script) as server:
        with pytest.raises((e.ConnectionClosed, e.DecodeError)):
            await connect(server.url, max_response_size=None).users.get_user("u1")


ODD_HEADS = {
    "three interim answers": (b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + answer(), None),
    "early hints": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(), None),
    "90 fields": (answer(**{f"X_{n}": "v" for n in range(90)}), None),
    "1,000 fields": (answer(**{f"X_{n}": "v" for n in range(1000)}), e.ProtocolError),
    "a field of 1 MiB": (answer(X_Long="v" * 1024 * 1024), e.ProtocolError),
    "HTTP/1.0": (answer().replace(b"HTTP/1.1", b"HTTP/1.0", 1), None),
    "a folded field": (
        head("X-A: 1", "  2", f"Content-Length: {len(GOOD_USER)}") + GOOD_USER,
        e.ProtocolError,
    ),
    "another protocol": (b"SSH-2.0-OpenSSH\r\n\r\n", e.ProtocolError),
}


@pytest.mark.parametrize("case", ODD_HEADS)
async def test_odd_heads_are_read_or_refused_and_the_client_goes_on(connect: Any, case: str) -> None:
    odd, error = ODD_HEADS[case]

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        connection.send(odd if request[0].split()[1].endswith("/u1") else answer())
        connection.socket.shutdown(socket.SHUT_WR)
        connection.wait_closed()

    with scripted(script) as server:
        client = connect(server.url)
        if error is None:
            assert (await client.users.get_user("u1")).username == "ann"
        else:
            with pytest.raises(error):
                await client.users.get_user("u1")
        assert (await client.users.get_user("u2")).username == "ann"


async def test_a_flood_of_interim_answers_ends_with_the_read_timeout(connect: Any) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        while True:
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    with scripted(script) as server:
        client = connect(server.url, httpx_client_options={"timeout": (5, 0.5, 5, 5)})
        with pytest.raises((e.ReadTimeout, e.ProtocolError)):
            await client.users.get_user("u1")
