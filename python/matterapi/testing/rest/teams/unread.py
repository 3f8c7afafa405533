"""What a user has not read, by team (api4/team.go)."""

from matterapi.testing.effects.rendering import unread_replies
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.permissions import can_in_team, require

_COUNTS = ("msg_count", "mention_count", "mention_count_root", "msg_count_root")
_THREADS = ("thread_count", "thread_mention_count", "thread_urgent_mention_count")


@operation("GetTeamUnread")
def get_team_unread(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/unread: without threads."""
    user_id, team_id = call.id("user_id"), call.params["team_id"]
    require_self_or(call, user_id, "manage_system")
    require(can_in_team(call.world, call.user, team_id, "view_team"))
    return json_response(_unread(call, user_id).get(team_id) or _nothing(team_id))


@operation("GetTeamsUnreadForUser")
def get_teams_unread(call: Call) -> Response:
    """GET /users/{user_id}/teams/unread: without those of `exclude_team`, by default direct channels."""
    user_id = call.id("user_id")
    require_self_or(call, user_id, "manage_system")
    found = _unread(call, user_id)
    found.pop(call.text("exclude_team"), None)
    if call.text("include_collapsed_threads") == "true":
        _count_threads(call, user_id, found)
    return json_response(list(found.values()))


def _nothing(team_id: str) -> JsonObject:
    return {"team_id": team_id, **dict.fromkeys((*_COUNTS, *_THREADS), 0)}


def _unread(call: Call, user_id: str) -> dict[str, JsonObject]:
    """Return the counts by team; messages of muted channels do not count."""
    found: dict[str, JsonObject] = {}
    for channel in call.world.channels.of_user(user_id):
        member = call.world.channels.member(channel["id"], user_id)
        if member is None or channel["delete_at"]:
            continue
        counts = found.setdefault(channel["team_id"], _nothing(channel["team_id"]))
        counts["mention_count"] += member["mention_count"]
        counts["mention_count_root"] += member["mention_count_root"]
        if member["notify_props"]["mark_unread"] != "mention":
            counts["msg_count"] += channel["total_msg_count"] - member["msg_count"]
            counts["msg_count_root"] += channel["total_msg_count_root"] - member["msg_count_root"]
    return found


def _count_threads(call: Call, user_id: str, found: dict[str, JsonObject]) -> None:
    for root_id in call.world.threads.followed_by(user_id):
        root, member = call.world.posts.alive(root_id), call.world.threads.membership(root_id, user_id)
        channel = call.world.channels.get(root["channel_id"]) if root else None
        if channel is None or member is None or channel["team_id"] not in found:
            continue
        if unread_replies(call.world, root_id, user_id):
            found[channel["team_id"]]["thread_count"] += 1
        found[channel["team_id"]]["thread_mention_count"] += member["unread_mentions"]
