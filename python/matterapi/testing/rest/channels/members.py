"""Who is in which channel, and how far he has read (api4/channel.go)."""

from matterapi.testing.effects.membership import DEFAULT_CHANNEL, join_channel, leave_channel
from matterapi.testing.effects.posting import mark_viewed
from matterapi.testing.http.encoding import JsonObject, dumps, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body, no_such_user
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.channels import render_member
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_channel, can_in_team, require
from matterapi.testing.state.teams import set_scheme_roles
from matterapi.testing.websocket.messages import Broadcast, Event

from .channels import the_channel

MAX_BATCH = 1000


def _entered_channel(call: Call) -> JsonObject:
    """Return the path's channel; 403 for who is not in it: that a public one may be read does not help."""
    channel = the_channel(call)
    require(can_in_channel(call.world, call.user, channel["id"], "read_channel"))
    return channel


def _member(call: Call, user_id: str) -> JsonObject:
    member = call.world.channels.member(call.params["channel_id"], user_id)
    if member is None:
        raise AppError(404, "app.channel.get_member.missing.app_error", "No such channel member.")
    return member


def _shown(call: Call, member: JsonObject) -> JsonObject:
    return render_member(member, call.user["id"])


@operation("AddChannelMember")
def add_channel_member(call: Call) -> Response:
    """POST /channels/{channel_id}/members: one user by `user_id`, or many by `user_ids`."""
    fields, channel = call.json_object("member"), the_channel(call)
    many = isinstance(fields.get("user_ids"), list)
    ids = [str(user_id) for user_id in (fields["user_ids"] if many else [fields.get("user_id")])]
    if len(ids) > MAX_BATCH or not all(is_id(wanted_id) for wanted_id in ids):
        raise invalid_body("user_ids" if many else "user_id")
    if channel["type"] in ("D", "G"):
        raise AppError(
            400, "api.channel.add_user_to_channel.type.app_error", "Not a channel to which people are added."
        )
    require(_may_add(call, channel, ids))
    users = [call.world.users.get(wanted_id) for wanted_id in ids]
    added = []
    for user in users:
        if user is None:
            raise no_such_user()
        if not call.world.teams.is_member(channel["team_id"], user["id"]):
            raise AppError(404, "app.team.get_member.missing.app_error", "The user is not in the team.")
        added.append(_shown(call, join_channel(call.world, call.hub, channel, user, by=call.user)))
    if many:
        return json_response(added or None, 201)
    return json_response(added[0], 201)


def _may_add(call: Call, channel: JsonObject, ids: list[str]) -> bool:
    if channel["type"] == "O" and ids == [call.user["id"]]:
        return can_in_team(call.world, call.user, channel["team_id"], "join_public_channels")
    kind = "public" if channel["type"] == "O" else "private"
    return can_in_channel(call.world, call.user, channel["id"], f"manage_{kind}_channel_members")


@operation("GetChannelMembers")
def get_channel_members(call: Call) -> Response:
    """GET /channels/{channel_id}/members: the real server's order is not defined."""
    channel = _entered_channel(call)
    members = list(call.world.channels.members(channel["id"]).values())
    return json_response([_shown(call, member) for member in call.cut(members)])


@operation("GetChannelMember")
def get_channel_member(call: Call) -> Response:
    """GET /channels/{channel_id}/members/{user_id}."""
    _entered_channel(call)
    return json_response(_shown(call, _member(call, call.id("user_id"))))


@operation("GetChannelMembersByIds")
def get_channel_members_by_ids(call: Call) -> Response:
    """POST /channels/{channel_id}/members/ids."""
    ids = call.json_ids("user_ids")
    members = call.world.channels.members(_entered_channel(call)["id"])
    return json_response([_shown(call, members[wanted_id]) for wanted_id in ids if wanted_id in members])


@operation("GetChannelMembersForUser")
def get_channel_members_for_user(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/channels/members."""
    user_id = call.id("user_id")
    require_self_or(call, user_id, "manage_system")
    require(can_in_team(call.world, call.user, call.params["team_id"], "view_team"))
    channels = call.world.channels.of_user(user_id)
    mine = [
        wanted_channel
        for wanted_channel in channels
        if wanted_channel["team_id"] in ("", call.params["team_id"])
    ]
    return json_response([_membership(call, channel, user_id) for channel in mine])


def _membership(call: Call, channel: JsonObject, user_id: str) -> JsonObject:
    return _shown(call, call.world.channels.members(channel["id"])[user_id])


@operation("GetChannelMembersWithTeamDataForUser")
def get_channel_members_with_team_data_for_user(call: Call) -> Response:
    """GET /users/{user_id}/channel_members: NDJSON for `page=-1`, else a list."""
    user_id = call.id("user_id")
    require_self_or(call, user_id, "manage_system")
    shown = []
    for channel in call.world.channels.of_user(user_id):
        team = call.world.teams.get(channel["team_id"])
        names = {
            "team_display_name": team["display_name"] if team else "",
            "team_name": team["name"] if team else "",
            "team_update_at": team["update_at"] if team else 0,
        }
        shown.append({**_membership(call, channel, user_id), **names})
    if call.number("page", 0) >= 0:
        return json_response(call.cut(shown))
    if not shown:
        raise AppError(404, "app.channel.get_member.missing.app_error", "No channel member found.")
    lines = b"".join(dumps(member) + b"\n" for member in shown)
    return Response(200, lines, "application/x-ndjson")


@operation("RemoveUserFromChannel")
def remove_user_from_channel(call: Call) -> Response:
    """DELETE /channels/{channel_id}/members/{user_id}."""
    channel, user = the_channel(call), call.target_user()
    if channel["type"] in ("D", "G"):
        raise AppError(
            400,
            "api.channel.remove_channel_member.type.app_error",
            "Not a channel from which people are removed.",
        )
    if user["id"] != call.user["id"]:
        kind = "public" if channel["type"] == "O" else "private"
        require(can_in_channel(call.world, call.user, channel["id"], f"manage_{kind}_channel_members"))
    if channel["name"] == DEFAULT_CHANNEL:
        raise AppError(400, "api.channel.remove.default.app_error", "Nobody leaves the default channel.")
    _member(call, user["id"])
    leave_channel(call.world, call.hub, channel, user, by=call.user)
    return ok()


def publish_member(call: Call, member: JsonObject) -> None:
    """Tell a member's own sockets of his changed membership."""
    data = {"channelMember": dumps_text(member)}
    call.hub.publish(Event("channel_member_updated", data, Broadcast(user_id=member["user_id"])))


def _set_roles(call: Call, *, user: bool, admin: bool) -> Response:
    require(can_in_channel(call.world, call.user, call.params["channel_id"], "manage_channel_roles"))
    member = _member(call, call.id("user_id"))
    set_scheme_roles(member, "channel", user=user, admin=admin)
    member["last_update_at"] = call.now
    publish_member(call, member)
    return ok()


@operation("UpdateChannelRoles")
def update_channel_roles(call: Call) -> Response:
    """PUT /channels/{channel_id}/members/{user_id}/roles."""
    roles = call.json_strings().get("roles", "").split()
    return _set_roles(call, user="channel_user" in roles, admin="channel_admin" in roles)


@operation("UpdateChannelMemberSchemeRoles")
def update_channel_member_scheme_roles(call: Call) -> Response:
    """PUT /channels/{channel_id}/members/{user_id}/schemeRoles."""
    wanted = call.json_object("scheme_roles")
    return _set_roles(call, user=bool(wanted.get("scheme_user")), admin=bool(wanted.get("scheme_admin")))


@operation("UpdateChannelNotifyProps")
def update_channel_notify_props(call: Call) -> Response:
    """PUT /channels/{channel_id}/members/{user_id}/notify_props: unknown keys are ignored."""
    props, user_id = call.json_strings(), call.id("user_id")
    require_self_or(call, user_id)
    member = _member(call, user_id)
    member["notify_props"].update(
        {key: value for key, value in props.items() if key in member["notify_props"]}
    )
    member["last_update_at"] = call.now
    publish_member(call, member)
    return ok()


def _view(call: Call, user_id: str, channel_ids: list[str]) -> Response:
    """Mark channels as read and tell the user's sockets."""
    times = {}
    for channel_id in channel_ids:
        channel, member = call.world.channels.get(channel_id), call.world.channels.member(channel_id, user_id)
        if channel is not None and member is not None:
            mark_viewed(channel, member)
            times[channel_id] = channel["last_post_at"]
    if times:
        data = {"channel_times": dict(sorted(times.items()))}
        call.hub.publish(Event("multiple_channels_viewed", data, Broadcast(user_id=user_id)))
    return json_response({"status": "OK", "last_viewed_at_times": dict(sorted(times.items()))})


@operation("ViewChannel")
def view_channel(call: Call) -> Response:
    """POST /channels/members/{user_id}/view."""
    fields, user_id = call.json_object("channel_view"), call.id("user_id")
    require_self_or(call, user_id)
    ids = [str(fields.get(key) or "") for key in ("channel_id", "prev_channel_id")]
    for key, value in zip(("channel_id", "prev_channel_id"), ids, strict=True):
        if value and not is_id(value):
            raise invalid_body(f"channel_view.{key}")
    return _view(call, user_id, [wanted_id for wanted_id in ids if wanted_id])


@operation("MarkChannelsReadForUser")
def mark_channels_read_for_user(call: Call) -> Response:
    """POST /channels/members/{user_id}/mark_read."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    return _view(call, user_id, call.json_ids("channel_ids"))


@operation("GetChannelUnread")
def get_channel_unread(call: Call) -> Response:
    """GET /users/{user_id}/channels/{channel_id}/unread."""
    channel, user_id = the_channel(call), call.id("user_id")
    require_self_or(call, user_id)
    member = _member(call, user_id)
    return json_response(
        {
            "team_id": channel["team_id"],
            "channel_id": channel["id"],
            "msg_count": channel["total_msg_count"] - member["msg_count"],
            "mention_count": member["mention_count"],
            "mention_count_root": member["mention_count_root"],
            "urgent_mention_count": member["urgent_mention_count"],
            "msg_count_root": channel["total_msg_count_root"] - member["msg_count_root"],
        }
    )


@operation("GetChannelsMemberCount")
def get_channels_member_count(call: Call) -> Response:
    """POST /channels/stats/member_count: an empty list gives an empty object."""
    ids = call.json_ids("channel_ids", sized=False)
    counts = {
        wanted_id: len(call.world.channels.members(wanted_id))
        for wanted_id in ids
        if call.world.channels.get(wanted_id)
    }
    return json_response(counts)
