"""Who gets an event: platform/web_conn.go (ShouldSendEvent), app/web_broadcast_hooks.go, and the emitters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.websocket.peer import names

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.websocket.conftest import Open


def post(author: Http, room: Any, message: str, **fields: Any) -> Any:
    return author.made("/posts", {"channel_id": room["id"], "message": message, **fields})


def test_a_post_is_told_to_the_members_of_its_channel_and_its_author(
    connect: Open, user: Http, other: Http, admin: Http, scene: Scene
) -> None:
    """ShouldSendEvent: channel_id."""
    team = scene.team()
    admin.made(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": user.id})
    admin.made(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": other.id})
    channel = scene.channel(team, user)
    author, inside, outside = connect(admin), connect(user), connect(other)
    post(admin, channel, "for members")
    assert "for members" in str(author.so_far())
    assert "for members" in str(inside.so_far())
    assert "for members" not in str(outside.so_far())


def test_all_sockets_of_a_user_get_an_event(connect: Open, user: Http, other: Http, room: Any) -> None:
    """web_hub.go: every connection of the index is asked."""
    sockets = [connect(user) for _ in range(3)]
    post(other, room, "for all three")
    assert all("for all three" in str(one.so_far()) for one in sockets)


def test_a_mention_is_told_to_the_mentioned_one_only(
    connect: Open, user: Http, other: Http, admin: Http, room: Any
) -> None:
    """app/web_broadcast_hooks.go, addMentionsBroadcastHook: each learns of himself."""
    mentioned, bystander = connect(user), connect(other)
    post(admin, room, f"hey @{user.user['username']}")
    found = {}
    for name, opened in (("mentioned", mentioned), ("bystander", bystander)):
        while "hey" not in (event := opened.event("posted"))["data"]["post"]:
            pass
        found[name] = event["data"]
    assert found["mentioned"].pop("mentions") == json.dumps([user.id])
    assert "mentions" not in found["bystander"]


def test_a_mention_of_everybody_tells_each_of_himself(
    connect: Open, user: Http, other: Http, admin: Http, room: Any
) -> None:
    """app/notification.go: @channel; app/web_broadcast_hooks.go."""
    sockets = {user.id: connect(user), other.id: connect(other)}
    post(admin, room, "now @channel")
    for user_id, opened in sockets.items():
        while "now @" not in (event := opened.event("posted"))["data"]["post"]:
            pass
        assert json.loads(event["data"]["mentions"]) == [user_id]


def test_an_acknowledgement_is_asked_of_sockets_that_offer_it(
    connect: Open, user: Http, admin: Http, room: Any
) -> None:
    """app/web_broadcast_hooks.go, postedAckBroadcastHook."""
    offers, silent = connect(user, "?posted_ack=true"), connect(user)
    post(admin, room, f"ack @{user.user['username']}")
    while "ack @" not in (event := offers.event("posted"))["data"]["post"]:
        pass
    assert event["data"]["should_ack"] is True
    while "ack @" not in (event := silent.event("posted"))["data"]["post"]:
        pass
    assert "should_ack" not in event["data"]


def test_no_acknowledgement_is_asked_of_the_author(connect: Open, user: Http, room: Any) -> None:
    """app/web_broadcast_hooks.go, postedAckBroadcastHook: posted_user_id."""
    author = connect(user, "?posted_ack=true")
    post(user, room, "my own")
    while "my own" not in (event := author.event("posted"))["data"]["post"]:
        pass
    assert "should_ack" not in event["data"]


def test_a_deletion_comes_in_two_copies_one_for_admins(
    connect: Open, user: Http, admin: Http, room: Any
) -> None:
    """app/post.go, DeletePost: contains_sensitive_data and contains_sanitized_data."""
    gone = post(user, room, "short-lived")
    privileged, ordinary = connect(admin), connect(user)
    assert user.delete(f"/posts/{gone['id']}").status == 200
    seen, told = privileged.event("post_deleted"), ordinary.event("post_deleted")
    assert seen["data"]["delete_by"] == user.id
    assert seen["broadcast"]["contains_sensitive_data"] is True
    assert "contains_sanitized_data" not in seen["broadcast"]
    assert "delete_by" not in told["data"]
    assert told["broadcast"]["contains_sanitized_data"] is True
    for opened in (privileged, ordinary):
        assert "post_deleted" not in names(opened.so_far())


def test_a_deletion_shows_the_post_as_it_was(connect: Open, user: Http, room: Any) -> None:
    """app/post.go, DeletePost: the event holds the former state, without metadata."""
    gone = post(user, room, "as it was")
    opened = connect(user)
    assert user.delete(f"/posts/{gone['id']}").status == 200
    shown = json.loads(opened.event("post_deleted")["data"]["post"])
    assert (shown["message"], shown["delete_at"], "metadata" in shown) == ("as it was", 0, False)


def test_replies_of_a_deleted_root_are_not_told(connect: Open, user: Http, room: Any) -> None:
    """app/post.go, DeletePost: one event for the root."""
    root = post(user, room, "root")
    for number in range(3):
        post(user, room, f"reply {number}", root_id=root["id"])
    opened = connect(user)
    assert user.delete(f"/posts/{root['id']}").status == 200
    assert names(opened.so_far()).count("post_deleted") == 1


def test_a_change_of_an_account_comes_in_three_forms(
    connect: Open, user: Http, other: Http, admin: Http
) -> None:
    """app/user.go, sendUpdatedUserEvent: to himself, to admins, to all others."""
    own, privileged, ordinary = connect(user), connect(admin), connect(other)
    assert user.put(f"/users/{user.id}/patch", {"nickname": "changed"}).status == 200
    mine, seen, told = (one.event("user_updated") for one in (own, privileged, ordinary))
    assert mine["broadcast"]["user_id"] == user.id
    assert seen["broadcast"]["contains_sensitive_data"] is True
    assert told["broadcast"]["contains_sanitized_data"] is True
    assert seen["broadcast"]["omit_users"] == told["broadcast"]["omit_users"] == {user.id: True}
    assert "notify_props" in mine["data"]["user"]
    assert "notify_props" not in told["data"]["user"]
    for opened in (own, privileged, ordinary):
        assert "user_updated" not in names(opened.so_far())


def test_a_status_is_told_to_the_user_himself_only(connect: Open, user: Http, other: Http) -> None:
    """platform/status.go, BroadcastStatus: user_id."""
    own, foreign = connect(user), connect(other)
    status = {"user_id": user.id, "status": "dnd"}
    assert user.put(f"/users/{user.id}/status", status).status == 200
    while own.event("status_change")["data"] != {"status": "dnd", "user_id": user.id}:
        pass
    assert user.id not in str(
        [one for one in foreign.so_far(statuses=True) if one["event"] == "status_change"]
    )
    assert user.put(f"/users/{user.id}/status", {"user_id": user.id, "status": "online"}).status == 200


def test_the_removed_and_the_rest_get_copies_of_their_own(
    connect: Open, user: Http, other: Http, admin: Http, room: Any
) -> None:
    """app/channel.go, removeUserFromChannel."""
    goes, stays = connect(user), connect(other)
    assert admin.delete(f"/channels/{room['id']}/members/{user.id}").status == 200
    gone, told = goes.event("user_removed"), stays.event("user_removed")
    assert gone["data"] == {"channel_id": room["id"], "remover_id": admin.id}
    assert gone["broadcast"]["user_id"] == user.id
    assert told["data"] == {"remover_id": admin.id, "user_id": user.id}
    assert told["broadcast"]["channel_id"] == room["id"]


def test_a_direct_channel_is_named_in_the_broadcast_only(connect: Open, scene: Scene, user: Http) -> None:
    """app/channel.go, GetOrCreateDirectChannel: direct_added."""
    friend = scene.user()
    opened = connect(user)
    channel = friend.made("/channels/direct", [friend.id, user.id])
    added = opened.event("direct_added")
    assert added["broadcast"]["channel_id"] == channel["id"]
    assert channel["id"] not in str(added["data"])


def test_a_reaction_taken_back_has_no_channel_in_it(connect: Open, user: Http, room: Any) -> None:
    """app/reaction.go, DeleteReactionForPost: the channel is in the broadcast."""
    made = post(user, room, "nice")
    opened = connect(user)
    user.made("/reactions", {"user_id": user.id, "post_id": made["id"], "emoji_name": "tada"})
    assert json.loads(opened.event("reaction_added")["data"]["reaction"])["channel_id"] == room["id"]
    assert user.delete(f"/users/{user.id}/posts/{made['id']}/reactions/tada").status == 200
    removed = opened.event("reaction_removed")
    assert json.loads(removed["data"]["reaction"])["channel_id"] == ""
    assert removed["broadcast"]["channel_id"] == room["id"]


def test_preferences_are_preceded_by_an_empty_change_of_the_sidebar(connect: Open, user: Http) -> None:
    """app/preference.go, UpdatePreferences."""
    opened = connect(user)
    one = {"user_id": user.id, "category": "c", "name": "n", "value": "v"}
    assert user.put(f"/users/{user.id}/preferences", [one]).status == 200
    sidebar, changed = opened.so_far()[-2:]
    assert (sidebar["event"], sidebar["data"]) == ("sidebar_category_updated", {})
    assert json.loads(changed["data"]["preferences"]) == [one]


def test_an_action_that_fails_causes_no_event(connect: Open, user: Http, room: Any) -> None:
    """api4/post.go: refused before anything is stored."""
    opened = connect(user)
    assert user.post("/posts", {"channel_id": room["id"], "message": "long" * 4096}).status == 400
    assert "longlong" not in str(opened.so_far())


def test_presence_keeps_reactions_of_other_channels_away_once_all_three_are_set(
    connect: Open, user: Http, other: Http, room: Any
) -> None:
    """ShouldSendEvent: notInChannel and notInThread; posts are not scoped."""
    made = post(other, room, "to react to")
    opened = connect(user)

    def react(emoji: str) -> list[str]:
        other.made("/reactions", {"user_id": other.id, "post_id": made["id"], "emoji_name": emoji})
        return names(opened.so_far())

    elsewhere = "e" * 26
    opened.ask("presence", {"channel_id": elsewhere})
    assert "reaction_added" in react("tada")
    opened.ask("presence", {"thread_channel_id": elsewhere, "is_thread_view": False})
    assert "reaction_added" in react("heart")
    opened.ask("presence", {"thread_channel_id": elsewhere, "is_thread_view": True})
    assert "reaction_added" not in react("smile")
    post(other, room, "not scoped")
    assert "not scoped" in str(opened.so_far())
    opened.ask("presence", {"channel_id": room["id"]})
    assert "reaction_added" in react("eyes")


def test_a_member_added_while_connected_gets_what_comes_after(
    connect: Open, user: Http, admin: Http, scene: Scene
) -> None:
    """app/channel.go, AddChannelMember: the cached memberships are dropped."""
    team = scene.team()
    admin.made(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": user.id})
    channel = scene.channel(team)
    opened = connect(user)
    admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    while opened.event("user_added")["broadcast"]["channel_id"] != channel["id"]:
        pass
    post(admin, channel, "welcome here")
    while "welcome here" not in str(opened.so_far()):
        pass


@pytest.mark.emulator_only(reason="only a plugin can publish any event to any address on a real server")
@pytest.mark.parametrize(
    ("address", "first", "second", "stranger"),
    [
        ({}, True, True, True),
        ({"user_id": "first"}, True, False, False),
        ({"user_id": "first", "channel_id": "x" * 26, "team_id": "x" * 26}, True, False, False),
        ({"user_id": "first", "omit_users": ["first"]}, True, False, False),
        ({"omit_users": ["first"]}, False, True, True),
        ({"channel_id": "room"}, True, True, False),
        ({"channel_id": "room", "omit_users": ["second"]}, True, False, False),
        ({"channel_id": "room", "team_id": "x" * 26}, True, True, False),
        ({"team_id": "team"}, True, True, False),
        ({"channel_id": "x" * 26}, False, False, False),
        ({"connection_id": "connection"}, True, False, False),
        ({"connection_id": "connection", "user_id": "second"}, True, False, False),
        ({"omit_connection_id": "connection"}, False, True, True),
        ({"omit_connection_id": "connection", "user_id": "first"}, False, False, False),
    ],
)
def test_an_address_is_looked_at_in_the_servers_order(
    emulator: MattermostServer, address: dict[str, Any], first: bool, second: bool, stranger: bool
) -> None:
    """ShouldSendEvent: connection, omitted connection, user, omitted users, channel, team, everybody."""
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target
    from tests.conformance.websocket.peer import ready

    target = Target.of(emulator)
    scene = Scene(target, Http.login(target, target.admin, target.password))
    team = scene.team()
    one, two, three = scene.user(team), scene.user(team), scene.user()
    room = scene.channel(team, one, two)
    with ready(target, one) as a, ready(target, two) as b, ready(target, three) as c:
        ids = {
            "first": one.id,
            "second": two.id,
            "room": room["id"],
            "team": team["id"],
            "connection": a.connection_id,
        }

        def named(value: Any) -> Any:
            return frozenset(map(named, value)) if isinstance(value, list) else ids.get(value, value)

        emulator.emit("custom_test_ping", {}, **{key: named(value) for key, value in address.items()})
        got = ["custom_test_ping" in names(one.so_far()) for one in (a, b, c)]
        assert got == [first, second, stranger]


@pytest.mark.emulator_only(reason="a real server without a licence has no guests")
def test_a_guest_learns_of_changes_of_those_he_shares_a_channel_with(emulator: MattermostServer) -> None:
    """web_conn.go, ShouldSendEventToGuest."""
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target
    from tests.conformance.websocket.peer import ready

    target = Target.of(emulator)
    scene = Scene(target, Http.login(target, target.admin, target.password))
    team = scene.team()
    guest, near, far = scene.user(team), scene.user(team), scene.user()
    scene.channel(team, guest, near)
    scene.admin.put(f"/users/{guest.id}/roles", {"roles": "system_guest"})
    with ready(target, guest) as opened:
        opened.so_far()
        far.put(f"/users/{far.id}/patch", {"nickname": "far"})
        assert "user_updated" not in names(opened.so_far())
        near.put(f"/users/{near.id}/patch", {"nickname": "near"})
        assert "user_updated" in names(opened.so_far())
