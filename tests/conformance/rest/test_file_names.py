"""Names of files: as Go's form parser reads them, and as they are shown (app/file.go, app/upload.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from tests.conformance.rest.wire import form

if TYPE_CHECKING:
    from tests.conformance.http import Answer, Http

TOO_LONG = "x" * 296 + ".txt"


def _upload(user: Http, channel: Any, sent: str) -> Answer:
    body, headers = form(("channel_id", None, channel["id"].encode()), ("files", sent, b"text"))
    return user.post("/files", body, headers)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a%22b.txt", "a%22b.txt"),
        (r"a\"b.txt", 'a"b.txt'),
        (r"a\\b.txt", r"a\b.txt"),
        (r"a\b.txt", r"a\b.txt"),
        (r"a\(b.txt", "a(b.txt"),
        ("dir/a.txt", "a.txt"),
        ("ü€.txt", "ü€.txt"),
        (" a .txt", " a .txt"),
    ],
)
def test_a_backslash_goes_before_what_it_protects_and_percent_stays(
    admin: Http, channel: Any, sent: str, kept: str
) -> None:
    """mime/mediatype.go, consumeValue; path/filepath, Base."""
    answer = _upload(admin, channel, sent)
    assert (answer.status, answer.json["file_infos"][0]["name"]) == (201, kept)


@pytest.mark.parametrize("name", ["..", "x" * 256, "ü" * 128, TOO_LONG])
def test_a_name_that_no_file_can_have_is_refused(admin: Http, channel: Any, name: str) -> None:
    """app/file.go, UploadFileX: the file system says no, to `..` once the user has a file in the channel."""
    assert _upload(admin, channel, "x" * 255).status == 201
    assert _upload(admin, channel, name).failure == (500, "api.file.write_file.app_error")


def test_a_session_for_a_name_too_long_is_not_opened(admin: Http, channel: Any) -> None:
    """app/upload.go, CreateUploadSession: the database says no."""
    body = {"channel_id": channel["id"], "filename": TOO_LONG, "file_size": 3}
    assert admin.post("/uploads", body).failure == (500, "app.upload.create.save.app_error")


def test_what_is_no_image_but_called_one_is_no_upload_of_a_session(admin: Http, channel: Any) -> None:
    """app/upload.go, genFileInfoFromReader: the size of the image is wanted."""
    session = admin.made("/uploads", {"channel_id": channel["id"], "filename": "a.png", "file_size": 4})
    answer = admin.post(f"/uploads/{session['id']}", b"fake")
    assert answer.failure == (500, "app.upload.upload_data.gen_info.app_error")


def test_what_is_no_image_but_called_one_is_a_file_all_the_same(admin: Http, channel: Any) -> None:
    """app/file.go, preprocessImage: a picture that cannot be read has no preview."""
    body, headers = form(("channel_id", None, channel["id"].encode()), ("files", "a.png", b"fake"))
    info = admin.post("/files", body, headers).json["file_infos"][0]
    assert (info["size"], info["mime_type"], "has_preview_image" in info) == (4, "image/png", False)


def test_a_body_that_says_it_is_a_form_leaves_nothing_for_the_file(admin: Http, channel: Any) -> None:
    """api4/file.go, uploadFileStream: reading the query reads the body as well."""
    path = f"/files?channel_id={channel['id']}&filename=a.txt"
    answer = admin.post(path, b"text", {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.json["file_infos"][0]["size"]) == (201, 0)
    answer = admin.post(path, b"text", {"Content-Type": "text/plain"})
    assert (answer.status, answer.json["file_infos"][0]["size"]) == (201, 4)


def test_some_signs_of_a_name_stay_as_they_are(admin: Http, channel: Any) -> None:
    """net/url, PathEscape: the header escapes as a segment of a path."""
    name = "a=b+c&d:e@f$g;h,i?j k~l.txt"
    path = f"/files?channel_id={channel['id']}&filename={quote(name, safe='')}"
    file_id = admin.post(path, b"text").json["file_infos"][0]["id"]
    shown = "a=b+c&d:e@f$g%3Bh%2Ci%3Fj%20k~l.txt"
    expected = f"attachment;filename=\"{shown}\"; filename*=UTF-8''{shown}"
    assert admin.get(f"/files/{file_id}").header("Content-Disposition") == expected
