"""What the console's statistics count (api4/system.go, app/analytics.go)."""

from collections.abc import Callable, Mapping

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

_DAY_MS = 24 * 60 * 60 * 1000
_MONTH_MS = 31 * _DAY_MS


@operation("GetAnalyticsOld")
def get_analytics(call: Call) -> Response:
    """GET /analytics/old: rows of a name and a number."""
    require(call.may("get_analytics"))
    count = _COUNTS.get(call.text("name") or "standard")
    if count is None:
        raise invalid_body("name")
    rows = count(call, call.text("team_id"))
    return json_response([{"name": name, "value": value} for name, value in rows.items()])


def _standard(call: Call, team_id: str) -> Mapping[str, int]:
    world = call.world
    people = [user for user in world.users if not user["is_bot"]]
    there = [user for user in people if not user["delete_at"]]
    types = [channel["type"] for channel in world.channels if team_id in ("", channel["team_id"])]
    members = [user for user in there if world.teams.is_member(team_id, user["id"])]
    active = [world.statuses.get(user["id"])["last_activity_at"] for user in there]
    return {
        "channel_open_count": types.count("O"),
        "channel_private_count": types.count("P"),
        "post_count": 0,
        "unique_user_count": len(members if team_id else there),
        "team_count": sum(not team["delete_at"] for team in world.teams),
        "total_websocket_connections": len(world.statuses.not_offline()),
        "total_master_db_connections": 0,
        "total_read_db_connections": 0,
        "daily_active_users": sum(at > call.now - _DAY_MS for at in active),
        "monthly_active_users": sum(at > call.now - _MONTH_MS for at in active),
        "inactive_user_count": -1 if team_id else len(people) - len(there),
    }


def _extra(call: Call, team_id: str) -> Mapping[str, int]:
    world = call.world
    files = [info for info in world.files.infos.values() if not info["delete_at"]]

    def _of_team(records: Mapping[str, JsonObject]) -> int:
        return sum(team_id in ("", record["team_id"]) for record in records.values())

    return {
        "incoming_webhook_count": _of_team(world.integrations.incoming),
        "outgoing_webhook_count": _of_team(world.integrations.outgoing),
        "command_count": _of_team(world.integrations.commands),
        "session_count": sum(session.expires_at > call.now for session in world.sessions),
        "total_file_count": len(files),
        "total_file_size": sum(info["size"] for info in files),
    }


def _none_yet(_call: Call, _team_id: str) -> Mapping[str, int]:
    """Days are counted by a job, once each has passed; so are the posts of all days."""
    return {}


_COUNTS: Mapping[str, Callable[[Call, str], Mapping[str, int]]] = {
    "bot_post_counts_day": _none_yet,
    "extra_counts": _extra,
    "post_counts_day": _none_yet,
    "standard": _standard,
    "user_counts_with_posts_day": _none_yet,
}
