"""Teams (api4/team.go)."""

from matterapi.testing.effects.channels import erase_channel
from matterapi.testing.effects.erasing import check_erasing
from matterapi.testing.effects.membership import create_team as found_team
from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body, no_such_team
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import can_in_team, require
from matterapi.testing.state.teams import valid_team_name
from matterapi.testing.websocket.messages import Broadcast, Event

_CHANGEABLE = ("display_name", "description", "company_name", "allowed_domains", "allow_open_invite")


def the_team(call: Call) -> JsonObject:
    """Return the team that the path's `team_id` names; 404 for an unknown one."""
    team = call.world.teams.get(call.params["team_id"])
    if team is None:
        raise no_such_team()
    return team


def readable_team(call: Call) -> JsonObject:
    """Return the path's team; 403 for strangers, unless anybody may join it."""
    team = the_team(call)
    open_to_all = team["type"] == "O" and team["allow_open_invite"]
    require(open_to_all or can_in_team(call.world, call.user, team["id"], "view_team"))
    return team


def managed_team(call: Call) -> JsonObject:
    """Return the path's team; 403 for who may not manage it."""
    team = the_team(call)
    require(can_in_team(call.world, call.user, team["id"], "manage_team"))
    return team


def render_team(call: Call, team: JsonObject) -> JsonObject:
    """Return a team; its address and invite id only to those whom they concern."""
    if can_in_team(call.world, call.user, team["id"], "manage_team"):
        return team
    may_invite = can_in_team(call.world, call.user, team["id"], "invite_user")
    return {**team, "email": "", "invite_id": team["invite_id"] if may_invite else ""}


def _name(call: Call) -> str:
    """Return the path's only parameter, whatever the catalogue calls it."""
    return next(iter(call.params.values()))


def publish_team(call: Call, team: JsonObject, event: str = "update_team") -> None:
    """Tell the members of a changed or archived team."""
    call.hub.publish(Event(event, {"team": dumps_text({**team, "email": ""})}, Broadcast(team_id=team["id"])))


@operation("CreateTeam")
def create_team(call: Call) -> Response:
    """POST /teams."""
    fields = call.json_object("team")
    require(call.may("create_team"))
    if not valid_team_name(fields.get("name")):
        raise AppError(400, "model.team.is_valid.characters.app_error", "The team name is not valid.")
    if fields.get("type") not in ("O", "I"):
        raise AppError(400, "model.team.is_valid.type.app_error", "The team type is not valid.")
    if not fields.get("display_name"):
        raise AppError(400, "model.team.is_valid.name.app_error", "The display name is not valid.")
    if call.world.teams.by_name(fields["name"]) is not None:
        raise AppError(
            400, "store.sql_team.save_team.existing.app_error", "A team with this URL already exists."
        )
    return json_response(found_team(call.world, call.hub, call.user, fields), 201)


@operation("GetTeam")
def get_team(call: Call) -> Response:
    """GET /teams/{team_id}."""
    return json_response(render_team(call, readable_team(call)))


@operation("GetTeamByName")
def get_team_by_name(call: Call) -> Response:
    """GET /teams/name/{team_name}."""
    team = call.world.teams.by_name(_name(call))
    if team is None:
        raise AppError(404, "app.team.get_by_name.missing.app_error", "No team of that name.")
    call.params["team_id"] = team["id"]
    return json_response(render_team(call, readable_team(call)))


@operation("TeamExists")
def team_exists(call: Call) -> Response:
    """GET /teams/name/{team_name}/exists."""
    team = call.world.teams.by_name(_name(call))
    seen = team is not None and can_in_team(call.world, call.user, team["id"], "view_team")
    return json_response({"exists": seen})


@operation("GetAllTeams")
def get_all_teams(call: Call) -> Response:
    """GET /teams: all of them for admins, else those that anybody may join."""
    teams = sorted(call.world.teams, key=lambda team: str(team["display_name"]))
    if not call.is_admin:
        teams = [team for team in teams if team["allow_open_invite"] and not team["delete_at"]]
    page = [render_team(call, team) for team in call.cut(teams)]
    if call.flag("include_total_count"):
        return json_response({"teams": page, "total_count": len(teams)})
    return json_response(page)


@operation("SearchTeams")
def search_teams(call: Call) -> Response:
    """POST /teams/search: the response has another shape when a page is asked for."""
    fields = call.json_object("team_search")
    term = str(fields.get("term") or "").lower()
    teams = [
        team
        for team in sorted(call.world.teams, key=lambda team: str(team["display_name"]))
        if (term in team["name"] or term in team["display_name"].lower())
        and (call.is_admin or team["allow_open_invite"])
    ]
    shown = [render_team(call, team) for team in teams]
    page, per_page = fields.get("page"), fields.get("per_page")
    if page is None or per_page is None:
        return json_response(shown)
    return json_response({"teams": shown[page * per_page : (page + 1) * per_page], "total_count": len(shown)})


@operation("UpdateTeam")
def update_team(call: Call) -> Response:
    """PUT /teams/{team_id}: what the body leaves out becomes empty."""
    fields = call.json_object("team")
    if fields.get("id") != call.params["team_id"]:
        raise invalid_body("id")
    team = managed_team(call)
    if not fields.get("display_name"):
        raise AppError(400, "model.team.is_valid.name.app_error", "The display name is not valid.")
    for key in _CHANGEABLE:
        team[key] = fields.get(key) or type(team[key])()
    team["update_at"] = call.now
    publish_team(call, team)
    return json_response(team)


@operation("PatchTeam")
def patch_team(call: Call) -> Response:
    """PUT /teams/{team_id}/patch."""
    team, patch = managed_team(call), call.json_object("team")
    team.update({key: patch[key] for key in _CHANGEABLE if patch.get(key) is not None})
    team["update_at"] = call.now
    publish_team(call, team)
    return json_response(team)


@operation("UpdateTeamPrivacy")
def update_team_privacy(call: Call) -> Response:
    """PUT /teams/{team_id}/privacy."""
    privacy = call.json_strings().get("privacy")
    if privacy not in ("O", "I"):
        raise invalid_body("privacy")
    team = managed_team(call)
    team["type"], team["allow_open_invite"], team["update_at"] = privacy, privacy == "O", call.now
    publish_team(call, team)
    return json_response(team)


@operation("RegenerateTeamInviteId")
def regenerate_team_invite_id(call: Call) -> Response:
    """POST /teams/{team_id}/regenerate_invite_id."""
    team = managed_team(call)
    team["invite_id"], team["update_at"] = call.world.ids.new(), call.now
    publish_team(call, team)
    return json_response(team)


@operation("GetTeamInviteInfo")
def get_team_invite_info(call: Call) -> Response:
    """GET /teams/invite/{invite_id}: open to anybody."""
    for team in call.world.teams:
        if team["invite_id"] == call.params["invite_id"]:
            return json_response({key: team[key] for key in ("display_name", "description", "name", "id")})
    raise AppError(404, "app.team.get_by_invite_id.finding.app_error", "No team with that invite id.")


@operation("SoftDeleteTeam")
def soft_delete_team(call: Call) -> Response:
    """DELETE /teams/{team_id}: archives; with `permanent=true` an admin erases it and its channels."""
    team = managed_team(call)
    permanent = call.flag("permanent")
    if permanent:
        check_erasing(call.world, call.user, "team")
    team["delete_at"] = team["update_at"] = call.now
    if permanent:
        for channel in call.world.channels.of_team(team["id"]):
            erase_channel(call.world, call.hub, channel)
    publish_team(call, team, "delete_team")
    if permanent:
        call.world.teams.remove(team["id"])
    return ok()


@operation("RestoreTeam")
def restore_team(call: Call) -> Response:
    """POST /teams/{team_id}/restore."""
    team = managed_team(call)
    team["delete_at"], team["update_at"] = 0, call.now
    publish_team(call, team, "restore_team")
    return json_response(team)


@operation("GetTeamStats")
def get_team_stats(call: Call) -> Response:
    """GET /teams/{team_id}/stats."""
    team = readable_team(call)
    members = call.world.teams.members(team["id"])
    users = [user for member in members if (user := call.world.users.get(member["user_id"])) is not None]
    active = sum(not user["delete_at"] for user in users)
    return json_response(
        {"team_id": team["id"], "total_member_count": len(members), "active_member_count": active}
    )
