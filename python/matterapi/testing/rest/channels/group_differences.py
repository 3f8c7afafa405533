"""Members who are in none of some groups: all of them, for there are no groups (api4/team.go, channel.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.teams.teams import the_team
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import require

from .channels import the_channel


@operation("TeamMembersMinusGroupMembers")
def team_members_minus_group_members(call: Call) -> Response:
    """GET /teams/{team_id}/members_minus_group_members."""
    _check(call)
    return _reply(call, call.world.teams.members(the_team(call)["id"]))


@operation("ChannelMembersMinusGroupMembers")
def channel_members_minus_group_members(call: Call) -> Response:
    """GET /channels/{channel_id}/members_minus_group_members."""
    _check(call)
    return _reply(call, list(call.world.channels.members(the_channel(call)["id"]).values()))


def _check(call: Call) -> None:
    if not all(is_id(group_id) for group_id in call.text("group_ids").split(",")):
        raise invalid_body("group_ids")
    require(call.may("sysconsole_read_user_management_groups"))


def _reply(call: Call, members: list[JsonObject]) -> Response:
    shown = []
    for member in members:
        user = call.world.users.get(member["user_id"])
        if user is not None and not user["delete_at"]:
            roles = {key: member[key] for key in ("scheme_guest", "scheme_user", "scheme_admin")}
            shown.append({**call.world.show_user(user, "other"), "groups": [], **roles})
    shown.sort(key=lambda user: str(user["username"]))
    return json_response({"users": call.cut(shown), "total_count": len(shown)})
