"""Lists of accounts, searches and counts (api4/user.go)."""

from collections.abc import Iterable

from matterapi.testing.http.encoding import JsonObject, dumps
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.state.users import View, matching

from .users import view_of

_LIMIT = 100
_SORTS = ("", "last_activity_at", "create_at", "status", "admin", "display_name")


def _render(call: Call, users: Iterable[JsonObject]) -> list[JsonObject]:
    view: View = "admin" if call.is_admin else "other"
    return [call.world.show_user(user, view) for user in users]


@operation("GetUsers")
def get_users(call: Call) -> Response:
    """GET /users: by username, cut to a page."""
    if call.text("sort") not in _SORTS:
        raise invalid_url("sort")
    users = sorted(_selected(call), key=lambda user: str(user["username"]))
    if call.flag("active") and call.flag("inactive"):
        # The error comes behind the list, which is sent all the same.
        error = dumps(invalid_url("inactive").body(call.world.ids.new()))
        return Response(200, dumps(_render(call, call.cut(users))) + error)
    if call.text("sort") == "last_activity_at" and call.text("in_team"):
        return json_response(_recently_active(call, users))
    in_team = call.text("in_team") or call.text("not_in_team")
    newest = max((user["update_at"] for user in users), default=0)
    etag = f"{call.world.version}.{newest}.{in_team}" if in_team and not call.text("sort") else ""
    return json_response(_render(call, call.cut(users)), etag=etag)


def _recently_active(call: Call, users: list[JsonObject]) -> list[JsonObject]:
    """Render those of whom the server has seen any activity, the last active first."""
    seen = {user["id"]: call.world.statuses.get(user["id"])["last_activity_at"] for user in users}
    active = sorted((user for user in users if seen[user["id"]]), key=lambda user: -seen[user["id"]])
    chosen = call.cut(active)
    return [
        {**shown, "last_activity_at": seen[user["id"]]}
        for shown, user in zip(_render(call, chosen), chosen, strict=True)
    ]


def _selected(call: Call) -> list[JsonObject]:
    users = list(call.world.users)
    team_id, channel_id = call.query_id("in_team"), call.query_id("in_channel")
    if team_id:
        require(can_in_team(call.world, call.user, team_id, "view_team"))
        users = [user for user in users if call.world.teams.is_member(team_id, user["id"])]
    if other := call.query_id("not_in_team"):
        users = [user for user in users if not call.world.teams.is_member(other, user["id"])]
    if channel_id:
        channel = call.world.channels.get(channel_id)
        require(channel is not None and can_read(call.world, call.user, channel))
        users = [user for user in users if user["id"] in call.world.channels.members(channel_id)]
    if other := call.query_id("not_in_channel"):
        users = [user for user in users if user["id"] not in call.world.channels.members(other)]
    if call.flag("without_team"):
        users = [user for user in users if not call.world.teams.memberships(user["id"])]
    if call.flag("active"):
        users = [user for user in users if not user["delete_at"]]
    if call.flag("inactive"):
        users = [user for user in users if user["delete_at"]]
    if call.text("in_group"):
        raise AppError(404, "app.group.no_rows", "No such group.")
    role, roles = (
        call.text("role"),
        [wanted_role for wanted_role in call.text("roles").split(",") if wanted_role],
    )
    if role:
        users = [user for user in users if role in user["roles"].split()]
    return [user for user in users if _has_one(user, roles)] if roles else users


def _has_one(user: JsonObject, roles: list[str]) -> bool:
    """Whether a user has one of the roles; `system_user` means those who are nothing else."""
    return user["roles"] in roles or any(
        role != "system_user" and role in user["roles"].split() for role in roles
    )


@operation("GetUsersByIds")
def get_users_by_ids(call: Call) -> Response:
    """POST /users/ids: sorted by id; unknown ids are left out."""
    ids = call.json_names("user_ids")
    since = call.number("since", 0)
    users = (call.world.users.get(str(wanted_id)) for wanted_id in ids)
    found = [user for user in users if user is not None and user["update_at"] > since]
    return json_response(_render(call, found))


@operation("GetUsersByUsernames")
def get_users_by_usernames(call: Call) -> Response:
    """POST /users/usernames: sorted by name; unknown names are left out."""
    names = call.json_names("usernames")
    users = (call.world.users.by_username(name) for name in names)
    return json_response(_render(call, [user for user in users if user is not None]))


@operation("SearchUsers")
def search_users(call: Call) -> Response:
    """POST /users/search; 503 while the server is marked busy."""
    if call.now < call.world.busy_until_ms:
        raise AppError(503, "api.context.server_busy.app_error", "Server is busy.")
    fields = call.json_object("props")
    term = fields.get("term")
    if not isinstance(term, str) or not term:
        raise invalid_body("term")
    users = matching(call.world.users, term, emails=True)
    if not fields.get("allow_inactive"):
        users = [user for user in users if not user["delete_at"]]
    team_id, channel_id = fields.get("team_id") or "", fields.get("in_channel_id") or ""
    if team_id:
        users = [user for user in users if call.world.teams.is_member(team_id, user["id"])]
    if channel_id:
        users = [user for user in users if user["id"] in call.world.channels.members(channel_id)]
    limit = fields.get("limit")
    return json_response(_render(call, users[: limit if isinstance(limit, int) and limit > 0 else _LIMIT]))


@operation("AutocompleteUsers")
def autocomplete_users(call: Call) -> Response:
    """GET /users/autocomplete: members of the channel, and the rest of its team apart."""
    found = matching(call.world.users, call.text("name"), emails=False)
    users = [user for user in found if not user["delete_at"]]
    team_id, channel_id = call.text("in_team"), call.text("in_channel")
    if channel_id and not team_id:
        raise AppError(500, "api.user.autocomplete_users.missing_team_id.app_error", "The team is missing.")
    if team_id:
        users = [user for user in users if call.world.teams.is_member(team_id, user["id"])]
    limit = call.number("limit", _LIMIT)
    if not channel_id:
        return json_response({"users": _render(call, users[:limit])})
    members = call.world.channels.members(channel_id)
    inside = [user for user in users if user["id"] in members]
    outside = [user for user in users if user["id"] not in members]
    shown = {"users": _render(call, inside[:limit])}
    return json_response({**shown, "out_of_channel": _render(call, outside[:limit])} if outside else shown)


@operation("GetKnownUsers")
def get_known_users(call: Call) -> Response:
    """GET /users/known: ids of all who share a channel with the caller."""
    me = call.user["id"]
    known = {
        member_id
        for channel in call.world.channels.of_user(me)
        for member_id in call.world.channels.members(channel["id"])
    }
    return json_response(sorted(known - {me}))


@operation("GetTotalUsersStats")
def get_total_users_stats(call: Call) -> Response:
    """GET /users/stats."""
    people = [user for user in call.world.users if not user["is_bot"] and not user["delete_at"]]
    return json_response({"total_users_count": len(people)})


@operation("GetUsersByGroupChannelIds")
def get_users_by_group_channel_ids(call: Call) -> Response:
    """POST /users/group_channels: the members of the caller's group channels, by channel id."""
    shown: JsonObject = {}
    for channel_id in call.json_ids("group_channel_ids"):
        members = call.world.channels.members(channel_id)
        if not is_id(channel_id) or call.user["id"] not in members:
            continue
        users = (call.world.users.get(member) for member in members if member != call.user["id"])
        shown[channel_id] = [
            call.world.show_user(user, view_of(call, user)) for user in users if user is not None
        ]
    return json_response(shown)
