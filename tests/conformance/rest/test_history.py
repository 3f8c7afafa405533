"""The history of a channel and what is hidden in it: ties, cursors, tombstones, copies of edits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.rest.wire import NOBODY

if TYPE_CHECKING:
    from typing import Any

    from matterapi.testing import MattermostServer
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene


def _posts(user: Http, channel: Any, query: str = "") -> Any:
    return user.get(f"/channels/{channel['id']}/posts{query}").json


def _join(admin: Http, user: Http, channel: Any) -> None:
    member = {"team_id": channel["team_id"], "user_id": user.id}
    admin.made(f"/teams/{channel['team_id']}/members", member)
    admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})


def _series(scene: Scene, channel: Any, number: int, begin: int = 0) -> list[str]:
    """Write posts a millisecond apart and return their ids, oldest first: quick servers write them in one."""
    first = channel["create_at"] + 1000 + begin
    return [scene.post(channel, str(at), create_at=at)["id"] for at in range(first, first + number)]


@pytest.fixture
def tied(admin: Http, scene: Scene, team: Any) -> tuple[Any, list[str]]:
    """A channel with five messages of one millisecond between one older and one newer, oldest first."""
    channel = scene.channel(team)
    base = channel["create_at"] + 1000
    times = [base, *[base + 1] * 5, base + 2]
    posts = [scene.post(channel, str(number), create_at=at) for number, at in enumerate(times)]
    assert [post["create_at"] for post in posts] == times
    return channel, [post["id"] for post in posts]


def test_an_admin_may_give_a_post_its_time(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/post.go, createPost: create_at of others is wiped."""
    user = scene.user()
    scene.admin.made(
        f"/teams/{channel['team_id']}/members", {"team_id": channel["team_id"], "user_id": user.id}
    )
    scene.admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    assert scene.post(channel, create_at=1_600_000_000_000)["create_at"] == 1_600_000_000_000
    assert scene.post(channel, author=user, create_at=1_600_000_000_000)["create_at"] > 1_700_000_000_000


def test_paging_by_an_anchor_skips_posts_of_its_millisecond(admin: Http, tied: tuple[Any, list[str]]) -> None:
    """store/sqlstore/post_store.go, getPostsAround: strictly before the anchor's create_at."""
    channel, ids = tied
    listed = _posts(admin, channel, f"?before={ids[3]}")
    assert [one for one in listed["order"] if one in ids] == [ids[0]]
    listed = _posts(admin, channel, f"?after={ids[3]}")
    assert listed["order"] == [ids[6]]


def test_a_page_that_holds_the_whole_millisecond_has_all_of_them(
    admin: Http, tied: tuple[Any, list[str]]
) -> None:
    """store/sqlstore/post_store.go, getRootPosts: by CreateAt alone, so that smaller pages may overlap."""
    channel, ids = tied
    order = _posts(admin, channel, "?per_page=7")["order"]
    assert sorted(order) == sorted(ids)
    assert (order[0], order[6]) == (ids[6], ids[0])


def test_pages_shift_when_a_post_comes_between(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go: offsets count from the newest."""
    _series(scene, channel, 4)
    first = _posts(admin, channel, "?per_page=2")["order"]
    _series(scene, channel, 1, begin=10)
    second = _posts(admin, channel, "?per_page=2&page=1")["order"]
    assert second[0] == first[1]


def test_an_anchor_keeps_pages_in_place(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go, getPostsAround: offset behind the anchor."""
    ids = _series(scene, channel, 5)
    path = f"?before={ids[4]}&per_page=2&page="
    assert _posts(admin, channel, path + "0")["order"] == [ids[3], ids[2]]
    _series(scene, channel, 1, begin=10)
    assert _posts(admin, channel, path + "1")["order"][:2] == [ids[1], ids[0]]


def test_after_is_nearest_first_but_listed_newest_first(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, GetPostsAfterPost: the page next to the anchor."""
    ids = _series(scene, channel, 5)
    listed = _posts(admin, channel, f"?after={ids[0]}&per_page=2")
    assert listed["order"] == [ids[2], ids[1]]
    assert (listed["next_post_id"], listed["prev_post_id"]) == (ids[3], ids[0])


def test_the_neighbours_of_a_page_are_named(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, AddCursorIdsForPostList: next is newer, prev is older."""
    ids = _series(scene, channel, 4)
    listed = _posts(admin, channel, f"?before={ids[3]}&per_page=2")
    assert (listed["next_post_id"], listed["prev_post_id"]) == (ids[3], ids[0])
    newest = _posts(admin, channel, "?per_page=1")
    assert (newest["next_post_id"], newest["prev_post_id"]) == ("", ids[2])


def test_an_unknown_anchor_is_an_empty_list(admin: Http, channel: Any) -> None:
    """app/post.go, AddCursorIdsForPostList: the anchor itself is named."""
    listed = _posts(admin, channel, f"?before={NOBODY}")
    assert (listed["order"], listed["next_post_id"]) == ([], NOBODY)
    listed = _posts(admin, channel, f"?after={NOBODY}")
    assert (listed["order"], listed["prev_post_id"]) == ([], NOBODY)


@pytest.mark.parametrize(("name", "value"), [("before", "short"), ("after", "short"), ("since", "x")])
def test_an_anchor_that_is_none_is_400(admin: Http, channel: Any, name: str, value: str) -> None:
    """api4/post.go, getPostsForChannel."""
    answer = admin.get(f"/channels/{channel['id']}/posts?{name}={value}")
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def test_since_is_strict_and_by_the_last_change(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go, GetPostsSince: UpdateAt > time."""
    later = channel["create_at"] + 1
    first, second = scene.post(channel, "first", create_at=later - 1), scene.post(channel, create_at=later)
    assert second["id"] not in _posts(admin, channel, f"?since={second['update_at']}")["order"]
    assert second["id"] in _posts(admin, channel, f"?since={second['update_at'] - 1}")["order"]
    edited = admin.put(f"/posts/{first['id']}/patch", {"message": "changed"}).json
    listed = _posts(admin, channel, f"?since={second['update_at']}")
    assert first["id"] in listed["order"]
    assert listed["posts"][first["id"]]["message"] == "changed"
    assert edited["update_at"] > second["update_at"]


def test_since_of_nothing_counts_as_absent(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/post.go, getPostsForChannel: since > 0."""
    ids = _series(scene, channel, 3)
    assert _posts(admin, channel, "?since=0&per_page=2")["order"] == [ids[2], ids[1]]


def test_since_lists_deletions_as_tombstones(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, DeletePost; store/sqlstore/post_store.go, GetPostsSince: DeleteAt is not looked at."""
    post = scene.post(channel, "secret")
    assert admin.delete(f"/posts/{post['id']}").status == 200
    listed = _posts(admin, channel, f"?since={post['update_at']}")
    stone = listed["posts"][post["id"]]
    assert stone["message"] == ""
    assert stone["delete_at"] == stone["update_at"] > post["update_at"]
    assert stone["props"]["deleteBy"] == admin.id
    assert post["id"] not in _posts(admin, channel)["order"]


def test_since_lists_the_copies_that_edits_leave(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go, Update: the old row becomes a deleted copy with original_id."""
    post = scene.post(channel, "before")
    changed = admin.put(f"/posts/{post['id']}/patch", {"message": "after"}).json
    listed = _posts(admin, channel, f"?since={post['update_at']}")
    (copy,) = [one for one in listed["posts"].values() if one["original_id"] == post["id"]]
    assert copy["id"] != post["id"]
    assert copy["delete_at"] == changed["update_at"]
    assert copy["message"] == ""
    assert copy["id"] in listed["order"]


def test_a_pin_leaves_a_copy_too(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, PinPost: PatchPost."""
    post = scene.post(channel)
    assert admin.post(f"/posts/{post['id']}/pin").status == 200
    listed = _posts(admin, channel, f"?since={post['update_at']}")
    assert [one["original_id"] for one in listed["posts"].values() if one["original_id"]] == [post["id"]]
    assert listed["posts"][post["id"]]["edit_at"] == 0


def test_a_reaction_is_a_change_without_a_copy(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/reaction_store.go, updatePostForReactionsOnInsert: UpdateAt."""
    post = scene.post(channel)
    reaction = {"user_id": admin.id, "post_id": post["id"], "emoji_name": "tada"}
    admin.made("/reactions", reaction)
    listed = _posts(admin, channel, f"?since={post['update_at']}")
    assert listed["order"] == [post["id"]]
    assert [one["emoji_name"] for one in listed["posts"][post["id"]]["metadata"]["reactions"]] == ["tada"]


def test_the_history_of_edits_is_for_the_author_alone(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/post.go, getEditHistoryForPost."""
    user = scene.user()
    _join(admin, user, channel)
    post = scene.post(channel, "one", author=user)
    path = f"/posts/{post['id']}/edit_history"
    assert user.get(path).status == 404
    for text in ("two", "three"):
        assert user.put(f"/posts/{post['id']}/patch", {"message": text}).status == 200
    assert [one["message"] for one in user.get(path).json] == ["two", "one"]
    assert admin.get(path).failure == (403, "api.context.permissions.app_error")


def test_a_back_dated_post_is_hidden_from_since(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go, SaveMultiple: UpdateAt is CreateAt."""
    newest = scene.post(channel)
    dated = scene.post(channel, "old", create_at=newest["create_at"] - 10_000)
    assert dated["update_at"] == dated["create_at"]
    listed = _posts(admin, channel, f"?since={newest['update_at'] - 1}")["posts"]
    assert newest["id"] in listed
    assert dated["id"] not in listed


def test_an_erased_post_leaves_nothing(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, PermanentDeletePost."""
    from tests.conformance.settings import settings

    post = scene.post(channel)
    with settings(admin, "ServiceSettings", EnableAPIPostDeletion=True):
        assert admin.delete(f"/posts/{post['id']}?permanent=true").status == 200
    listed = _posts(admin, channel, f"?since={post['update_at'] - 1}")
    assert post["id"] not in listed["posts"]


def test_deleted_posts_are_listed_for_admins_without_their_text(
    admin: Http, scene: Scene, channel: Any
) -> None:
    """api4/post.go, getPostsForChannel: include_deleted; app/post.go blanks them."""
    post = scene.post(channel, "secret")
    assert admin.delete(f"/posts/{post['id']}").status == 200
    listed = _posts(admin, channel, "?include_deleted=true")
    assert (listed["posts"][post["id"]]["message"], post["id"] in listed["order"]) == ("", True)
    user = scene.user()
    _join(admin, user, channel)
    answer = user.get(f"/channels/{channel['id']}/posts?include_deleted=true")
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_the_etag_tells_of_the_newest_change_and_ignores_the_page(
    admin: Http, scene: Scene, channel: Any
) -> None:
    """store/sqlstore/post_store.go, GetEtag: version and the greatest UpdateAt."""
    post = scene.post(channel)
    path = f"/channels/{channel['id']}/posts"
    etag = str(admin.get(path + "?per_page=1").header("ETag"))
    assert etag.endswith(f".{post['update_at']}")
    assert admin.get(path + "?page=1").header("ETag") == etag
    assert admin.get(path, {"If-None-Match": etag}).status == 304
    assert admin.get(path, {"If-None-Match": f'"{etag}"'}).status == 200
    assert admin.get(path + f"?since={post['update_at']}").header("ETag") is None
    reaction = {"user_id": admin.id, "post_id": post["id"], "emoji_name": "tada"}
    admin.made("/reactions", reaction)
    assert admin.get(path, {"If-None-Match": etag}).status == 200


def test_whole_threads_come_along_unless_that_is_refused(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/post.go, getPostsForChannel: skipFetchThreads."""
    root = scene.post(channel, "root")
    for number in range(3):
        scene.post(channel, str(number), root_id=root["id"])
    listed = _posts(admin, channel, "?per_page=1")
    assert (len(listed["order"]), len(listed["posts"])) == (1, 4)
    listed = _posts(admin, channel, "?per_page=1&skipFetchThreads=true")
    assert (len(listed["order"]), sorted(listed["posts"])) == (1, sorted([root["id"], *listed["order"]]))


def test_since_ends_at_1000_without_a_word(scene: Scene, channel: Any) -> None:
    """store/sqlstore/post_store.go, GetPostsSince: LIMIT 1000 without an order."""
    since = channel["create_at"]
    for _ in range(1005):
        scene.post(channel)
    listed = _posts(scene.admin, channel, f"?since={since}")
    assert len(listed["order"]) == len(listed["posts"]) == 1000
    assert (listed["next_post_id"], listed["prev_post_id"]) == ("", "")


def test_a_pending_id_gives_the_same_post_again(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, deduplicateCreatePost: 201 for both."""
    body = {"channel_id": channel["id"], "message": "once", "pending_post_id": f"{admin.id}:{channel['id']}"}
    first, again = admin.post("/posts", body), admin.post("/posts", {**body, "message": "other"})
    assert (first.status, again.status) == (201, 201)
    assert (again.json["id"], again.json["message"]) == (first.json["id"], "once")
    assert first.json["pending_post_id"] == body["pending_post_id"]
    assert admin.get(f"/posts/{first.json['id']}").json["pending_post_id"] == ""


def test_a_pending_id_belongs_to_nobody(scene: Scene, team: Any) -> None:
    """app/post.go, deduplicateCreatePost: the key is global."""
    users = [scene.user(team), scene.user(team)]
    channel = scene.channel(team, *users)
    body = {"channel_id": channel["id"], "message": "mine", "pending_post_id": f"x:{channel['id']}"}
    first, second = (user.post("/posts", body).json for user in users)
    assert (second["id"], second["user_id"]) == (first["id"], users[0].id)


def test_a_refused_post_frees_its_pending_id(admin: Http, channel: Any) -> None:
    """app/post.go, CreatePost: the key is removed on an error."""
    body = {"channel_id": channel["id"], "message": "x", "pending_post_id": f"y:{channel['id']}"}
    assert admin.post("/posts", {**body, "type": "system_generic"}).status == 400
    assert admin.post("/posts", body).status == 201


@pytest.mark.emulator_only(reason="a real server takes its 30 s")
def test_a_pending_id_is_kept_for_30_seconds(emulator: MattermostServer) -> None:
    """app/post.go, pendingPostIDsCacheTTL."""
    from tests.conformance.http import Http
    from tests.conformance.target import Target

    user = Http(Target.of(emulator), emulator.admin.token)
    team = user.made("/teams", {"name": "facts", "display_name": "facts", "type": "O"})
    square = user.get(f"/teams/{team['id']}/channels/name/town-square").json
    body = {"channel_id": square["id"], "message": "x", "pending_post_id": "z"}
    emulator.clock.freeze()
    first = user.post("/posts", body).json["id"]
    emulator.clock.advance(29_000)
    assert user.post("/posts", body).json["id"] == first
    emulator.clock.advance(31_000)
    assert user.post("/posts", body).json["id"] != first
