"""Lists of channels and searches (api4/channel.go)."""

from collections.abc import Iterable

from matterapi.testing.http.compression import accepts_gzip
from matterapi.testing.http.encoding import JsonObject, dumps
from matterapi.testing.http.errors import AppError, invalid_url, no_such_team
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.teams.teams import the_team
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.channels import by_display_name
from matterapi.testing.state.permissions import can_in_team, require

_NO_CHANNELS = "app.channel.get_channels.not_found.app_error"


def _with_team(call: Call, channels: Iterable[JsonObject]) -> list[JsonObject]:
    """Add the team's names, as the lists over all teams do."""
    shown = []
    for channel in channels:
        team = call.world.teams.get(channel["team_id"])
        names = {
            "team_display_name": team["display_name"] if team else "",
            "team_name": team["name"] if team else "",
            "team_update_at": team["update_at"] if team else 0,
        }
        shown.append({**channel, **names})
    return shown


def _matching(channels: Iterable[JsonObject], term: str) -> list[JsonObject]:
    wanted = term.lower()
    keys = ("name", "display_name", "purpose")
    return [channel for channel in channels if any(wanted in channel[key].lower() for key in keys)]


@operation("GetAllChannels")
def get_all_channels(call: Call) -> Response:
    """GET /channels: public and private ones of all teams, for admins."""
    require(call.is_admin)
    channels = [
        channel
        for channel in by_display_name(call.world.channels)
        if channel["type"] in ("O", "P") and (call.flag("include_deleted") or not channel["delete_at"])
    ]
    page = _with_team(call, call.cut(channels))
    if call.flag("include_total_count"):
        return json_response({"channels": page, "total_count": len(channels)})
    return json_response(page)


@operation("SearchAllChannels")
def search_all_channels(call: Call) -> Response:
    """POST /channels/search: the response has another shape when a page is asked for."""
    fields = call.json_object("channel_search")
    if call.flag("system_console", default=True):
        require(call.is_admin)
        candidates: Iterable[JsonObject] = call.world.channels
    else:
        candidates = call.world.channels.of_user(call.user["id"])
    named = [channel for channel in by_display_name(candidates) if channel["type"] in ("O", "P")]
    found = [
        channel for channel in _matching(named, str(fields.get("term") or "")) if not channel["delete_at"]
    ]
    page, per_page = fields.get("page"), fields.get("per_page")
    if page is None or per_page is None:
        return json_response(_with_team(call, found))
    cut = found[page * per_page : (page + 1) * per_page]
    return json_response({"channels": _with_team(call, cut), "total_count": len(found)})


def _team_channels(call: Call, permission: str) -> list[JsonObject]:
    team_id = call.params["team_id"]
    if call.world.teams.get(team_id) is None:
        raise no_such_team()
    require(can_in_team(call.world, call.user, team_id, permission))
    return call.world.channels.of_team(team_id)


@operation("GetPublicChannelsForTeam")
def get_public_channels_for_team(call: Call) -> Response:
    """GET /teams/{team_id}/channels."""
    channels = _team_channels(call, "list_team_channels")
    return json_response(
        call.cut([channel for channel in channels if channel["type"] == "O" and not channel["delete_at"]])
    )


@operation("GetPrivateChannelsForTeam")
def get_private_channels_for_team(call: Call) -> Response:
    """GET /teams/{team_id}/channels/private, for admins."""
    require(call.is_admin)
    channels = call.world.channels.of_team(the_team(call)["id"])
    return json_response(
        call.cut([channel for channel in channels if channel["type"] == "P" and not channel["delete_at"]])
    )


@operation("GetDeletedChannelsForTeam")
def get_deleted_channels_for_team(call: Call) -> Response:
    """GET /teams/{team_id}/channels/deleted."""
    channels = _team_channels(call, "list_team_channels")
    mine = {channel["id"] for channel in call.world.channels.of_user(call.user["id"])}
    seen = [
        channel for channel in channels if channel["type"] == "O" or channel["id"] in mine or call.is_admin
    ]
    return json_response(call.cut([channel for channel in seen if channel["delete_at"]]))


@operation("GetPublicChannelsByIdsForTeam")
def get_public_channels_by_ids_for_team(call: Call) -> Response:
    """POST /teams/{team_id}/channels/ids."""
    ids = call.json_ids("channel_ids")
    channels = _team_channels(call, "view_team")
    found = [channel for channel in channels if channel["id"] in ids and channel["type"] == "O"]
    if not found:
        raise AppError(404, "app.channel.get_channels_by_ids.not_found.app_error", "No channel found.")
    return json_response(found)


@operation("SearchChannels")
def search_channels(call: Call) -> Response:
    """POST /teams/{team_id}/channels/search."""
    term = str(call.json_object("channel_search").get("term") or "")
    channels = _team_channels(call, "list_team_channels")
    return json_response(
        _matching(
            [channel for channel in channels if channel["type"] == "O" and not channel["delete_at"]], term
        )
    )


@operation("AutocompleteChannelsForTeam", "AutocompleteChannelsForTeamForSearch")
def autocomplete_channels_for_team(call: Call) -> Response:
    """GET /teams/{team_id}/channels/autocomplete: public ones and the caller's private ones."""
    channels = _team_channels(call, "list_team_channels")
    mine = {channel["id"] for channel in call.world.channels.of_user(call.user["id"])}
    seen = [
        channel
        for channel in channels
        if (channel["type"] == "O" or channel["id"] in mine) and not channel["delete_at"]
    ]
    return json_response(_matching(seen, call.text("name")))


@operation("GetChannelsForTeamForUser")
def get_channels_for_team_for_user(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/channels: with the direct and group ones of no team."""
    user_id, team_id = call.id("user_id"), call.params["team_id"]
    require_self_or(call, user_id, "manage_system")
    require(can_in_team(call.world, call.user, team_id, "view_team"))
    channels = [
        channel
        for channel in call.world.channels.of_user(user_id)
        if channel["team_id"] in ("", team_id) and (call.flag("include_deleted") or not channel["delete_at"])
    ]
    if not channels:
        raise AppError(404, _NO_CHANNELS, "No channels were found.")
    latest = max(channels, key=lambda channel: max(channel["update_at"], channel["last_post_at"]))
    changed = max(latest["update_at"], latest["last_post_at"])
    etag = f"{call.world.version}.{latest['id']}.{changed}.0.{len(channels)}"
    return json_response(channels, etag=etag)


@operation("GetChannelsForUser")
def get_channels_for_user(call: Call) -> Response:
    """GET /users/{user_id}/channels: streamed, so without any channel the JSON is broken.

    The handler has written `[` when it finds that there are none; the status is then lost unless the
    answer was buffered for compression.
    """
    user_id = call.id("user_id")
    require_self_or(call, user_id, "manage_system")
    last_delete_at = call.number("last_delete_at", 0)
    if last_delete_at < 0:
        raise invalid_url("last_delete_at")
    channels = [
        channel
        for channel in call.world.channels.of_user(user_id)
        if not channel["delete_at"]
        or (call.flag("include_deleted") and channel["delete_at"] >= last_delete_at)
    ]
    if channels:
        return json_response(channels)
    error = AppError(404, _NO_CHANNELS, "No channels were found.")
    status = 404 if accepts_gzip(call.headers.get("Accept-Encoding", "")) else 200
    return Response(status, b"[" + dumps(error.body(call.world.ids.new())))
