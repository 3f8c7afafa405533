from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


def test_a_team_comes_with_two_channels_and_its_creator_as_admin(admin: Peer, team: Any) -> None:
    names = [one["name"] for one in admin.get("/users/me/channels").json]
    assert names == ["off-topic", "town-square"]
    member = admin.get(f"/teams/{team['id']}/members/me").json
    assert member["roles"] == "team_user team_admin"
    assert admin.get(f"/teams/{team['id']}/stats").json["total_member_count"] == 1


def test_a_team_name_can_be_had_once(admin: Peer, team: Any) -> None:
    again = admin.post("/teams", {"name": team["name"], "display_name": "x", "type": "I"})
    assert (again.status, again.error_id) == (400, "store.sql_team.save_team.existing.app_error")
    bad = admin.post("/teams", {"name": "Bad Name!", "display_name": "x", "type": "O"})
    assert bad.error_id == "model.team.is_valid.characters.app_error"
    assert admin.get("/teams/name/TEAM-A").json["id"] == team["id"]
    assert admin.get("/teams/name/none").error_id == "app.team.get_by_name.missing.app_error"
    assert admin.get("/teams/name/none/exists").json == {"exists": False}


def test_a_stranger_sees_neither_team_nor_channel(stranger: Peer, team: Any, channel: Any) -> None:
    for path in (f"/teams/{team['id']}", f"/channels/{channel['id']}", f"/channels/{channel['id']}/posts"):
        answer = stranger.get(path)
        assert (answer.status, answer.error_id) == (403, "api.context.permissions.app_error"), path
    posted = stranger.post("/posts", {"channel_id": channel["id"], "message": "x"})
    assert posted.status == 403
    assert stranger.get("/teams").json == []


def test_a_total_count_changes_the_shape_of_a_list(admin: Peer, team: Any) -> None:
    assert admin.get("/teams?include_total_count=true").json == {"teams": [team], "total_count": 1}
    channels = admin.get("/channels?include_total_count=true&per_page=1").json
    assert (len(channels["channels"]), channels["total_count"]) == (1, 2)
    assert channels["channels"][0]["team_name"] == "team-a"


def test_a_batch_of_members_tells_of_failures_when_graceful(
    server: MattermostServer, admin: Peer, team: Any
) -> None:
    user = server.create_user("one")
    batch = [{"team_id": team["id"], "user_id": one} for one in (user["id"], ID)]
    path = f"/teams/{team['id']}/members/batch"
    answer = admin.post(f"{path}?graceful=true", batch)
    assert answer.status == 201
    good, bad = answer.json
    assert good["member"]["user_id"] == user["id"]
    assert bad["member"] is None
    assert bad["error"]["status_code"] == 404
    assert admin.post(path, batch).status == 404
    assert admin.post(path, []).status == 400


def test_leaving_a_team_leaves_its_channels(member: Peer, team: Any, channel: Any) -> None:
    me = member.get("/users/me").json["id"]
    assert member.delete(f"/teams/{team['id']}/members/{me}").status == 200
    assert member.get("/users/me/teams").json == []
    assert member.get(f"/channels/{channel['id']}/posts").status == 403


def test_a_channel_name_can_be_had_once_in_a_team(admin: Peer, team: Any, channel: Any) -> None:
    body = {"team_id": team["id"], "name": "room", "display_name": "x", "type": "P"}
    again = admin.post("/channels", body)
    assert (again.status, again.error_id) == (400, "store.sql_channel.save_channel.exists.app_error")
    unnamed = admin.post("/channels", {**body, "display_name": ""})
    assert "display_name" in unnamed.json["message"]
    found = admin.get(f"/teams/{team['id']}/channels/name/ROOM")
    assert found.json["id"] == channel["id"]
    assert admin.get("/teams/name/team-a/channels/name/room").json["id"] == channel["id"]


def test_a_direct_channel_is_made_once_and_named_after_both(admin: Peer, server: MattermostServer) -> None:
    other = server.create_user("other")["id"]
    ids = [server.admin.id, other]
    first, second = admin.post("/channels/direct", ids), admin.post("/channels/direct", ids[::-1])
    assert (first.status, second.status) == (201, 201)
    assert first.json == second.json
    assert first.json["name"] == "__".join(sorted(ids))
    assert admin.post("/channels/direct", [server.admin.id, ID]).status == 404


def test_a_group_has_three_to_eight_people(admin: Peer, server: MattermostServer) -> None:
    ids = [server.create_user(name)["id"] for name in ("ann", "bob")]
    group = admin.post("/channels/group", ids).json
    assert (group["type"], group["display_name"]) == ("G", "admin, ann, bob")
    small = admin.post("/channels/group", ids[:1])
    assert small.error_id == "api.channel.create_group.bad_size.app_error"


def test_a_private_channel_is_for_its_members(admin: Peer, member: Peer, team: Any) -> None:
    body = {"team_id": team["id"], "name": "secret", "display_name": "Secret", "type": "P"}
    secret = admin.post("/channels", body).json
    assert member.get(f"/channels/{secret['id']}").status == 403
    me = member.get("/users/me").json["id"]
    assert admin.post(f"/channels/{secret['id']}/members", {"user_id": me}).status == 201
    assert member.get(f"/channels/{secret['id']}").json["name"] == "secret"


def test_how_far_somebody_has_read_is_shown_to_himself_only(admin: Peer, member: Peer, channel: Any) -> None:
    me = member.get("/users/me").json["id"]
    path = f"/channels/{channel['id']}/members/{me}"
    assert admin.get(path).json["last_viewed_at"] == -1
    assert member.get(path).json["last_viewed_at"] >= 0


def test_the_default_channel_stays(admin: Peer, team: Any) -> None:
    town = admin.get(f"/teams/{team['id']}/channels/name/town-square").json["id"]
    assert admin.delete(f"/channels/{town}").error_id == "api.channel.delete_channel.cannot.app_error"
    left = admin.delete(f"/channels/{town}/members/me")
    assert left.error_id == "api.channel.remove.default.app_error"


def test_an_archived_channel_takes_no_posts_until_restored(admin: Peer, channel: Any) -> None:
    admin.delete(f"/channels/{channel['id']}")
    refused = admin.post("/posts", {"channel_id": channel["id"], "message": "x"})
    assert refused.error_id == "api.post.create_post.can_not_post_to_deleted.error"
    assert admin.post(f"/channels/{channel['id']}/restore").json["delete_at"] == 0
    again = admin.post(f"/channels/{channel['id']}/restore")
    assert again.error_id == "api.channel.restore_channel.restored.app_error"


@pytest.mark.parametrize("key", ["header", "purpose", "display_name", "name"])
def test_a_patch_changes_one_field_of_a_channel(admin: Peer, channel: Any, key: str) -> None:
    before = admin.get(f"/channels/{channel['id']}").json
    patched = admin.put(f"/channels/{channel['id']}/patch", {key: "new"}).json
    assert patched[key] == "new"
    moving = {
        key,
        "update_at",
        "last_post_at",
        "last_root_post_at",
        "total_msg_count",
        "total_msg_count_root",
    }
    assert {one: patched[one] for one in patched if one not in moving} == {
        one: before[one] for one in before if one not in moving
    }


def test_unread_counts_follow_posts_and_views(admin: Peer, member: Peer, channel: Any) -> None:
    path = f"/users/me/channels/{channel['id']}/unread"
    member.post("/channels/members/me/view", {"channel_id": channel["id"]})
    admin.post("/posts", {"channel_id": channel["id"], "message": "one"})
    admin.post("/posts", {"channel_id": channel["id"], "message": "two @member"})
    unread = member.get(path).json
    assert (unread["msg_count"], unread["mention_count"]) == (2, 1)
    viewed = member.post("/channels/members/me/view", {"channel_id": channel["id"]}).json
    assert list(viewed["last_viewed_at_times"]) == [channel["id"]]
    assert member.get(path).json["msg_count"] == 0
