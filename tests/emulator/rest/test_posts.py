from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


@pytest.fixture
def history(server: MattermostServer, admin: Peer, channel: Any) -> list[str]:
    """Ids of ten posts, oldest first; the fifth and the sixth share their millisecond."""
    ids = []
    server.clock.freeze()
    for number in range(10):
        if number != 5:
            server.clock.advance(10)
        post = admin.post("/posts", {"channel_id": channel["id"], "message": f"post {number}"}).json
        ids.append(post["id"])
    return ids


def _order(peer: Peer, channel: Any, query: str) -> list[str]:
    listed = peer.get(f"/channels/{channel['id']}/posts?{query}").json
    assert set(listed["order"]) <= set(listed["posts"])
    return list(listed["order"])


def test_a_post_has_the_keys_of_the_server_in_its_order(admin: Peer, channel: Any) -> None:
    post = admin.post("/posts", {"channel_id": channel["id"], "message": "hi #tag"})
    assert post.status == 201
    assert " ".join(post.json) == (
        "id create_at update_at edit_at delete_at is_pinned user_id channel_id root_id original_id message "
        "type props hashtags file_ids pending_post_id remote_id reply_count last_reply_at participants "
        "metadata"
    )
    assert post.json["hashtags"] == "#tag"


@pytest.mark.parametrize(
    ("change", "status", "error_id"),
    [
        ({"message": "x" * 16384}, 400, "model.post.is_valid.message_length.app_error"),
        ({"root_id": ID}, 400, "api.post.create_post.root_id.app_error"),
        ({"type": "system_join_channel"}, 400, "api.context.invalid_param.app_error"),
        ({"message": 5}, 400, "api.context.invalid_body_param.app_error"),
        ({"channel_id": ID}, 403, "api.context.permissions.app_error"),
        ({"metadata": {"priority": {"requested_ack": True}}}, 501, "license_error.feature_unavailable"),
    ],
)
def test_posts_that_cannot_be_are_refused(
    admin: Peer, channel: Any, change: dict[str, Any], status: int, error_id: str
) -> None:
    body = {"channel_id": channel["id"], "message": "x", **change}
    answer = admin.post("/posts", body)
    assert (answer.status, answer.error_id) == (status, error_id)


def test_pages_are_newest_first_and_name_their_neighbours(
    admin: Peer, channel: Any, history: list[str]
) -> None:
    first = admin.get(f"/channels/{channel['id']}/posts?per_page=3").json
    assert first["order"] == history[:-4:-1]
    assert (first["next_post_id"], first["prev_post_id"]) == ("", history[6])
    second = admin.get(f"/channels/{channel['id']}/posts?per_page=3&page=1").json
    assert second["order"] == history[6:3:-1]
    assert second["next_post_id"] == history[7]


def test_before_and_after_skip_posts_of_the_anchors_own_millisecond(
    admin: Peer, channel: Any, history: list[str]
) -> None:
    anchor, twin = history[4], history[5]
    before = _order(admin, channel, f"before={twin}")
    assert anchor not in before
    assert before[:4] == history[3::-1]
    after = _order(admin, channel, f"after={anchor}")
    assert twin not in after
    assert after == history[:5:-1]


def test_pages_of_after_count_from_the_anchor(admin: Peer, channel: Any, history: list[str]) -> None:
    assert _order(admin, channel, f"after={history[0]}&per_page=2") == history[2:0:-1]
    assert _order(admin, channel, f"after={history[0]}&per_page=2&page=1") == history[4:2:-1]


def test_an_unknown_anchor_gives_an_empty_list(admin: Peer, channel: Any, history: list[str]) -> None:
    listed = admin.get(f"/channels/{channel['id']}/posts?before={ID}").json
    assert (listed["order"], listed["next_post_id"]) == ([], ID)
    assert history
    for query in ("before=bad", "since=abc"):
        answer = admin.get(f"/channels/{channel['id']}/posts?{query}")
        assert (answer.status, answer.error_id) == (400, "api.context.invalid_body_param.app_error")


def test_since_lists_edits_tombstones_and_copies_but_is_exclusive(
    server: MattermostServer, admin: Peer, channel: Any, history: list[str]
) -> None:
    last = admin.get(f"/posts/{history[-1]}").json["update_at"]
    assert _order(admin, channel, f"since={last}") == []
    server.clock.advance(10)
    admin.put(f"/posts/{history[1]}/patch", {"message": "edited"})
    server.clock.advance(10)
    admin.delete(f"/posts/{history[2]}")
    listed = admin.get(f"/channels/{channel['id']}/posts?since={last}").json
    changed = [listed["posts"][one] for one in listed["order"]]
    assert [one["id"] for one in changed if not one["original_id"]] == [history[2], history[1]]
    (copy,) = [one for one in changed if one["original_id"]]
    assert (copy["original_id"], copy["message"]) == (history[1], "")
    assert copy["delete_at"] > 0
    gone = listed["posts"][history[2]]
    assert (gone["message"], gone["metadata"]) == ("", {})
    assert gone["props"]["deleteBy"] == server.admin.id
    assert (listed["next_post_id"], listed["prev_post_id"]) == ("", "")


def test_the_etag_of_a_channel_moves_with_every_change(
    server: MattermostServer, admin: Peer, channel: Any, history: list[str]
) -> None:
    path = f"/channels/{channel['id']}/posts"
    etag = admin.get(path).headers["ETag"]
    assert admin.get(f"{path}?per_page=1", If_None_Match=etag).status == 304
    server.clock.advance(10)
    reaction = {"user_id": server.admin.id, "post_id": history[0], "emoji_name": "smile"}
    assert admin.post("/reactions", reaction).status == 200
    assert admin.get(path, If_None_Match=etag).status == 200


def test_replies_bring_their_thread_unless_told_not_to(admin: Peer, channel: Any) -> None:
    root = admin.post("/posts", {"channel_id": channel["id"], "message": "root"}).json["id"]
    ids = [
        admin.post("/posts", {"channel_id": channel["id"], "message": "re", "root_id": root}).json["id"]
        for _ in range(3)
    ]
    path = f"/channels/{channel['id']}/posts?per_page=1"
    assert set(admin.get(path).json["posts"]) == {root, *ids}
    assert set(admin.get(f"{path}&skipFetchThreads=true").json["posts"]) == {root, ids[-1]}
    collapsed = admin.get(f"{path}&collapsedThreads=true").json
    assert collapsed["order"] == [root]
    assert collapsed["posts"][root]["reply_count"] == 3
    thread = admin.get(f"/posts/{root}/thread").json
    assert thread["order"][0] == root
    assert set(thread["order"]) == {root, *ids}
    assert admin.get(f"/posts/{root}/thread?perPage=201").status == 400
    short = admin.get(f"/posts/{root}/thread?perPage=2").json
    assert (len(short["order"]), short["has_next"]) == (3, True)


def test_a_pending_id_makes_one_post_within_30_seconds(
    server: MattermostServer, admin: Peer, member: Peer, channel: Any
) -> None:
    server.clock.freeze()
    body = {"channel_id": channel["id"], "message": "once", "pending_post_id": "x:1"}
    first = admin.post("/posts", body)
    server.clock.advance(29_999)
    again = member.post("/posts", {**body, "message": "other"})
    assert (again.status, again.json["id"], again.json["message"]) == (201, first.json["id"], "once")
    server.clock.advance(1)
    assert admin.post("/posts", body).json["id"] != first.json["id"]


def test_only_the_author_edits_and_the_former_text_is_for_him_alone(
    admin: Peer, member: Peer, channel: Any
) -> None:
    post = member.post("/posts", {"channel_id": channel["id"], "message": "first"}).json
    path = f"/posts/{post['id']}"
    edited = member.put(path, {"id": post["id"], "message": "second"}).json
    assert edited["edit_at"] > 0
    pinned = member.post(f"{path}/pin")
    assert pinned.json == {"status": "OK"}
    assert member.get(path).json["is_pinned"] is True
    assert member.get(f"/channels/{channel['id']}/pinned").json["order"] == [post["id"]]
    history = member.get(f"{path}/edit_history").json
    assert [one["message"] for one in history] == ["second", "first"]
    assert admin.get(f"{path}/edit_history").status == 403
    assert member.put(path, {"id": ID, "message": "x"}).status == 400


def test_a_deleted_post_is_404_and_a_tombstone_among_ids(admin: Peer, member: Peer, channel: Any) -> None:
    post = admin.post("/posts", {"channel_id": channel["id"], "message": "gone"}).json
    assert member.delete(f"/posts/{post['id']}").status == 403
    assert admin.delete(f"/posts/{post['id']}").json == {"status": "OK"}
    assert admin.get(f"/posts/{post['id']}").status == 404
    assert admin.get(f"/posts/{post['id']}?include_deleted=true").json["message"] == ""
    (tombstone,) = admin.post("/posts/ids", [post["id"], ID]).json
    assert tombstone["delete_at"] > 0
    assert admin.post("/posts/ids", [ID]).status == 404
    assert admin.post("/posts/ids", []).status == 400


def test_a_reaction_is_kept_once_and_removed_without_complaint(
    server: MattermostServer, admin: Peer, channel: Any
) -> None:
    post = admin.post("/posts", {"channel_id": channel["id"], "message": "x"}).json["id"]
    reaction = {"user_id": server.admin.id, "post_id": post, "emoji_name": "+1"}
    admin.post("/reactions", reaction)
    admin.post("/reactions", reaction)
    assert [one["emoji_name"] for one in admin.get(f"/posts/{post}/reactions").json] == ["+1"]
    assert admin.get(f"/posts/{post}").json["has_reactions"] is True
    path = f"/users/me/posts/{post}/reactions/%2B1"
    assert (admin.delete(path).status, admin.delete(path).status) == (200, 200)
    assert "has_reactions" not in admin.get(f"/posts/{post}").json
    unknown = admin.post("/reactions", {**reaction, "emoji_name": "no_such"})
    assert (unknown.status, unknown.error_id) == (404, "app.emoji.get_by_name.no_result")


def test_searches_find_words_and_know_from_and_in(admin: Peer, member: Peer, team: Any, channel: Any) -> None:
    admin.post("/posts", {"channel_id": channel["id"], "message": "red apple"})
    member.post("/posts", {"channel_id": channel["id"], "message": "green apple"})
    path = f"/teams/{team['id']}/posts/search"
    both = member.post(path, {"terms": "red green", "is_or_search": True}).json
    assert len(both["order"]) == 2
    assert member.post(path, {"terms": "red green", "is_or_search": False}).json["order"] == []
    (found,) = member.post(path, {"terms": "apple from:admin in:room"}).json["posts"].values()
    assert found["message"] == "red apple"
    assert member.post(path, {"terms": ""}).status == 400


def test_followed_threads_tell_what_is_unread(admin: Peer, member: Peer, team: Any, channel: Any) -> None:
    root = member.post("/posts", {"channel_id": channel["id"], "message": "root"}).json["id"]
    admin.post("/posts", {"channel_id": channel["id"], "message": "@member look", "root_id": root})
    path = f"/users/me/teams/{team['id']}/threads"
    threads = member.get(path).json
    assert (threads["total"], threads["total_unread_mentions"]) == (1, 1)
    (thread,) = threads["threads"]
    assert (thread["id"], thread["unread_replies"], thread["post"]["id"]) == (root, 1, root)
    member.put(f"{path}/{root}/read/{thread['last_reply_at']}")
    assert member.get(f"{path}/{root}").json["unread_replies"] == 0
    member.delete(f"{path}/{root}/following")
    assert member.get(path).json["threads"] == []


def test_an_ephemeral_post_is_for_privileged_senders(admin: Peer, member: Peer, channel: Any) -> None:
    me = member.get("/users/me").json["id"]
    body = {"user_id": me, "post": {"channel_id": channel["id"], "message": "psst"}}
    answer = admin.post("/posts/ephemeral", body)
    assert (answer.status, answer.json["type"]) == (201, "system_ephemeral")
    assert member.post("/posts/ephemeral", body).status == 403
    assert member.get(f"/posts/{answer.json['id']}").status == 404
