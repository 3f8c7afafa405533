"""Which events a REST call causes, and who gets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from matterapi.testing import MattermostServer
    from tests.emulator.peer import Peer, Socket


def _caused(socket: Socket, action: Callable[[], Any]) -> list[Any]:
    """Return the events that reach `socket` because of `action`: a ping marks the end."""
    action()
    socket.send({"seq": 1, "action": "ping"})
    events = []
    while "event" in (got := socket.message()):
        events.append(got)
    return events


def _names(events: list[Any]) -> list[str]:
    return [one["event"] for one in events]


def test_joining_a_team_tells_of_each_default_channel(admin: Peer, stranger: Peer, team: Any) -> None:
    me = stranger.get("/users/me").json["id"]
    body = {"team_id": team["id"], "user_id": me}
    with admin.socket() as watcher, stranger.socket() as joiner:
        watcher.event("status_change")
        joiner.event("status_change")
        events = _caused(watcher, lambda: admin.post(f"/teams/{team['id']}/members", body))
        assert _names(events) == ["posted", "user_added", "posted", "user_added"]
        posts = [json.loads(one["data"]["post"]) for one in events if one["event"] == "posted"]
        assert [one["type"] for one in posts] == ["system_join_team", "system_join_channel"]
        assert "remote_id" not in posts[0]
        assert joiner.event("added_to_team")["data"] == {"team_id": team["id"], "user_id": me}


def test_a_new_channel_is_told_to_its_creator(admin: Peer, team: Any) -> None:
    body = {"team_id": team["id"], "name": "new", "display_name": "New", "type": "O"}
    with admin.socket() as socket:
        socket.event("status_change")
        assert _names(_caused(socket, lambda: admin.post("/channels", body))) == ["posted", "channel_created"]


def test_an_edit_a_pin_and_a_reaction_are_told_to_the_channel(
    server: MattermostServer, admin: Peer, member: Peer, channel: Any
) -> None:
    post = admin.post("/posts", {"channel_id": channel["id"], "message": "x"}).json
    path = f"/posts/{post['id']}"
    with member.socket() as socket:
        socket.event("status_change")
        (edited,) = _caused(socket, lambda: admin.put(f"{path}/patch", {"message": "y"}))
        assert json.loads(edited["data"]["post"])["message"] == "y"
        assert _names(_caused(socket, lambda: admin.post(f"{path}/pin"))) == ["post_edited"]
        reaction = {"user_id": server.admin.id, "post_id": post["id"], "emoji_name": "tada"}
        (added,) = _caused(socket, lambda: admin.post("/reactions", reaction))
        assert json.loads(added["data"]["reaction"])["channel_id"] == channel["id"]
        (removed,) = _caused(socket, lambda: admin.delete(f"/users/me{path}/reactions/tada"))
        assert json.loads(removed["data"]["reaction"])["channel_id"] == ""


def test_a_reply_updates_the_thread_of_each_follower(admin: Peer, member: Peer, channel: Any) -> None:
    body = {"channel_id": channel["id"], "message": "root"}
    root = admin.post("/posts?set_online=false", body).json["id"]
    with admin.socket() as socket:
        socket.event("status_change")
        reply = {"channel_id": channel["id"], "message": "re", "root_id": root}
        events = _caused(socket, lambda: member.post("/posts", reply))
        assert _names(events) == ["posted", "thread_updated"]
        assert "followers" in events[0]["data"]
        thread = json.loads(events[1]["data"]["thread"])
        assert (thread["id"], thread["reply_count"], thread["unread_replies"]) == (root, 1, 1)
        assert thread["participants"][0]["username"] == "member"


def test_the_author_learns_that_he_has_read_what_he_wrote(admin: Peer, channel: Any) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        body = {"channel_id": channel["id"], "message": "x"}
        events = _caused(socket, lambda: admin.post("/posts", body))
        assert _names(events) == ["posted", "multiple_channels_viewed"]
        post = json.loads(events[0]["data"]["post"])
        assert events[1]["data"]["channel_times"] == {channel["id"]: post["create_at"]}


def test_a_removed_member_and_the_rest_are_told_differently(
    server: MattermostServer, admin: Peer, member: Peer, channel: Any
) -> None:
    me = member.get("/users/me").json["id"]
    with admin.socket() as stays, member.socket() as goes:
        stays.event("status_change")
        goes.event("status_change")
        (gone,) = _caused(goes, lambda: admin.delete(f"/channels/{channel['id']}/members/{me}"))
        assert gone["data"] == {"channel_id": channel["id"], "remover_id": server.admin.id}
        told = stays.event("user_removed")
        assert told["data"] == {"remover_id": server.admin.id, "user_id": me}


def test_a_changed_account_is_shown_in_full_to_its_owner_only(admin: Peer, member: Peer) -> None:
    with admin.socket() as privileged, member.socket() as own:
        privileged.event("status_change")
        own.event("status_change")
        member.put("/users/me/patch", {"nickname": "nick"})
        mine, seen = own.event("user_updated"), privileged.event("user_updated")
        assert "notify_props" in mine["data"]["user"]
        assert seen["broadcast"]["contains_sensitive_data"] is True
        assert "last_password_update" not in seen["data"]["user"]


def test_preferences_are_told_after_the_sidebar(server: MattermostServer, admin: Peer) -> None:
    one = {"user_id": server.admin.id, "category": "c", "name": "n", "value": "v"}
    with admin.socket() as socket:
        socket.event("status_change")
        events = _caused(socket, lambda: admin.put("/users/me/preferences", [one]))
        assert _names(events) == ["sidebar_category_updated", "preferences_changed"]
        assert events[0]["data"] == {}
        assert json.loads(events[1]["data"]["preferences"]) == [one]


def test_direct_and_group_channels_are_told_in_their_own_ways(
    server: MattermostServer, admin: Peer, member: Peer, stranger: Peer
) -> None:
    ids = [peer.get("/users/me").json["id"] for peer in (member, stranger)]
    with member.socket() as socket:
        socket.event("status_change")
        (direct,) = _caused(socket, lambda: admin.post("/channels/direct", [server.admin.id, ids[0]]))
        assert direct["data"] == {"creator_id": server.admin.id, "teammate_id": ids[0]}
        assert direct["broadcast"]["channel_id"]
        (group,) = _caused(socket, lambda: admin.post("/channels/group", ids))
        assert group["event"] == "group_added"
        assert json.loads(group["data"]["teammate_ids"]) == sorted([server.admin.id, *ids])


def test_an_archived_public_channel_is_told_to_the_whole_team(admin: Peer, team: Any, channel: Any) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        events = _caused(socket, lambda: admin.delete(f"/channels/{channel['id']}"))
        assert _names(events) == ["posted", "channel_deleted"]
        assert events[1]["broadcast"]["team_id"] == team["id"]


def test_actions_that_fail_cause_no_events(admin: Peer, member: Peer, channel: Any) -> None:
    with member.socket() as socket:
        socket.event("status_change")

        def fail() -> None:
            assert admin.post("/posts", {"channel_id": channel["id"], "message": "x" * 16384}).status == 400
            assert admin.put(f"/channels/{channel['id']}/patch", {"name": "Bad Name"}).status == 400

        assert _caused(socket, fail) == []
