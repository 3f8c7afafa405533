"""Categories of the sidebar, drafts, and what is unread in a team."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.peer import ID, Peer

KINDS = ["favorites", "channels", "direct_messages"]


@pytest.fixture
def mine(member: Peer) -> str:
    return str(member.get("/users/me").json["id"])


@pytest.fixture
def path(mine: str, team: Any) -> str:
    return f"/users/{mine}/teams/{team['id']}/channels/categories"


def _made(member: Peer, path: str, mine: str, team: Any, channel: Any) -> Any:
    body = {"user_id": mine, "team_id": team["id"], "display_name": "Work", "channel_ids": [channel["id"]]}
    return member.post(path, body).json


def _places(member: Peer, path: str) -> dict[str, list[str]]:
    return {one["type"]: one["channel_ids"] for one in member.get(path).json["categories"]}


def test_three_categories_hold_all_channels(member: Peer, path: str, channel: Any) -> None:
    listed = member.get(path).json
    assert [one["type"] for one in listed["categories"]] == KINDS
    assert [one["sort_order"] for one in listed["categories"]] == [0, 10, 20]
    assert listed["order"] == [one["id"] for one in listed["categories"]]
    assert channel["id"] in _places(member, path)["channels"]


def test_a_category_takes_its_channels_and_gives_them_back(
    member: Peer, path: str, mine: str, team: Any, channel: Any
) -> None:
    made = _made(member, path, mine, team, channel)
    assert (made["type"], made["sort_order"], made["channel_ids"]) == ("custom", 10, [channel["id"]])
    assert member.get(f"{path}/{made['id']}").json == made
    assert channel["id"] not in _places(member, path)["channels"]
    assert member.delete(f"{path}/{made['id']}").status == 200
    assert channel["id"] in _places(member, path)["channels"]
    default = member.get(path).json["order"][0]
    assert member.delete(f"{path}/{default}").error_id == "app.channel.sidebar_categories.app_error"


def test_the_order_is_the_users(member: Peer, path: str) -> None:
    order = member.get(f"{path}/order").json[::-1]
    assert member.put(f"{path}/order", order).json == order
    assert [one["type"] for one in member.get(path).json["categories"]] == KINDS[::-1]
    assert member.put(f"{path}/order", [ID]).error_id == "api.context.invalid_body_param.app_error"


def test_channels_are_muted_with_their_category(
    member: Peer, path: str, mine: str, team: Any, channel: Any
) -> None:
    made = _made(member, path, mine, team, channel)
    membership = f"/channels/{channel['id']}/members/me"
    for muted, mark_unread in ((True, "mention"), (False, "all")):
        changed = member.put(path, [{**made, "muted": muted, "display_name": "Renamed"}]).json
        assert [(one["muted"], one["display_name"]) for one in changed] == [(muted, "Renamed")]
        assert member.get(membership).json["notify_props"]["mark_unread"] == mark_unread


def test_categories_of_others_are_refused(
    member: Peer, stranger: Peer, path: str, mine: str, team: Any
) -> None:
    assert stranger.get(path).status == 403
    assert member.get(f"{path}/{ID}").status == 403
    assert member.get(f"{path}/bad").error_id == "api.context.invalid_url_param.app_error"
    foreign = {"user_id": ID, "team_id": team["id"], "display_name": "x"}
    assert member.post(path, foreign).error_id == "api.context.invalid_body_param.app_error"
    assert member.put(path, [{"id": ID}]).error_id == "api.context.invalid_body_param.app_error"


def test_one_draft_is_kept_for_a_channel_and_each_thread(member: Peer, team: Any, channel: Any) -> None:
    drafts = f"/users/me/teams/{team['id']}/drafts"
    assert member.get(drafts).json is None
    first = member.post("/drafts", {"channel_id": channel["id"], "message": "one"}).json
    assert "file_ids" not in first
    assert "priority" not in first
    second = member.post("/drafts", {"channel_id": channel["id"], "message": "two"}).json
    assert second["create_at"] == first["create_at"]
    member.post("/drafts", {"channel_id": channel["id"], "message": "re", "root_id": ID})
    assert {one["message"] for one in member.get(drafts).json} == {"two", "re"}
    assert member.delete(f"/users/me/channels/{channel['id']}/drafts/{ID}").status == 200
    assert [one["message"] for one in member.get(drafts).json] == ["two"]
    member.post("/drafts", {"channel_id": channel["id"], "message": ""})
    assert member.get(drafts).json is None


def test_no_draft_is_kept_for_a_foreign_channel(stranger: Peer, member: Peer, channel: Any) -> None:
    assert stranger.post("/drafts", {"channel_id": channel["id"], "message": "x"}).status == 403
    body = {"channel_id": channel["id"], "message": 5}
    assert member.post("/drafts", body).error_id == "api.context.invalid_body_param.app_error"


def test_a_draft_is_told_to_the_users_sockets(member: Peer, channel: Any) -> None:
    with member.socket() as socket:
        member.post("/drafts", {"channel_id": channel["id"], "message": "x"})
        assert socket.event("draft_created")["broadcast"]["channel_id"] == channel["id"]
        member.delete(f"/users/me/channels/{channel['id']}/drafts")
        assert socket.event("draft_deleted")["broadcast"]["channel_id"] == channel["id"]


def test_unread_messages_and_mentions_are_counted_by_team(
    admin: Peer, member: Peer, team: Any, channel: Any
) -> None:
    member.post("/channels/members/me/view", {"channel_id": channel["id"]})
    before = member.get(f"/users/me/teams/{team['id']}/unread").json
    admin.post("/posts", {"channel_id": channel["id"], "message": "hello @member"})
    after = member.get(f"/users/me/teams/{team['id']}/unread").json
    assert [after[key] - before[key] for key in ("msg_count", "mention_count")] == [1, 1]
    everywhere = member.get("/users/me/teams/unread?include_collapsed_threads=true").json
    assert [one["team_id"] for one in everywhere] == [team["id"]]
    assert member.get(f"/users/me/teams/unread?exclude_team={team['id']}").json == []
