"""Downloads: where they go, how they go on after a cut, and what they never do."""

import io
from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.scripted import Connection, answer, scripted, serve

CONTENT = bytes(range(256)) * 2000
DATE = "Tue, 24 Nov 2026 01:08:38 GMT"


class Ranges:
    """Serves one file as the server does (http.ServeContent), and cuts its answers as it is told."""

    def __init__(self, *cuts: int, content: bytes = CONTENT, date: str | None = DATE) -> None:
        self.cuts = list(cuts)
        self.content = content
        self.date = date
        self.asked: list[dict[str, str]] = []

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            self.asked.append(request[1])
            reply = self.reply(request[1])
            if self.cuts:
                head, end, body = reply.partition(b"\r\n\r\n")
                connection.send(head + end + body[: self.cuts.pop(0)])
                return
            connection.send(reply)

    def reply(self, headers: dict[str, str]) -> bytes:
        fields = {"Last_Modified": self.date} if self.date else {}
        asked = headers.get("range")
        if asked is None or headers.get("if-range", self.date) != self.date:
            return answer(self.content, content_type="application/octet-stream", **fields)
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        size = len(self.content)
        fields["Content_Range"] = f"bytes {start}-{size - 1}/{size}"
        return answer(self.content[start:], "206 Partial Content", "application/octet-stream", **fields)


async def test_a_download_without_a_place_is_bytes(connect: Any) -> None:
    with scripted(Ranges()) as server:
        assert await connect(server.url).files.download("f1") == CONTENT


def _page(connection: Connection) -> None:
    while connection.read_request() is not None:
        connection.send(answer(b"<html>Log in</html>", content_type="text/html; charset=utf-8"))


async def test_a_login_page_is_no_file_and_is_written_nowhere(connect: Any, tmp_path: Path) -> None:
    target, path = io.BytesIO(), tmp_path / "kept"
    path.write_bytes(b"before")
    with scripted(_page) as server:
        client = connect(server.url + "/team")
        for place in (None, target, path, tmp_path):
            with pytest.raises(e.DecodeError, match=f"most likely it is {server.url}") as caught:
                await client.files.download("f1", place)
            assert caught.value.route == "GET /api/v4/files/{file_id}"
    assert target.getvalue() == b""
    assert [one.name for one in tmp_path.iterdir()] == ["kept"]
    assert path.read_bytes() == b"before"


async def test_a_web_page_that_the_server_keeps_as_a_file_is_one(connect: Any) -> None:
    disposition = "attachment; filename=a.html"
    with scripted(
        serve(answer(b"<html>", content_type="text/html", Content_Disposition=disposition))
    ) as server:
        assert await connect(server.url).files.download("f1") == b"<html>"


async def test_a_download_to_a_file_object_is_written_where_it_stands(connect: Any) -> None:
    target = io.BytesIO()
    target.write(b"before ")
    with scripted(Ranges()) as server:
        assert await connect(server.url).files.download("f1", target) is target
    assert target.getvalue() == b"before " + CONTENT
    assert not target.closed


async def test_a_raw_file_that_takes_less_than_it_is_given_gets_everything(connect: Any) -> None:
    class Reluctant(io.RawIOBase):
        taken = b""

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.taken += bytes(data[:1000])
            return min(len(data), 1000)

    target = Reluctant()
    with scripted(Ranges()) as server:
        await connect(server.url).files.download("f1", target)
    assert target.taken == CONTENT


async def test_a_stream_tells_about_the_file_and_gives_it_in_pieces(connect: Any) -> None:
    reply = answer(CONTENT, content_type="image/png", Content_Disposition='inline; filename="../a%20b.png"')
    with scripted(serve(reply)) as server:
        async with connect(server.url).files.stream("f1") as stream:
            assert (stream.name, stream.size, stream.content_type) == ("a b.png", len(CONTENT), "image/png")
            pieces = [piece async for piece in stream]
    assert b"".join(pieces) == CONTENT


async def test_a_stream_that_is_left_closes_its_connection(connect: Any) -> None:
    def script(connection: Connection) -> None:
        connection.read_request()
        try:
            connection.send(answer(CONTENT * 100)[:-1])
            connection.wait_closed()
        finally:
            server.seen.put("closed")

    with scripted(script) as server:
        async with connect(server.url).files.stream("f1") as stream:
            async for _ in stream:
                break
        assert server.seen.get(timeout=30) == "closed"


@pytest.mark.parametrize("place", ["memory", "path", "object", "stream"])
async def test_a_cut_download_goes_on_by_range(connect: Any, tmp_path: Path, place: str) -> None:
    ranges = Ranges(100_000, 1, 200_000)
    with scripted(ranges) as server:
        files = connect(server.url).files
        if place == "memory":
            content = await files.download("f1")
        elif place == "path":
            content = (await files.download("f1", tmp_path / "a")).read_bytes()
        elif place == "object":
            content = (await files.download("f1", io.BytesIO())).getvalue()
        else:
            content = b"".join([piece async for piece in files.stream("f1")])
    assert content == CONTENT
    assert [headers.get("range") for headers in ranges.asked] == [
        None,
        "bytes=100000-",
        "bytes=100001-",
        "bytes=300001-",
    ]
    assert [headers.get("if-range") for headers in ranges.asked] == [None, DATE, DATE, DATE]
    assert {headers["accept-encoding"] for headers in ranges.asked} == {"identity"}


async def test_a_file_without_a_date_goes_on_while_its_size_is_the_same(connect: Any) -> None:
    with scripted(Ranges(100_000, date=None)) as server:
        assert await connect(server.url).files.download("f1") == CONTENT


async def test_a_file_that_changed_is_never_mixed_with_the_old_one(connect: Any, tmp_path: Path) -> None:
    class Changing(Ranges):
        def reply(self, headers: dict[str, str]) -> bytes:
            if "range" in headers:
                self.content, self.date = b"new" * len(CONTENT), "Wed, 25 Nov 2026 01:08:38 GMT"
            return super().reply(headers)

    with scripted(Changing(100_000)) as server:
        with pytest.raises(e.ConnectionClosed, match="no such range of this version"):
            await connect(server.url).files.download("f1", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


async def test_a_range_that_was_not_asked_for_is_refused(connect: Any) -> None:
    class Wrong(Ranges):
        def reply(self, headers: dict[str, str]) -> bytes:
            return super().reply(headers).replace(b"bytes 100000-", b"bytes 99999-")

    with scripted(Wrong(100_000)) as server:
        with pytest.raises(e.ConnectionClosed, match="no such range"):
            await connect(server.url).files.download("f1")


async def test_a_download_that_gets_no_further_ends_after_four_more_tries(connect: Any) -> None:
    ranges = Ranges(*[0] * 20)
    with scripted(ranges) as server:
        with pytest.raises(e.ConnectionClosed) as caught:
            await connect(server.url).files.download("f1")
    assert len(ranges.asked) == 5
    assert caught.value.route == "GET /api/v4/files/{file_id}"


async def test_a_refusal_on_the_way_ends_the_download(connect: Any) -> None:
    class Refusing(Ranges):
        def reply(self, headers: dict[str, str]) -> bytes:
            return answer(b"{}", "403 Forbidden") if "range" in headers else super().reply(headers)

    with scripted(Refusing(100_000)) as server:
        with pytest.raises(e.ConnectionClosed, match="403"):
            await connect(server.url).files.download("f1")


async def test_progress_of_a_download_ends_with_its_size(connect: Any, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with scripted(Ranges(100_000)) as server:
        await connect(server.url).files.download("f1", tmp_path / "a", progress=lambda *now: seen.append(now))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


async def test_an_exception_of_progress_ends_the_download_and_leaves_nothing(
    connect: Any, tmp_path: Path
) -> None:
    def stop(_done: int, _total: int | None) -> None:
        raise KeyError("enough")

    with scripted(Ranges()) as server:
        with pytest.raises(KeyError, match="enough"):
            await connect(server.url).files.download("f1", tmp_path / "a", progress=stop)
    assert list(tmp_path.iterdir()) == []


async def test_a_file_too_large_for_memory_says_where_it_could_go(connect: Any, tmp_path: Path) -> None:
    with scripted(Ranges()) as server:
        client = connect(server.url, max_response_size=len(CONTENT) - 1)
        with pytest.raises(e.DecodeError, match="download it to a path"):
            await client.files.download("f1")
        assert (await client.files.download("f1", tmp_path / "a")).read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", "..\\escaped", "%2e%2e%2fescaped"])
async def test_a_name_from_the_server_stays_in_the_folder(connect: Any, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    reply = answer(b"x", Content_Disposition=f'attachment; filename="{name}"')
    with scripted(serve(reply)) as server:
        written = await connect(server.url).files.download("f1", folder)
    assert written == folder / "escaped"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [written]


async def test_a_name_that_is_taken_gets_a_number_and_a_link_is_not_followed(
    connect: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"mine")
    (tmp_path / "a (2).txt").symlink_to(tmp_path / "elsewhere")
    with scripted(serve(answer(b"x", Content_Disposition='attachment; filename="a.txt"'))) as server:
        written = await connect(server.url).files.download("f1", tmp_path)
    assert written == tmp_path / "a (3).txt"
    assert (tmp_path / "a.txt").read_bytes() == b"mine"
    assert not (tmp_path / "elsewhere").exists()


async def test_a_path_that_cannot_be_written_is_named(connect: Any, tmp_path: Path) -> None:
    with scripted(Ranges()) as server:
        with pytest.raises(e.LocalFileError, match="absent"):
            await connect(server.url).files.download("f1", tmp_path / "absent" / "a")


async def test_what_cannot_take_a_file_is_refused_before_anything_is_sent(connect: Any) -> None:
    with pytest.raises(e.InvalidRequest, match="not to int"):
        await connect("http://127.0.0.1:1").files.download("f1", 3)
