"""Downloads whose server lies about the part that it sends."""

import io
from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.attacks.conftest import Attack
from tests.support.scripted import Connection, answer
from tests.wire.test_downloads import CONTENT, DATE, Ranges

SIZE = len(CONTENT)
CUT = 100_000


class Lying(Ranges):
    """Cuts the first answer and then sends more than the rest, in a body of the kind `how`."""

    def __init__(self, how: str) -> None:
        super().__init__(CUT)
        self.how = how

    def __call__(self, connection: Connection) -> None:
        if self.cuts:
            super().__call__(connection)
            return
        connection.read_request()
        range_ = f"bytes {CUT}-{SIZE - 1}/{SIZE}"
        head = f"HTTP/1.1 206 Partial Content\r\nLast-Modified: {DATE}\r\nContent-Range: {range_}\r\n"
        rest = CONTENT[CUT:]
        if self.how == "longer":
            connection.send(f"{head}Content-Length: {len(rest) + 7}\r\n\r\n".encode() + rest + b"garbage")
        elif self.how == "one byte more":
            connection.send(f"{head}Content-Length: {len(rest) + 1}\r\n\r\n".encode() + rest + b"g")
        elif self.how == "up to the end of the connection":
            connection.send(f"{head}Connection: close\r\n\r\n".encode() + rest)
            while True:
                connection.send(b"garbage" * 1000)
        else:
            connection.send(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            connection.send(b"%x\r\n%b\r\n" % (len(rest), rest))
            while True:
                connection.send(b"7\r\ngarbage\r\n" * 1000)


KINDS = ["longer", "one byte more", "up to the end of the connection", "chunked without end"]


@pytest.mark.parametrize("wire", ["plain", "tls"])
@pytest.mark.parametrize("how", KINDS)
async def test_a_part_that_is_longer_than_the_rest_ends_the_download(
    attack: Attack, how: str, tmp_path: Path, wire: str
) -> None:
    (tmp_path / "old").write_bytes(b"as it was")
    with attack(Lying(how)) as (_, client), pytest.raises(e.ProtocolError, match=f"{SIZE} bytes") as caught:
        await client.files.download("f1", tmp_path / "old")
    assert caught.value.route == "GET /api/v4/files/{file_id}"
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"as it was"


@pytest.mark.parametrize("how", KINDS)
async def test_nothing_beyond_the_size_is_handed_out(attack: Attack, how: str) -> None:
    target, done = io.BytesIO(), []
    with attack(Lying(how)) as (_, client), pytest.raises(e.ProtocolError):
        await client.files.download("f1", target, progress=lambda now, _total: done.append(now))
    assert CONTENT.startswith(target.getvalue())
    assert max(done) <= SIZE
    with attack(Lying(how)) as (_, client), pytest.raises(e.ProtocolError):
        await client.files.download("f1")


@pytest.mark.parametrize("how", KINDS)
async def test_a_stream_ends_at_its_size(attack: Attack, how: str) -> None:
    taken = b""
    with attack(Lying(how)) as (_, client), pytest.raises(e.ProtocolError):
        async for piece in client.files.stream("f1"):
            taken += piece
    assert CONTENT.startswith(taken)


def part(body: bytes = CONTENT[:1000], range_: str = f"bytes 0-999/{SIZE}") -> bytes:
    return answer(body, "206 Partial Content", "application/octet-stream", Content_Range=range_)


ENDLESS = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/10\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("endless", [False, True])
async def test_a_part_that_nobody_asked_for_is_no_file(attack: Attack, endless: bool, tmp_path: Path) -> None:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(ENDLESS if endless else part())
            while endless:
                connection.send(b"7\r\ngarbage\r\n" * 1000)

    async def stream(files: Any) -> None:
        async for _ in files.stream("f1"):
            raise AssertionError("a piece of a part")

    with attack(script) as (_, client):
        files = client.files
        for call in (
            files.download("f1", tmp_path / "a"),
            files.download("f1"),
            files.download("f1", io.BytesIO()),
            files.get_file("f1"),
            stream(files),
        ):
            with pytest.raises(e.ProtocolError, match="206"):
                await call
    assert list(tmp_path.iterdir()) == []


async def test_a_part_that_the_program_asks_for_is_its_answer(attack: Attack) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            assert request[1]["range"] == "bytes=0-999"
            connection.send(part())

    with attack(script, httpx_client_options={"headers": {"Range": "bytes=0-999"}}) as (_, client):
        response = await client.files.get_file("f1")
        assert (response.status_code, response.content) == (206, CONTENT[:1000])
        assert await client.files.download("f1") == CONTENT[:1000]


async def test_a_part_that_brings_nothing_is_asked_for_a_few_times_only(attack: Attack) -> None:
    asked: list[str | None] = []

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        asked.append(request[1].get("range"))
        if len(asked) == 1:
            connection.send(answer(CONTENT, Last_Modified=DATE)[: -SIZE + CUT])
        else:
            head = part(CONTENT[CUT:], f"bytes {CUT}-{SIZE - 1}/{SIZE}").partition(b"\r\n\r\n")[0]
            connection.send(head + f"\r\nLast-Modified: {DATE}\r\n\r\n".encode())

    with attack(script) as (_, client), pytest.raises(e.ConnectionClosed):
        await client.files.download("f1")
    assert asked == [None, *[f"bytes={CUT}-"] * 4]
