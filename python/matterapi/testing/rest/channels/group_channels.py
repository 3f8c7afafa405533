"""Group channels: searching them, and turning one into a private channel (api4/channel.go)."""

from matterapi.testing.effects.channels import publish_channel
from matterapi.testing.effects.system_posts import write_system_post
from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.teams.teams import render_team
from matterapi.testing.state.channels import valid_channel_name
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.state.teams import set_scheme_roles
from matterapi.testing.websocket.messages import Broadcast, Event

from .channels import the_channel


@operation("SearchGroupChannels")
def search_group_channels(call: Call) -> Response:
    """POST /channels/group/search: the caller's groups with a member of such a name, each word of it."""
    term = call.json_object("channel_search").get("term")
    words = str(term or "").lower().split()
    groups = [channel for channel in call.world.channels.of_user(call.user["id"]) if channel["type"] == "G"]
    return json_response(
        [group for group in groups if words and all(_has(call, group, word) for word in words)]
    )


def _has(call: Call, channel: JsonObject, word: str) -> bool:
    users = (call.world.users.get(member_id) for member_id in call.world.channels.members(channel["id"]))
    return any(user is not None and word in user["username"] for user in users)


def _common_teams(call: Call, channel: JsonObject) -> list[JsonObject]:
    """Return the teams that all members of a direct or group channel are in."""
    if channel["type"] not in ("D", "G"):
        raise AppError(
            400, "app.channel.get_common_teams.incorrect_channel_type", "The channel is not a group message."
        )
    members = call.world.channels.members(channel["id"])
    return [
        team
        for team in call.world.teams
        if not team["delete_at"] and all(call.world.teams.is_member(team["id"], member) for member in members)
    ]


@operation("GetGroupMessageMembersCommonTeams")
def get_common_teams(call: Call) -> Response:
    """GET /channels/{channel_id}/common_teams."""
    channel = the_channel(call)
    require(can_read(call.world, call.user, channel))
    return json_response([render_team(call, team) for team in _common_teams(call, channel)])


@operation("ConvertGroupMessageToChannel")
def convert_to_channel(call: Call) -> Response:
    """POST /channels/{channel_id}/convert_to_channel: into a private channel of a team of all members."""
    fields = call.json_object("body")
    team_id, name = str(fields.get("team_id") or ""), fields.get("name")
    require(can_in_team(call.world, call.user, team_id, "create_private_channel"))
    if fields.get("channel_id") != call.params["channel_id"]:
        raise invalid_body("channel_id")
    channel = the_channel(call)
    if team_id not in [team["id"] for team in _common_teams(call, channel)]:
        raise AppError(400, "app.channel.group_message_conversion.incorrect_team", "Not a team of all.")
    if channel["type"] != "G":
        raise AppError(
            404, "app.channel.group_message_conversion.original_channel_not_gm", "Not a group message."
        )
    member = call.world.channels.member(channel["id"], call.user["id"])
    if member is None:
        raise AppError(404, "app.channel.get_member.missing.app_error", "Not a member of the channel.")
    if not valid_channel_name(name):
        raise AppError(400, "model.channel.is_valid.1_or_more.app_error", "The channel name is not valid.")
    call.world.channels.rename(channel, str(name), team_id)
    channel["type"], channel["display_name"] = "P", str(fields.get("display_name") or "")
    channel["update_at"] = call.now
    publish_channel(call.hub, channel)
    shown = dict(channel)
    _tell(call, channel)
    set_scheme_roles(member, "channel", user=True, admin=True)
    data = {"channelMember": dumps_text(member)}
    call.hub.publish(Event("channel_member_updated", data, Broadcast(user_id=member["user_id"])))
    return json_response(shown)


def _tell(call: Call, channel: JsonObject) -> None:
    """Tell each member's sidebar, and all of them by a post."""
    members = list(call.world.channels.members(channel["id"]))
    for user_id in members:
        first = call.world.categories.of(user_id, channel["team_id"])[0]
        data = {"updatedCategories": dumps_text([call.world.categories.shown(first, call.world.channels)])}
        where = Broadcast(user_id=user_id, team_id=channel["team_id"])
        call.hub.publish(Event("sidebar_category_updated", data, where))
    users = [user for member in members if (user := call.world.users.get(member)) is not None]
    names = ", ".join(user["username"] for user in users)
    write_system_post(
        call.world,
        call.hub,
        channel,
        author_id=call.user["id"],
        kind="system_gm_to_channel",
        message=f"{call.user['username']} created this channel from a group message with {names}.",
        props={"convertedByUserId": call.user["id"], "gmMembersDuringConversionIDs": members},
    )
