import email.parser
import email.policy
import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.models import UploadFileMultipartData
from matterapi.types import FileInfo
from tests.support.scripted import Connection, answer, scripted, serve

UPLOADED = answer(b'{"file_infos":[{"id":"f1","name":"a"}],"client_ids":[]}', "201 Created")


class Uploads:
    """Takes uploads and keeps their headers and parts."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.requests: list[tuple[dict[str, str], bytes]] = []

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            if "/users/login" in request[0]:
                connection.send(answer(Token="t"))
                continue
            self.requests.append(request[1:])
            connection.send(self.answers.pop(0) if self.answers else UPLOADED)

    def parts(self, number: int = -1) -> list[tuple[str, str | None, bytes]]:
        """Field name, file name and content of each part, as an independent parser reads them."""
        headers, body = self.requests[number]
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        return [
            (
                str(part.get_param("name", header="content-disposition")),
                part.get_filename(),
                part.get_payload(decode=True),  # type: ignore[misc]
            )
            for part in message.iter_parts()  # type: ignore[attr-defined]
        ]


class Stream(io.RawIOBase):
    """A binary file object that can only be read, once."""

    def __init__(self, content: bytes) -> None:
        self._left = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._left.readinto(buffer)


async def test_paths_file_objects_and_bytes_go_out_in_their_order(connect: Any, tmp_path: Path) -> None:
    path = tmp_path / "写真 1.bin"
    path.write_bytes(b"from a path")
    (tmp_path / "open.txt").write_bytes(b"from a file object")
    uploads = Uploads()
    with scripted(uploads) as server, (tmp_path / "open.txt").open("rb") as opened:
        opened.read(5)  # a file object is sent from its beginning
        await connect(server.url).files.upload(
            "c1", path, opened, ("named.txt", b"from bytes"), ("stream.txt", Stream(b"from a stream"))
        )
    assert [(name, content) for _, name, content in uploads.parts()] == [
        ("写真 1.bin", b"from a path"),
        ("open.txt", b"from a file object"),
        ("named.txt", b"from bytes"),
        ("stream.txt", b"from a stream"),
    ]


async def test_text_is_the_path_of_a_file(
    connect: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.txt").write_bytes(b"all is well")
    uploads = Uploads()
    with scripted(uploads) as server:
        client = connect(server.url)
        await client.files.upload("c1", "report.txt", ("other.txt", str(tmp_path / "report.txt")))
        await client.files.upload_file(channel_id="c1", multipart_data={"files": "report.txt"})
        await client.brand.upload_brand_image(multipart_data={"image": "report.txt"})
        await client.uploads.upload_data("u1", form_data="report.txt")
    assert [uploads.parts(number) for number in range(3)] == [
        [("files", "report.txt", b"all is well"), ("files", "other.txt", b"all is well")],
        [("files", "report.txt", b"all is well")],
        [("image", "report.txt", b"all is well")],
    ]
    assert uploads.requests[3][1] == b"all is well"


async def test_text_that_names_no_file_is_an_error_and_nothing_is_sent(connect: Any) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        client = connect(server.url)
        for text in ("absent.txt", "", "the content of a file\n", "x" * 100_000):
            for call in (
                client.files.upload("c1", text),
                client.files.upload("c1", ("a.txt", text), resumable=True),
                client.files.upload_file(multipart_data={"channel_id": "c1", "files": ["a", text]}),
                client.emoji.create_emoji(multipart_data={"emoji": {"name": "x"}, "image": text}),
                client.users.set_profile_image("me", multipart_data={"image": FileInfo(payload=text)}),
                client.uploads.upload_data("u1", form_data=text),
            ):
                with pytest.raises(e.LocalFileError):
                    await call
    assert uploads.requests == []


async def test_an_upload_without_a_file_is_refused_and_nothing_is_sent(connect: Any) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        files = connect(server.url).files
        for data in ({}, {"channel_id": "c1"}, UploadFileMultipartData(channel_id="c1", files=[])):
            with pytest.raises(e.InvalidRequest, match="file"):
                await files.upload_file(channel_id="c1", filename="a.txt", multipart_data=data)
    assert uploads.requests == []


async def test_the_length_is_announced_when_it_is_known_and_chunked_otherwise(connect: Any) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        client = connect(server.url)
        await client.files.upload("c1", ("a", b"x" * 200_000))
        await client.files.upload("c1", ("a", Stream(b"x" * 200_000)))
    known, unknown = uploads.requests
    assert int(known[0]["content-length"]) == len(known[1])
    assert "content-length" not in unknown[0]
    assert unknown[0]["transfer-encoding"] == "chunked"
    assert uploads.parts(0)[0][2] == uploads.parts(1)[0][2] == b"x" * 200_000


async def test_a_file_that_is_not_there_is_named_and_nothing_is_sent(connect: Any, tmp_path: Path) -> None:
    uploads = Uploads()
    with scripted(uploads) as server:
        with pytest.raises(e.LocalFileError, match=r"absent\.png"):
            await connect(server.url).files.upload("c1", tmp_path / "absent.png")
        with pytest.raises(e.LocalFileError, match="regular file"):
            await connect(server.url).files.upload("c1", tmp_path)
    assert uploads.requests == []


async def test_a_text_file_object_is_refused(connect: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    with (tmp_path / "a.txt").open() as opened, pytest.raises(e.InvalidRequest, match="binary"):
        await connect("http://127.0.0.1:1").files.upload("c1", opened)


async def test_a_file_object_that_fails_ends_the_call_with_its_reason(connect: Any) -> None:
    class Failing(Stream):
        def readinto(self, buffer: Any) -> int:
            raise OSError("the disk is gone")

    with scripted(Uploads()) as server:
        with pytest.raises(e.LocalFileError, match="the disk is gone"):
            await connect(server.url).files.upload("c1", ("a", Failing(b"")))


EXPIRED = answer(
    b'{"id":"api.context.session_expired.app_error","message":"m","status_code":401}', "401 Unauthorized"
)
PASSWORD = {"login_id": "ann", "password": "pw"}


async def test_an_upload_is_repeated_after_a_new_login_if_it_can_be_read_again(connect: Any) -> None:
    uploads = Uploads(EXPIRED)
    with scripted(uploads) as server:
        await connect(server.url, PASSWORD).files.upload("c1", ("a", io.BytesIO(b"again")))
    assert [uploads.parts(0), uploads.parts(1)] == [[("files", "a", b"again")]] * 2


async def test_an_upload_that_cannot_be_read_again_says_so(connect: Any) -> None:
    uploads = Uploads(EXPIRED)
    with scripted(uploads) as server:
        with pytest.raises(e.NoAccessTokenProvided, match="cannot be sent twice"):
            await connect(server.url, PASSWORD).files.upload("c1", ("a", Stream(b"once")))
    assert len(uploads.requests) == 1


async def test_a_large_upload_is_streamed_while_the_server_reads(connect: Any) -> None:
    started = threading.Event()

    class Slow(Stream):
        """Gives its second half only after the server has seen the first."""

        def readinto(self, buffer: Any) -> int:
            if self._left.tell() > 500_000:
                assert started.wait(30)
            return super().readinto(buffer)

    def script(connection: Connection) -> None:
        connection.read_headers()
        connection.socket.recv(1000)
        started.set()
        tail = b""
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            tail = (tail + connection.socket.recv(65536))[-16:]
        connection.send(UPLOADED)
        connection.wait_closed()

    with scripted(script) as server:
        await connect(server.url).files.upload("c1", ("a", Slow(b"x" * 1_000_000)))
    assert started.is_set()


async def test_a_download_to_memory_is_a_response_with_its_content(connect: Any) -> None:
    with scripted(serve(answer(b"\x00binary", content_type="image/png"))) as server:
        response = await connect(server.url).files.get_file("f1")
    assert (response.status_code, response.content) == (200, b"\x00binary")
    assert response.headers["Content-Type"] == "image/png"


async def test_a_download_to_a_path_replaces_the_file_when_it_is_whole(connect: Any, tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    asked: list[str | None] = []

    def script(connection: Connection) -> None:
        request = connection.read_request()
        assert request is not None
        asked.append(request[1].get("accept-encoding"))
        connection.send(answer(b"new" * 100_000, content_type="image/png"))
        connection.wait_closed()

    with scripted(script) as server:
        assert await connect(server.url).files.download("f1", target) == target
    assert target.read_bytes() == b"new" * 100_000
    assert list(tmp_path.iterdir()) == [target]
    assert asked == ["identity"]


async def test_a_download_that_breaks_off_leaves_the_old_file_and_nothing_else(
    connect: Any, tmp_path: Path
) -> None:
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    with scripted(lambda c: c.read_request() and c.send(answer(b"new" * 1000)[:-5])) as server:
        with pytest.raises(e.ConnectionClosed):
            await connect(server.url).files.download("f1", target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


async def test_an_error_instead_of_a_file_is_raised_and_not_written(connect: Any, tmp_path: Path) -> None:
    body = json.dumps({"id": "x.app_error", "message": "no such file", "status_code": 404}).encode()
    with scripted(serve(answer(body, "404 Not Found"))) as server:
        with pytest.raises(e.ResourceNotFound, match="no such file"):
            await connect(server.url).files.download("f1", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
