"""Parts of files: net/http, ServeContent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.conformance.rest.wire import form

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Answer, Http
    from tests.conformance.scene import Scene

CONTENT = b"0123456789"


@pytest.fixture(scope="module")
def path(scene: Scene, team: Any) -> str:
    """The path of a file of ten bytes."""
    return _upload(scene, team, "digits.txt", CONTENT)


def _upload(scene: Scene, team: Any, name: str, content: bytes) -> str:
    channel = scene.channel(team)
    body, headers = form(("channel_id", None, channel["id"].encode()), ("files", name, content))
    answer = scene.admin.post("/files", body, headers)
    assert answer.status == 201, answer.body
    return f"/files/{answer.json['file_infos'][0]['id']}"


def _part(admin: Http, path: str, wanted: str, **headers: str) -> Answer:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return admin.get(path, {"Range": wanted, **more})


@pytest.mark.parametrize(
    ("wanted", "body", "told"),
    [
        ("bytes=2-5", b"2345", "bytes 2-5/10"),
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=7-99", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", CONTENT, "bytes 0-9/10"),
        ("bytes= 2-5 ", b"2345", "bytes 2-5/10"),
        ("bytes=,2-5,", b"2345", "bytes 2-5/10"),
        ("bytes=2-5,99-", b"2345", "bytes 2-5/10"),
    ],
)
def test_a_part_is_206(admin: Http, path: str, wanted: str, body: bytes, told: str) -> None:
    """net/http, parseRange."""
    answer = _part(admin, path, wanted)
    assert (answer.status, answer.body, answer.header("Content-Range")) == (206, body, told)
    assert answer.header("Content-Length") == str(len(body))
    assert answer.header("Accept-Ranges") == "bytes"
    assert answer.media_type == "text/plain"


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=10-,20-"])
def test_a_part_behind_the_end_is_416_with_the_size(admin: Http, path: str, wanted: str) -> None:
    """net/http, parseRange: errNoOverlap."""
    answer = _part(admin, path, wanted)
    assert (answer.status, answer.header("Content-Range")) == (416, "bytes */10")
    assert (answer.media_type, answer.body) == ("text/plain", b"invalid range: failed to overlap\n")


@pytest.mark.parametrize("wanted", ["bytes=5-2", "bytes=x-", "bytes=-", "bytes=3", "lines=0-1", "bytes=--1"])
def test_a_part_that_cannot_be_read_is_416_without_one(admin: Http, path: str, wanted: str) -> None:
    """net/http, serveContent: any other error of parseRange."""
    answer = _part(admin, path, wanted)
    assert (answer.status, answer.header("Content-Range")) == (416, None)
    assert answer.body == b"invalid range\n"


def test_several_parts_come_as_multipart(admin: Http, path: str) -> None:
    """net/http, serveContent: multipart/byteranges."""
    answer = _part(admin, path, "bytes=0-1,8-9")
    assert answer.status == 206
    assert answer.header("Content-Range") is None
    found = re.fullmatch(r"multipart/byteranges; boundary=(\w+)", str(answer.header("Content-Type")))
    assert found is not None
    kind = b"Content-Type: text/plain"
    pieces = answer.body.split(b"--" + found[1].encode())
    assert pieces[0] == b""
    assert pieces[3] == b"--\r\n"
    for piece, told, body in (
        (pieces[1], b"bytes 0-1/10", b"01"),
        (pieces[2], b"bytes 8-9/10", b"89"),
    ):
        head, _, rest = piece.partition(b"\r\n\r\n")
        lines = head.removeprefix(b"\r\n").split(b"\r\n")
        assert lines[0] == b"Content-Range: " + told
        assert lines[1].startswith(kind)
        assert rest == body + b"\r\n"


def test_parts_that_sum_up_to_more_than_the_file_give_all_of_it(admin: Http, path: str) -> None:
    """net/http, serveContent: sumRangesSize above the size."""
    answer = _part(admin, path, "bytes=0-5,2-9")
    assert (answer.status, answer.body) == (200, CONTENT)


def test_a_part_of_a_large_file_is_not_compressed(admin: Http, scene: Scene, team: Any) -> None:
    """gzhttp: an answer with Content-Range is passed on."""
    path = _upload(scene, team, "long.txt", b"x" * 5000)
    answer = _part(admin, path, "bytes=0-3999", Accept_Encoding="gzip")
    assert (answer.status, len(answer.body)) == (206, 4000)
    assert answer.header("Content-Encoding") is None
    whole = admin.get(path, {"Accept-Encoding": "gzip"})
    assert whole.header("Content-Encoding") == "gzip"
    assert whole.header("Accept-Ranges") is None
    assert whole.header("X-Uncompressed-Content-Length") == "5000"


def test_if_range_asks_for_the_same_file(admin: Http, path: str) -> None:
    """net/http, checkIfRange: by Last-Modified, for there is no ETag."""
    modified = str(admin.get(path).header("Last-Modified"))
    assert admin.get(path).header("ETag") is None
    assert _part(admin, path, "bytes=0-1", If_Range=modified).status == 206
    for stale in ("Mon, 02 Jan 2006 15:04:05 GMT", '"etag"', "rubbish"):
        answer = _part(admin, path, "bytes=0-1", If_Range=stale)
        assert (answer.status, answer.body) == (200, CONTENT), stale


def test_a_file_that_has_not_changed_is_304(admin: Http, path: str) -> None:
    """net/http, checkIfModifiedSince; it goes before a Range."""
    modified = str(admin.get(path).header("Last-Modified"))
    answer = _part(admin, path, "bytes=0-1", If_Modified_Since=modified)
    assert (answer.status, answer.body) == (304, b"")
    assert admin.get(path, {"If-Modified-Since": "Mon, 02 Jan 2006 15:04:05 GMT"}).status == 200


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("a.txt", "attachment", "text/plain"),
        ("a.html", "attachment", "text/plain"),
        ("a.js", "attachment", "text/plain"),
        ("a.json", "attachment", "application/json"),
        ("a.pdf", "attachment", "application/pdf"),
        ("a.mp4", "inline", "video/mp4"),
    ],
)
def test_what_a_browser_could_run_is_disarmed(
    scene: Scene, team: Any, name: str, kind: str, media_type: str
) -> None:
    """web/files.go, WriteFileResponse: content types that are shown, and those turned into text."""
    answer = scene.admin.get(_upload(scene, team, name, b"<x>"))
    assert answer.media_type == media_type
    assert answer.header("Content-Disposition") == f"{kind};filename=\"{name}\"; filename*=UTF-8''{name}"
    assert answer.header("X-Content-Type-Options") == "nosniff"


def test_a_name_is_percent_encoded(admin: Http, scene: Scene, team: Any) -> None:
    """web/files.go, WriteFileResponse: url.PathEscape."""
    answer = admin.get(_upload(scene, team, "ein Bär.txt", b"x"))
    name = "ein%20B%C3%A4r.txt"
    assert answer.header("Content-Disposition") == (
        f"attachment;filename=\"{name}\"; filename*=UTF-8''{name}"
    )


def test_an_image_can_be_asked_for_as_a_download(admin: Http, scene: Scene, team: Any) -> None:
    """api4/file.go, getFile: download=1."""
    path = _upload(scene, team, "a.mp4", b"x")
    assert str(admin.get(path).header("Content-Disposition")).startswith("inline;")
    assert str(admin.get(path + "?download=1").header("Content-Disposition")).startswith("attachment;")


@pytest.mark.parametrize("form", ["thumbnail", "preview"])
def test_what_is_no_image_has_no_picture(admin: Http, path: str, form: str) -> None:
    """api4/file.go, getFileThumbnail and getFilePreview."""
    missing = {"thumbnail": "no_thumbnail", "preview": "no_preview"}[form]
    answer = admin.get(f"{path}/{form}")
    assert answer.failure == (400, f"api.file.get_file_{form}.{missing}.app_error")
