"""Who is in which team (api4/team.go)."""

from matterapi.testing.effects.membership import join_team, leave_team, publish_added
from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body, no_such_user
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_team, require
from matterapi.testing.state.teams import set_scheme_roles
from matterapi.testing.websocket.messages import Broadcast, Event

from .teams import readable_team, render_team, the_team

MAX_BATCH = 256


def _member(call: Call) -> JsonObject:
    member = call.world.teams.member(call.params["team_id"], call.id("user_id"))
    if member is None or member["delete_at"]:
        raise AppError(404, "app.team.get_member.missing.app_error", "No such team member.")
    return member


def _may_add(call: Call, team: JsonObject, user_id: str) -> bool:
    if user_id == call.user["id"] and team["allow_open_invite"]:
        return call.may("join_public_teams")
    return can_in_team(call.world, call.user, team["id"], "add_user_to_team")


@operation("AddTeamMember")
def add_team_member(call: Call) -> Response:
    """POST /teams/{team_id}/members: adding a member again returns the membership."""
    fields = call.json_object("member")
    if fields.get("team_id") != call.params["team_id"]:
        raise invalid_body("team_id")
    user_id = fields.get("user_id")
    if not is_id(user_id):
        raise invalid_body("user_id")
    team = the_team(call)
    require(_may_add(call, team, str(user_id)))
    user = call.world.users.get(str(user_id))
    if user is None:
        raise no_such_user()
    # The server does not pass on who asked: the default channels read as if the user had joined himself.
    member = join_team(call.world, call.hub, team, user, by=user)
    publish_added(call.hub, team, user)
    return json_response(member, 201)


@operation("AddTeamMembers")
def add_team_members(call: Call) -> Response:
    """POST /teams/{team_id}/members/batch: `graceful=true` tells of each failure."""
    members = call.json_list("members")
    if not members:
        raise invalid_body("no members in batch")
    if len(members) > MAX_BATCH:
        raise invalid_body("too many members in batch")
    user_ids = [
        wanted_member.get("user_id") if isinstance(wanted_member, dict) else None for wanted_member in members
    ]
    if not all(is_id(wanted_user_id) for wanted_user_id in user_ids):
        raise invalid_body("user_id")
    team, graceful = the_team(call), call.flag("graceful")
    require(can_in_team(call.world, call.user, team["id"], "add_user_to_team"))
    shown: list[JsonObject] = []
    for user_id in (str(wanted_user_id) for wanted_user_id in user_ids):
        user = call.world.users.get(user_id)
        if user is None:
            if not graceful:
                raise no_such_user()
            error = no_such_user().body(None)
            shown.append({"user_id": user_id, "member": None, "error": error})
            continue
        member = join_team(call.world, call.hub, team, user, by=call.user)
        publish_added(call.hub, team, user)
        shown.append({"user_id": user_id, "member": member, "error": None} if graceful else member)
    return json_response(shown, 201)


@operation("GetTeamMember")
def get_team_member(call: Call) -> Response:
    """GET /teams/{team_id}/members/{user_id}."""
    readable_team(call)
    return json_response(_member(call))


@operation("GetTeamMembers")
def get_team_members(call: Call) -> Response:
    """GET /teams/{team_id}/members."""
    team = readable_team(call)
    members = call.world.teams.members(team["id"])
    if call.text("sort") == "Username":
        members = sorted(members, key=lambda member: _username(call, member))
    return json_response(call.cut(members))


def _username(call: Call, member: JsonObject) -> str:
    user = call.world.users.get(member["user_id"])
    return str(user["username"]) if user else ""


@operation("GetTeamMembersByIds")
def get_team_members_by_ids(call: Call) -> Response:
    """POST /teams/{team_id}/members/ids."""
    ids = call.json_ids("user_ids")
    team = readable_team(call)
    found = (call.world.teams.member(team["id"], wanted_id) for wanted_id in ids)
    return json_response([member for member in found if member is not None])


@operation("RemoveTeamMember")
def remove_team_member(call: Call) -> Response:
    """DELETE /teams/{team_id}/members/{user_id}: removing somebody who is gone is 200, too."""
    team, user = the_team(call), call.target_user()
    if user["id"] != call.user["id"]:
        require(can_in_team(call.world, call.user, team["id"], "remove_user_from_team"))
    if call.world.teams.member(team["id"], user["id"]) is None:
        raise AppError(
            400, "api.team.remove_user_from_team.missing.app_error", "The user is not in the team."
        )
    leave_team(call.world, call.hub, team, user, by=call.user)
    return ok()


def _publish_roles(call: Call, member: JsonObject) -> None:
    data = {"member": dumps_text(member)}
    call.hub.publish(Event("memberrole_updated", data, Broadcast(user_id=member["user_id"])))


@operation("UpdateTeamMemberRoles")
def update_team_member_roles(call: Call) -> Response:
    """PUT /teams/{team_id}/members/{user_id}/roles."""
    roles = call.json_strings().get("roles", "")
    require(can_in_team(call.world, call.user, call.params["team_id"], "manage_team_roles"))
    member = _member(call)
    if any(call.world.roles.by_name(name) is None for name in roles.split()):
        raise AppError(400, "app.role.get_by_name.app_error", "No such role.")
    set_scheme_roles(member, "team", user="team_user" in roles.split(), admin="team_admin" in roles.split())
    _publish_roles(call, member)
    return ok()


@operation("UpdateTeamMemberSchemeRoles")
def update_team_member_scheme_roles(call: Call) -> Response:
    """PUT /teams/{team_id}/members/{user_id}/schemeRoles."""
    wanted = call.json_object("scheme_roles")
    require(can_in_team(call.world, call.user, call.params["team_id"], "manage_team_roles"))
    member = _member(call)
    set_scheme_roles(
        member, "team", user=bool(wanted.get("scheme_user")), admin=bool(wanted.get("scheme_admin"))
    )
    _publish_roles(call, member)
    return ok()


@operation("GetTeamsForUser")
def get_teams_for_user(call: Call) -> Response:
    """GET /users/{user_id}/teams: all at once, by display name."""
    user_id = call.id("user_id")
    require_self_or(call, user_id, "manage_system")
    memberships = call.world.teams.memberships(user_id)
    teams = (call.world.teams.get(member["team_id"]) for member in memberships)
    mine = [team for team in teams if team is not None and not team["delete_at"]]
    return json_response(
        [render_team(call, team) for team in sorted(mine, key=lambda team: str(team["display_name"]))]
    )


@operation("GetTeamMembersForUser")
def get_team_members_for_user(call: Call) -> Response:
    """GET /users/{user_id}/teams/members."""
    user_id = call.id("user_id")
    require_self_or(call, user_id, "read_other_users_teams")
    return json_response(call.world.teams.memberships(user_id))
