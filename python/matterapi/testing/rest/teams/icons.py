"""Pictures of teams (api4/team.go)."""

from matterapi.testing.http.errors import AppError
from matterapi.testing.http.multipart import file_named
from matterapi.testing.http.response import Response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.files import image_size

from .teams import managed_team, publish_team, readable_team


@operation("GetTeamIcon")
def get_team_icon(call: Call) -> Response:
    """GET /teams/{team_id}/image: 404 when there is none."""
    team = readable_team(call)
    icon = call.world.teams.icons.get(team["id"])
    if icon is None:
        raise AppError(404, "api.team.get_team_icon.read_file.app_error", "The team has no icon.")
    headers = [("Cache-Control", "max-age=86400, private")]
    return Response(200, icon, "image/png", headers, etag=str(team.get("last_team_icon_update", 0)))


@operation("SetTeamIcon")
def set_team_icon(call: Call) -> Response:
    """POST /teams/{team_id}/image: a form with the part `image`."""
    team = managed_team(call)
    parts = call.form(AppError(400, "api.team.set_team_icon.parse.app_error", "Not a form."))
    image = file_named(parts, "image")
    if image is None:
        raise AppError(400, "api.team.set_team_icon.no_file.app_error", "No file named image.")
    if image_size(image) is None:
        raise AppError(400, "api.team.set_team_icon.decode.app_error", "Not an image that can be used.")
    call.world.teams.icons[team["id"]] = image
    team["last_team_icon_update"] = call.now
    publish_team(call, team)
    return ok()


@operation("RemoveTeamIcon")
def remove_team_icon(call: Call) -> Response:
    """DELETE /teams/{team_id}/image: a reader who asks later is given the old one all the same."""
    team = managed_team(call)
    team.pop("last_team_icon_update", None)
    publish_team(call, team)
    return ok()
