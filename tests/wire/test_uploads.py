"""Uploads: iterators, progress, and sessions that go on after a cut."""

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from matterapi import SyncClient
from matterapi.client import exceptions as e
from tests.support.scripted import Connection, answer, scripted, serve
from tests.wire.test_files import EXPIRED, PASSWORD, Uploads

PIECES = [b"first ", b"", b"second ", b"x" * 300_000]


def pieces(kind: str) -> Iterator[bytes] | AsyncIterator[bytes]:
    """An iterator of `PIECES` of the client's own kind."""

    async def awaited() -> AsyncIterator[bytes]:
        for piece in PIECES:
            await asyncio.sleep(0)
            yield piece

    return awaited() if kind == "async" else iter(PIECES)


@pytest.mark.parametrize("source", ["sync", "async"])
async def test_iterators_are_sent_piece_by_piece(connect: Any, kind: str, source: str) -> None:
    if (kind, source) == ("sync", "async"):
        pytest.skip("see the next test")
    uploads = Uploads()
    with scripted(uploads) as server:
        await connect(server.url).files.upload(
            "c1", ("a", pieces(source)), ("b", b"bytes"), ("c", pieces(source))
        )
    whole = b"".join(PIECES)
    assert uploads.parts() == [("files", "a", whole), ("files", "b", b"bytes"), ("files", "c", whole)]
    assert uploads.requests[0][0]["transfer-encoding"] == "chunked"


def test_the_sync_client_refuses_an_async_iterator() -> None:
    client = SyncClient(options={"url": "http://127.0.0.1:1"})
    with pytest.raises(e.InvalidRequest, match="AsyncClient only"):
        client.files.upload("c1", ("a", pieces("async")))


async def test_the_drop_in_method_takes_iterators_too(connect: Any, kind: str) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        data = {"channel_id": "c1", "files": [("a", pieces(kind))]}
        await connect(server.url).files.upload_file(multipart_data=data)
    assert uploads.parts() == [("channel_id", None, b"c1"), ("files", "a", b"".join(PIECES))]


async def test_an_iterator_that_fails_ends_the_call_with_its_reason(connect: Any, kind: str) -> None:
    def failing() -> Iterator[bytes]:
        yield b"x"
        raise ValueError("no more")

    async def failing_later() -> AsyncIterator[bytes]:
        for piece in failing():
            yield piece

    with scripted(Uploads()) as server:
        with pytest.raises(e.LocalFileError, match="ValueError: no more") as caught:
            source = failing_later() if kind == "async" else failing()
            await connect(server.url).files.upload("c1", ("a", source))
    if kind == "async":
        assert isinstance(caught.value.__cause__, ValueError)


async def test_an_iterator_of_something_else_is_refused(connect: Any) -> None:
    with scripted(Uploads()) as server:
        with pytest.raises(e.LocalFileError, match="pieces of bytes, not str"):
            await connect(server.url).files.upload("c1", ("a", iter(["text"])))


async def test_an_iterator_is_never_sent_twice(connect: Any, kind: str) -> None:
    uploads = Uploads(EXPIRED)
    with scripted(uploads) as server:
        with pytest.raises(e.NoAccessTokenProvided, match="cannot be sent twice"):
            await connect(server.url, PASSWORD).files.upload("c1", ("a", pieces(kind)))
    assert len(uploads.requests) == 1


async def test_an_async_iterator_is_closed_when_the_server_refuses(connect: Any, kind: str) -> None:
    if kind == "sync":
        pytest.skip("async iterators only")
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    def script(connection: Connection) -> None:
        connection.read_headers()
        connection.send(answer(b"{}", "403 Forbidden", Connection="close"))

    with scripted(script) as server:
        with pytest.raises((e.NotEnoughPermissions, e.ConnectionClosed)):
            await connect(server.url).files.upload("c1", ("a", endless()))
    assert closed.is_set()


@pytest.mark.parametrize("name", ["写真.txt", "файл.txt", "צילום.pdf", "नमस्ते", "a b+c&d=e%41.txt", "😀"])
async def test_names_in_any_script_arrive(client: Any, kind: str, name: str) -> None:
    team = await client.teams.create_team(json_body={"name": "core", "display_name": "Core", "type": "O"})
    channel = await client.channels.create_channel(
        json_body={"team_id": team.id, "name": "files", "display_name": "Files", "type": "O"}
    )
    (info,) = await client.files.upload(channel.id, (name, b"content"))
    assert info.name == name
    (again,) = await client.files.upload(channel.id, (name, b"content"), resumable=True)
    assert (again.name, again.size) == (name, 7)
    async with client.files.stream(info.id) as stream:
        assert stream.name == name


async def test_progress_counts_the_body_up_to_its_size(connect: Any) -> None:
    seen: list[tuple[int, int | None]] = []
    uploads = Uploads()
    with scripted(uploads) as server:
        await connect(server.url).files.upload(
            "c1", ("a", b"x" * 3_000_000), progress=lambda *now: seen.append(now)
        )
    size = len(uploads.requests[0][1])
    assert seen[-1] == (size, size)
    assert {total for _, total in seen} == {size}
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


async def test_progress_of_an_unknown_size_has_no_total(connect: Any, kind: str) -> None:
    seen: list[tuple[int, int | None]] = []
    with scripted(Uploads()) as server:
        await connect(server.url).files.upload(
            "c1", ("a", pieces(kind)), progress=lambda *now: seen.append(now)
        )
    assert seen[-1][0] > 300_000
    assert {total for _, total in seen} == {None}


async def test_an_exception_of_progress_ends_the_upload_and_its_connection(connect: Any) -> None:
    def stop(_done: int, _total: int | None) -> None:
        raise KeyError("enough")

    def script(connection: Connection) -> None:
        try:
            connection.wait_closed()
        finally:
            server.seen.put("closed")

    with scripted(script) as server:
        with pytest.raises(KeyError, match="enough"):
            await connect(server.url).files.upload("c1", ("a", b"x" * 50_000_000), progress=stop)
        assert server.seen.get(timeout=30) == "closed"


async def test_a_coroutine_function_is_no_progress(connect: Any) -> None:
    async def progress(_done: int, _total: int | None) -> None: ...

    with pytest.raises(e.InvalidRequest, match="plain function"):
        await connect("http://127.0.0.1:1").files.upload("c1", b"x", progress=progress)


MIN_FIRST = 5 * 1024 * 1024


class Sessions:
    """Upload sessions as the server keeps them, with connections cut after so many bytes of data.

    No data is read before `go` is set.
    """

    def __init__(self, *cuts: int, lose_answer: bool = False, go: threading.Event | None = None) -> None:
        self.cuts = list(cuts)
        self.go = go
        self.lose_answer = lose_answer
        self.data: bytes | None = None
        self.size = 0
        self.log: list[str] = []

    def __call__(self, connection: Connection) -> None:
        while (head := connection._read_until(b"\r\n\r\n")) is not None:
            line, *fields = head.decode("latin-1").split("\r\n")
            headers = dict(field.lower().split(": ", 1) for field in fields)
            verb, path, _ = line.split()
            length = int(headers.get("content-length", "0"))
            if verb == "GET":
                self.log.append("ask")
                if self.data is None:
                    connection.send(answer(b'{"id":"gone","message":"m","status_code":404}', "404 Not Found"))
                else:
                    connection.send(answer(self.session()))
            elif path.endswith("/uploads"):
                self.size = json.loads(connection.read_exactly(length))["file_size"]
                self.data = b""
                self.log.append("create")
                connection.send(answer(self.session(), "201 Created"))
            elif not self.take(connection, length):
                return

    def session(self) -> bytes:
        fields = {"id": "u1", "file_size": self.size, "file_offset": len(self.data or b"")}
        return json.dumps(fields).encode()

    def take(self, connection: Connection, length: int) -> bool:
        cut = self.cuts.pop(0) if self.cuts else None
        assert self.data is not None
        assert self.go is None or self.go.wait(30)
        got = connection.read_exactly(length if cut is None else min(cut, length))
        self.log.append(f"data from {len(self.data)}")
        if self.data or len(got) >= MIN_FIRST or len(got) == self.size:
            self.data += got
        if cut is not None:
            connection.reset()
            return False
        assert len(self.data) == self.size
        content, self.data = self.data, None
        if self.lose_answer:
            connection.reset()
            return False
        connection.send(answer(json.dumps({"id": "f1", "size": len(content)}).encode()))
        self.content = content
        return True


BIG = bytes(range(256)) * (48 * 1024)  # 12 MiB


@pytest.mark.parametrize("source", ["bytes", "path", "object"])
async def test_a_cut_session_goes_on_where_the_server_is(connect: Any, tmp_path: Path, source: str) -> None:
    (tmp_path / "big.bin").write_bytes(BIG)
    content: Any = {"bytes": BIG, "path": tmp_path / "big.bin", "object": io.BytesIO(BIG)}[source]
    sessions = Sessions(1_000_000, 6_000_000, 10)
    with scripted(sessions) as server:
        (info,) = await connect(server.url).files.upload("c1", ("big.bin", content), resumable=True)
    assert (info.id, info.size) == ("f1", len(BIG))
    assert sessions.content == BIG
    # Less than 5 MiB of a first piece are dropped by the server.
    assert sessions.log == [
        "create",
        "data from 0",
        "ask",
        "data from 0",
        "ask",
        "data from 6000000",
        "ask",
        "data from 6000010",
    ]


async def test_progress_of_a_session_goes_on_too(connect: Any) -> None:
    seen: list[tuple[int, int | None]] = []
    told = threading.Event()

    def progress(done: int, total: int | None) -> None:
        seen.append((done, total))
        told.set()

    with scripted(Sessions(6_000_000, go=told)) as server:
        await connect(server.url).files.upload(
            "c1", ("a", BIG), ("b", b"xyz"), progress=progress, resumable=True
        )
    assert seen[-1] == (len(BIG) + 3, len(BIG) + 3)
    assert {total for _, total in seen} == {len(BIG) + 3}
    # The rest counts from where it began.
    assert (len(BIG), len(BIG) + 3) in seen


async def test_cuts_with_progress_between_them_are_not_counted(connect: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("matterapi.endpoints.upload_session.random.random", lambda: 0.0)
    sessions = Sessions(6_000_000, *[1000] * 9, 0, 0, 0)
    with scripted(sessions) as server:
        await connect(server.url).files.upload("c1", ("a", BIG), resumable=True)
    assert sessions.content == BIG
    assert sessions.log.count("ask") == 13


async def test_a_session_that_gets_no_further_ends_with_the_cut(connect: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("matterapi.endpoints.upload_session.random.random", lambda: 0.0)
    sessions = Sessions(*[10] * 30)
    with scripted(sessions) as server:
        with pytest.raises(e.ConnectionClosed):
            await connect(server.url).files.upload("c1", ("a", BIG), resumable=True)
    assert sessions.log.count("data from 0") == 5


async def test_a_lost_last_answer_is_said_and_nothing_is_sent_twice(connect: Any) -> None:
    sessions = Sessions(lose_answer=True)
    with scripted(sessions) as server:
        with pytest.raises(e.ConnectionClosed, match="its answer was lost") as caught:
            await connect(server.url).files.upload("c1", ("a", BIG), resumable=True)
    assert not caught.value.retryable
    assert sessions.log == ["create", "data from 0", "ask"]


async def test_a_refused_session_is_the_servers_error(connect: Any) -> None:
    body = b'{"id":"api.upload.create.upload_too_large.app_error","message":"m","status_code":413}'
    with scripted(lambda c: c.read_request() and c.send(answer(body, "413 Too Large"))) as server:
        with pytest.raises(e.ContentTooLarge):
            await connect(server.url).files.upload("c1", ("a", BIG), resumable=True)


async def test_what_can_be_read_only_once_is_no_resumable_upload(connect: Any, tmp_path: Path) -> None:
    files = connect("http://127.0.0.1:1").files
    with pytest.raises(e.InvalidRequest, match="can be read again"):
        await files.upload("c1", ("a", iter([b"x"])), resumable=True)
    with pytest.raises(e.LocalFileError, match="absent"):
        await files.upload("c1", tmp_path / "absent", resumable=True)
    with pytest.raises(e.InvalidRequest, match="at least one file"):
        await files.upload("c1")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"7"])
@pytest.mark.parametrize("resumable", [False, True])
async def test_an_answer_of_another_shape_is_a_decode_error(
    connect: Any, body: bytes, resumable: bool
) -> None:
    with scripted(serve(answer(body, "201 Created"))) as server:
        with pytest.raises(e.DecodeError, match="cannot go on"):
            await connect(server.url).files.upload("c1", ("a", b"x"), resumable=resumable)


@pytest.mark.parametrize("offset", [b'"many"', b"-1", b"99999999999", b"[]", b"1.5"])
async def test_an_offset_that_is_none_is_a_decode_error(
    connect: Any, monkeypatch: Any, offset: bytes
) -> None:
    monkeypatch.setattr("matterapi.endpoints.upload_session.random.random", lambda: 0.0)

    class Lost(Sessions):
        def session(self) -> bytes:
            found = super().session()
            return found.replace(b'"file_offset": 6000000', b'"file_offset": ' + offset)

    with scripted(Lost(6_000_000)) as server:
        with pytest.raises(e.DecodeError, match="the server has"):
            await connect(server.url).files.upload("c1", ("a", BIG), resumable=True)
