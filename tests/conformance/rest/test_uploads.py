"""Upload sessions (api4/upload.go, app/upload.go), and the two odd streams of JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY, form
from tests.conformance.settings import settings

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Answer
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

MIB = 1024 * 1024
FIRST = 5 * MIB


def _session(user: Http, channel: Any, size: int, **fields: Any) -> Any:
    body = {"channel_id": channel["id"], "filename": "a.bin", "file_size": size}
    return user.made("/uploads", {**body, **fields})


def _send(user: Http, session: Any, data: bytes, headers: dict[str, str] | None = None) -> Answer:
    return user.post(f"/uploads/{session['id']}", data, headers)


def test_a_session_tells_how_much_has_come(admin: Http, channel: Any) -> None:
    """model/upload_session.go."""
    session = _session(admin, channel, 10)
    assert (session["file_offset"], session["file_size"], session["type"]) == (0, 10, "attachment")
    assert session["user_id"] == admin.id
    assert admin.get(f"/uploads/{session['id']}").json["file_offset"] == 0
    assert session["id"] in [one["id"] for one in admin.get("/users/me/uploads").json]


@pytest.mark.parametrize(("given", "kept"), [("", "."), ("a/b.txt", "b.txt"), ("a/", "a")])
def test_a_name_is_that_of_a_file_without_its_folders(
    admin: Http, channel: Any, given: str, kept: str
) -> None:
    """api4/upload.go, createUpload: filepath.Base; every type but import is an attachment."""
    session = _session(admin, channel, 3, filename=given, type="nonsense")
    assert (session["filename"], session["type"]) == (kept, "attachment")


def test_an_import_is_an_admins_and_belongs_to_no_channel(admin: Http, scene: Scene) -> None:
    """api4/upload.go, createUpload: type import."""
    body = {"type": "import", "filename": "a.zip", "file_size": 3}
    assert "channel_id" not in admin.made("/uploads", body)
    assert scene.user().post("/uploads", body).failure == (403, "api.context.permissions.app_error")


def test_a_small_file_comes_whole(admin: Http, channel: Any) -> None:
    """api4/upload.go, uploadData: 200 with the file's info at the end."""
    session = _session(admin, channel, 10)
    answer = _send(admin, session, b"0123456789")
    assert (answer.status, answer.json["size"], answer.json["name"]) == (200, 10, "a.bin")
    assert admin.get(f"/files/{answer.json['id']}").body == b"0123456789"


def test_a_finished_session_is_gone(admin: Http, channel: Any) -> None:
    """app/upload.go, UploadData: deleted at the end."""
    session = _session(admin, channel, 3)
    assert _send(admin, session, b"abc").status == 200
    gone = (404, "app.upload.get.app_error")
    assert admin.get(f"/uploads/{session['id']}").failure == gone
    assert _send(admin, session, b"abc").failure == gone


def test_the_first_part_has_5_mib_or_everything(admin: Http, channel: Any) -> None:
    """platform/shared/filestore, and app/upload.go, UploadData: minFirstPartSize; less is dropped."""
    session = _session(admin, channel, FIRST + 10)
    answer = _send(admin, session, b"x" * (FIRST - 1))
    assert answer.failure == (400, "app.upload.upload_data.first_part_too_small.app_error")
    assert admin.get(f"/uploads/{session['id']}").json["file_offset"] == 0
    answer = _send(admin, session, b"x" * FIRST)
    assert (answer.status, answer.body) == (204, b"")
    assert admin.get(f"/uploads/{session['id']}").json["file_offset"] == FIRST
    answer = _send(admin, session, b"y" * 4)
    assert (answer.status, admin.get(f"/uploads/{session['id']}").json["file_offset"]) == (204, FIRST + 4)
    answer = _send(admin, session, b"z" * 6)
    assert (answer.status, answer.json["size"]) == (200, FIRST + 10)
    content = admin.get(f"/files/{answer.json['id']}").body
    assert content[-10:] == b"yyyyzzzzzz"


def test_more_than_the_rest_is_400(admin: Http, channel: Any) -> None:
    """api4/upload.go, uploadData: Content-Length against what is missing."""
    session = _session(admin, channel, 3)
    answer = _send(admin, session, b"abcd")
    assert answer.failure == (400, "api.upload.upload_data.invalid_content_length")


def test_a_part_may_be_in_a_form(admin: Http, channel: Any) -> None:
    """api4/upload.go, doUploadData: the first part of a multipart body."""
    session = _session(admin, channel, 3)
    body, headers = form(("data", "a.bin", b"abc"))
    answer = _send(admin, session, body, headers)
    assert (answer.status, answer.json["size"]) == (200, 3)


def test_a_session_is_its_users_own(scene: Scene, channel: Any) -> None:
    """api4/upload.go, getUpload and uploadData."""
    session = _session(scene.admin, channel, 3)
    user = scene.user()
    assert user.get(f"/uploads/{session['id']}").failure == (403, "api.upload.get_upload.forbidden.app_error")
    assert _send(user, session, b"abc").failure == (403, "api.context.permissions.app_error")


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"file_size": 0}, (400, "model.upload_session.is_valid.file_size.app_error")),
        ({"file_size": -1}, (400, "model.upload_session.is_valid.file_size.app_error")),
        ({"file_size": 200 * MIB}, (413, "api.upload.create.upload_too_large.app_error")),
        ({"channel_id": NOBODY}, (403, "api.context.permissions.app_error")),
    ],
)
def test_a_session_that_cannot_be_is_refused(
    admin: Http, channel: Any, fields: Any, failure: tuple[int, str]
) -> None:
    """api4/upload.go, createUpload; model/upload_session.go, IsValid."""
    body = {"channel_id": channel["id"], "filename": "a.bin", "file_size": 3, **fields}
    assert admin.post("/uploads", body).failure == failure


def test_files_have_a_most(admin: Http, channel: Any) -> None:
    """api4/upload.go, createUpload: MaxFileSize."""
    with settings(admin, "FileSettings", MaxFileSize=1000):
        body = {"channel_id": channel["id"], "filename": "a.bin", "file_size": 1001}
        answer = admin.post("/uploads", body)
        assert answer.failure == (413, "api.upload.create.upload_too_large.app_error")
        assert admin.post("/uploads", {**body, "file_size": 1000}).status == 201


def test_an_attached_file_is_bound_to_its_post(admin: Http, channel: Any) -> None:
    """app/post.go, attachFilesToPost: other ids are dropped without a word."""
    info = _send(admin, _session(admin, channel, 3), b"abc").json
    body = {"channel_id": channel["id"], "message": "x", "file_ids": [info["id"], NOBODY]}
    post = admin.made("/posts", body)
    assert post["file_ids"] == [info["id"]]
    assert admin.get(f"/files/{info['id']}/info").json["post_id"] == post["id"]
    again = admin.made("/posts", {**body, "pending_post_id": ""})
    assert not again.get("file_ids")


@pytest.fixture
def lonely(target: Target, scene: Scene) -> Http:
    """A user without a single channel."""
    return scene.user()


def test_no_channel_at_all_is_json_that_is_none(lonely: Http) -> None:
    """api4/channel.go, getChannelsForUser: the bracket is written before the first page is read."""
    answer = lonely.get("/users/me/channels")
    assert answer.status == 200
    assert answer.body.startswith(b'[{"id":"app.channel.get_channels.not_found.app_error"')
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(answer.body)


def test_with_compression_its_status_is_404(lonely: Http) -> None:
    """gzhttp: nothing has been sent yet when the error comes."""
    answer = lonely.get("/users/me/channels", {"Accept-Encoding": "gzip"})
    assert answer.status == 404


def test_memberships_can_come_one_a_line(scene: Scene, team: Any) -> None:
    """api4/channel.go, getChannelMembersForUser... page=-1: NDJSON."""
    user = scene.user(team)
    answer = user.get("/users/me/channel_members?page=-1")
    assert (answer.status, answer.media_type) == (200, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert len(lines) == 2
    assert {one["user_id"] for one in lines} == {user.id}
    paged = user.get("/users/me/channel_members?page=0")
    assert (paged.media_type, len(paged.json)) == ("application/json", 2)


def test_no_membership_is_404_there(lonely: Http) -> None:
    """api4/channel.go: an ordinary error before the first line."""
    answer = lonely.get("/users/me/channel_members?page=-1")
    assert answer.failure[0] == 404
