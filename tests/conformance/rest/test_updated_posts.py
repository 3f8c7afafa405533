"""PUT /posts/{id} replaces a post, PUT /posts/{id}/patch changes it (app/post.go, UpdatePost, PatchPost)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.rest.wire import NOBODY, form

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene


@pytest.fixture
def file_id(admin: Http, channel: Any) -> str:
    """A file of the admin's that no post has."""
    return upload(admin, channel)


def upload(user: Http, channel: Any, name: str = "a.txt") -> str:
    body, headers = form(("channel_id", None, channel["id"].encode()), ("files", name, b"text"))
    answer = user.post("/files", body, headers)
    assert answer.status == 201, answer.body
    return str(answer.json["file_infos"][0]["id"])


@pytest.fixture
def full(admin: Http, scene: Scene, channel: Any, file_id: str) -> Any:
    """A pinned reply with props, a file and a reaction."""
    root = scene.post(channel)
    post = scene.post(channel, "full", root_id=root["id"], props={"mine": "x"}, file_ids=[file_id])
    admin.post(f"/posts/{post['id']}/pin")
    reaction = {"user_id": admin.id, "post_id": post["id"], "emoji_name": "smile"}
    admin.made("/reactions", reaction)
    return admin.get(f"/posts/{post['id']}").json


def _put(user: Http, post: Any, **fields: Any) -> Any:
    answer = user.put(f"/posts/{post['id']}", {"id": post["id"], **fields})
    assert answer.status == 200, answer.body
    return answer.json


def test_what_an_update_leaves_out_is_emptied(admin: Http, full: Any) -> None:
    """app/post.go, UpdatePost: message, pin and props are taken from the body as it is."""
    assert (full["is_pinned"], full["props"], full["has_reactions"]) == (True, {"mine": "x"}, True)
    got = _put(admin, full)
    assert (got["message"], got["is_pinned"], got["props"]) == ("", False, {})
    assert admin.get(f"/posts/{full['id']}").json["message"] == ""


@pytest.mark.parametrize("fields", [{"message": None, "props": None, "is_pinned": None}])
def test_null_empties_too(admin: Http, full: Any, fields: dict[str, Any]) -> None:
    """encoding/json: null leaves the zero value."""
    got = _put(admin, full, **fields)
    assert (got["message"], got["is_pinned"], got["props"]) == ("", False, {})


def test_an_update_keeps_thread_channel_and_author(admin: Http, full: Any) -> None:
    """app/post.go, UpdatePost: the rest is the stored post's."""
    got = _put(admin, full, message="new", root_id="", channel_id=NOBODY, user_id=NOBODY, create_at=5)
    kept = ("root_id", "channel_id", "user_id", "create_at")
    assert [got[key] for key in kept] == [full[key] for key in kept]
    assert got["message"] == "new"


def test_an_update_hides_the_reactions_it_does_not_mention(admin: Http, full: Any) -> None:
    """app/post.go, UpdatePost: `has_reactions` is the body's; the reactions stay where they are."""
    got = _put(admin, full, message="x")
    assert "has_reactions" not in got
    assert "reactions" not in admin.get(f"/posts/{full['id']}").json["metadata"]
    assert [one["emoji_name"] for one in admin.get(f"/posts/{full['id']}/reactions").json] == ["smile"]


def test_an_update_that_mentions_the_reactions_keeps_them(admin: Http, full: Any) -> None:
    """app/post.go, UpdatePost."""
    got = _put(admin, full, message="x", has_reactions=True)
    assert got["has_reactions"] is True
    assert [one["emoji_name"] for one in got["metadata"]["reactions"]] == ["smile"]


@pytest.mark.parametrize("fields", [{}, {"file_ids": None}])
def test_an_update_without_files_keeps_them(
    admin: Http, full: Any, file_id: str, fields: dict[str, Any]
) -> None:
    """api4/post.go, updatePost: nil file ids are the stored ones."""
    assert _put(admin, full, message="x", **fields)["file_ids"] == [file_id]


def test_an_update_with_an_empty_list_of_files_removes_them(admin: Http, full: Any, file_id: str) -> None:
    """app/post_file_change.go: files that are left are deleted."""
    got = _put(admin, full, message="x", file_ids=[])
    assert (got["file_ids"], "files" in got["metadata"]) == ([], False)
    assert admin.get(f"/files/{file_id}/info").status == 404


def test_an_update_may_bring_a_file(admin: Http, full: Any, channel: Any, file_id: str) -> None:
    """app/post_file_change.go: a free file of the editor's."""
    second = upload(admin, channel)
    fields = {"message": "x", "channel_id": channel["id"], "file_ids": [file_id, second]}
    assert _put(admin, full, **fields)["file_ids"] == [file_id, second]
    assert admin.get(f"/files/{second}/info").json["post_id"] == full["id"]


def test_a_file_of_an_update_without_a_channel_is_lost(admin: Http, full: Any, channel: Any) -> None:
    """app/post_file_change.go: the file moves into the channel of the body, which is none."""
    second = upload(admin, channel)
    assert _put(admin, full, message="x", file_ids=[second])["file_ids"] == [second]
    assert admin.get(f"/files/{second}/info").failure == (404, "app.channel.get.existing.app_error")


def test_a_field_of_the_wrong_type_is_400(admin: Http, full: Any) -> None:
    """api4/post.go, updatePost: the body is decoded into a post."""
    answer = admin.put(f"/posts/{full['id']}", {"id": full["id"], "message": "x", "props": ""})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_an_update_names_its_post(admin: Http, full: Any) -> None:
    """api4/post.go, updatePost: the id of the body is that of the path."""
    answer = admin.put(f"/posts/{full['id']}", {"message": "x"})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_a_patch_changes_what_it_names(admin: Http, full: Any, file_id: str) -> None:
    """model/post.go, Patch: null says nothing."""
    answer = admin.put(f"/posts/{full['id']}/patch", {"message": "new", "props": None, "is_pinned": None})
    got = answer.json
    assert (got["message"], got["is_pinned"], got["props"]) == ("new", True, {"mine": "x"})
    assert (got["file_ids"], got["has_reactions"]) == ([file_id], True)


def test_a_pin_is_no_edit_and_a_file_is(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, UpdatePost: `edit_at` moves with the message, the files and the attachments."""
    post = scene.post(channel)
    assert admin.put(f"/posts/{post['id']}/patch", {"is_pinned": True}).json["edit_at"] == 0
    assert admin.put(f"/posts/{post['id']}/patch", {"props": {"a": "b"}}).json["edit_at"] == 0
    attached = {"props": {"attachments": [{"text": "x"}]}}
    assert admin.put(f"/posts/{post['id']}/patch", attached).json["edit_at"] > 0
    other = scene.post(channel)
    patch = {"file_ids": [upload(admin, channel)]}
    assert admin.put(f"/posts/{other['id']}/patch", patch).json["edit_at"] > 0


def test_ids_of_no_free_file_of_the_author_are_dropped_in_silence(
    admin: Http, scene: Scene, channel: Any, full: Any, file_id: str
) -> None:
    """sqlstore, FileInfo().AttachToPost: free, and made by the author."""
    other = scene.user({"id": channel["team_id"]})
    admin.made(f"/channels/{channel['id']}/members", {"user_id": other.id})
    foreign, own = upload(other, channel), upload(admin, channel)
    assert full["file_ids"] == [file_id]
    post = scene.post(channel, file_ids=[file_id, NOBODY, foreign, own])
    assert (post["file_ids"], len(post["metadata"]["files"])) == ([own], 1)


def test_a_file_of_another_channel_is_taken(admin: Http, scene: Scene, team: Any, channel: Any) -> None:
    """sqlstore, FileInfo().AttachToPost: the file moves into the channel of the post."""
    elsewhere = upload(admin, scene.channel(team))
    assert scene.post(channel, file_ids=[elsewhere])["file_ids"] == [elsewhere]
    assert admin.get(f"/files/{elsewhere}/info").json["channel_id"] == channel["id"]


def test_a_post_has_ten_files(admin: Http, channel: Any) -> None:
    """model/post.go, IsValid: 300 characters of ids as JSON, and it counts ids of no file, too."""
    ids = [f"{number:026d}" for number in range(11)]
    body = {"channel_id": channel["id"], "message": "x", "file_ids": ids}
    assert admin.post("/posts", body).failure == (400, "model.post.is_valid.file_ids.app_error")
    assert admin.post("/posts", {**body, "file_ids": ids[:10]}).status == 201


def test_a_patch_with_a_used_file_takes_none(admin: Http, scene: Scene, channel: Any, full: Any) -> None:
    """app/post_file_change.go: what cannot be attached is dropped in silence."""
    post = scene.post(channel)
    got = admin.put(f"/posts/{post['id']}/patch", {"file_ids": full["file_ids"]}).json
    assert "files" not in got["metadata"]
    assert not got["file_ids"]
    assert admin.get(f"/posts/{full['id']}").json["file_ids"] == full["file_ids"]
