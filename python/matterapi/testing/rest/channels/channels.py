"""Single channels (api4/channel.go)."""

from matterapi.testing.effects.channels import (
    archive_channel,
    convert_channel,
    direct_channel,
    erase_channel,
    group_channel,
)
from matterapi.testing.effects.channels import change_channel as apply_changes
from matterapi.testing.effects.channels import create_channel as found_channel
from matterapi.testing.effects.channels import move_channel as move_to_team
from matterapi.testing.effects.channels import restore_channel as unarchive
from matterapi.testing.effects.erasing import check_erasing
from matterapi.testing.effects.membership import DEFAULT_CHANNEL
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, forbidden, invalid_body, no_such_channel, no_such_user
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.channels import valid_channel_name
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_channel, can_in_team, can_read, require

_GROUP_SIZE = range(3, 9)
_CHANGEABLE = ("name", "display_name", "header", "purpose")


def the_channel(call: Call) -> JsonObject:
    """Return the channel that the path's `channel_id` names; 404 for an unknown one."""
    channel = call.world.channels.get(call.params["channel_id"])
    if channel is None:
        raise no_such_channel(call.params["channel_id"])
    return channel


def readable_channel(call: Call) -> JsonObject:
    """Return the path's channel; 403 for who may not read it."""
    channel = the_channel(call)
    require(can_read(call.world, call.user, channel))
    return channel


def managed_channel(call: Call) -> JsonObject:
    """Return the path's channel; 403 for who may not change it."""
    channel = the_channel(call)
    kind = {"O": "public", "P": "private"}.get(channel["type"])
    if kind is None:
        require(call.user["id"] in call.world.channels.members(channel["id"]))
    else:
        require(can_in_channel(call.world, call.user, channel["id"], f"manage_{kind}_channel_properties"))
    return channel


@operation("CreateChannel")
def create_channel(call: Call) -> Response:
    """POST /channels."""
    fields = call.json_object("channel")
    if not fields.get("display_name"):
        raise invalid_body("display_name")
    if fields.get("type") not in ("O", "P"):
        raise AppError(400, "api.channel.create_channel.direct_channel.app_error", "Not a type to create.")
    if not is_id(fields.get("team_id")):
        raise AppError(400, "model.channel.is_valid.team_id.app_error", "The team id is not valid.")
    kind = "public" if fields["type"] == "O" else "private"
    require(can_in_team(call.world, call.user, fields["team_id"], f"create_{kind}_channel"))
    if call.world.teams.get(fields["team_id"]) is None:
        raise AppError(404, "app.channel.get_channels.not_found.app_error", "No channels were found.")
    _check_name(fields.get("name"))
    if call.world.channels.by_name(fields["team_id"], fields["name"]) is not None:
        raise AppError(
            400, "store.sql_channel.save_channel.exists.app_error", "The team has a channel of that name."
        )
    return json_response(found_channel(call.world, call.hub, call.user, fields), 201)


def _check_name(name: object) -> None:
    if not valid_channel_name(name):
        raise AppError(400, "model.channel.is_valid.1_or_more.app_error", "The channel name is not valid.")


@operation("CreateDirectChannel")
def create_direct_channel(call: Call) -> Response:
    """POST /channels/direct: returns the one there is, also with 201."""
    ids = [str(user_id) for user_id in call.json_list("user_ids")]
    if len(ids) not in (1, 2) or not all(is_id(wanted_id) for wanted_id in ids):
        raise invalid_body("user_ids")
    first, second = ids[0], ids[-1]
    if call.user["id"] not in ids and not call.is_admin:
        raise forbidden()
    if call.world.users.get(first) is None or call.world.users.get(second) is None:
        raise no_such_user()
    if call.user["id"] == second:
        first, second = second, first
    return json_response(direct_channel(call.world, call.hub, first, second), 201)


@operation("CreateGroupChannel")
def create_group_channel(call: Call) -> Response:
    """POST /channels/group: three to eight people, the caller among them."""
    ids = {str(user_id) for user_id in call.json_list("user_ids")} | {call.user["id"]}
    if not all(is_id(wanted_id) for wanted_id in ids):
        raise invalid_body("user_ids")
    if len(ids) not in _GROUP_SIZE:
        raise AppError(
            400, "api.channel.create_group.bad_size.app_error", "A group has three to eight people."
        )
    if any(call.world.users.get(wanted_id) is None for wanted_id in ids):
        raise no_such_user()
    return json_response(group_channel(call.world, call.hub, sorted(ids)), 201)


@operation("GetChannel")
def get_channel(call: Call) -> Response:
    """GET /channels/{channel_id}."""
    return json_response(readable_channel(call))


@operation("GetChannelByName", "GetChannelByNameForTeamName")
def get_channel_by_name(call: Call) -> Response:
    """GET of a channel by its name, in a team by id or name; any case of the name will do."""
    team_id = call.params.get("team_id", "")
    if "team_name" in call.params:
        team = call.world.teams.by_name(call.params["team_name"])
        team_id = team["id"] if team else ""
    channel = call.world.channels.by_name(team_id, call.params["channel_name"])
    if channel is None or (channel["delete_at"] and not call.flag("include_deleted")):
        raise AppError(404, "app.channel.get_by_name.missing.app_error", "No channel of that name.")
    require(can_read(call.world, call.user, channel))
    return json_response(channel)


@operation("UpdateChannel")
def update_channel(call: Call) -> Response:
    """PUT /channels/{channel_id}: a changed header or purpose is not told by system posts here."""
    fields = call.json_object("channel")
    if fields.get("id") != call.params["channel_id"]:
        raise invalid_body("channel_id")
    channel = managed_channel(call)
    if fields.get("type") not in (None, "", channel["type"]):
        raise AppError(400, "api.channel.update_channel.typechange.app_error", "The type stays.")
    named = {key: fields[key] for key in ("name", "display_name") if fields.get(key)}
    emptied = {key: fields.get(key) or "" for key in ("header", "purpose")}
    return _change(call, {**named, **emptied}, tell=False)


@operation("PatchChannel")
def patch_channel(call: Call) -> Response:
    """PUT /channels/{channel_id}/patch."""
    patch = call.json_object("channel")
    if patch.get("banner_info") and not call.world.licensed:
        raise AppError(
            403, "license_error.feature_unavailable.specific", "No channel banners without licence."
        )
    return _change(call, patch, tell=True)


def _change(call: Call, fields: JsonObject, *, tell: bool) -> Response:
    channel = managed_channel(call)
    if channel["delete_at"]:
        raise AppError(400, "api.channel.update_channel.deleted.app_error", "The channel is archived.")
    changes = {key: fields[key] for key in _CHANGEABLE if isinstance(fields.get(key), str)}
    if "name" in changes:
        _check_name(changes["name"])
        holder = call.world.channels.by_name(channel["team_id"], changes["name"])
        if holder is not None and holder["id"] != channel["id"]:
            raise AppError(400, "store.sql_channel.update.exists.app_error", "The name is taken.")
    return json_response(apply_changes(call.world, call.hub, channel, call.user, changes, tell=tell))


@operation("UpdateChannelPrivacy")
def update_channel_privacy(call: Call) -> Response:
    """PUT /channels/{channel_id}/privacy."""
    privacy = call.json_strings().get("privacy")
    if privacy not in ("O", "P"):
        raise invalid_body("privacy")
    channel = the_channel(call)
    change = "public_channel_to_private" if privacy == "P" else "private_channel_to_public"
    require(can_in_channel(call.world, call.user, channel["id"], f"convert_{change}"))
    if channel["name"] == DEFAULT_CHANNEL and privacy == "P":
        raise AppError(
            400, "api.channel.update_channel_privacy.default_channel_error", "The default channel is public."
        )
    return json_response(convert_channel(call.world, call.hub, channel, call.user, privacy))


@operation("DeleteChannel")
def delete_channel(call: Call) -> Response:
    """DELETE /channels/{channel_id}: archives; with `permanent=true` an admin erases."""
    channel = the_channel(call)
    if channel["type"] in ("D", "G"):
        raise AppError(400, "api.channel.delete_channel.type.invalid", "Not a channel to archive.")
    kind = "public" if channel["type"] == "O" else "private"
    require(can_in_channel(call.world, call.user, channel["id"], f"delete_{kind}_channel"))
    if channel["name"] == DEFAULT_CHANNEL:
        raise AppError(400, "api.channel.delete_channel.cannot.app_error", "The default channel stays.")
    if call.flag("permanent"):
        check_erasing(call.world, call.user, "channel")
        erase_channel(call.world, call.hub, channel)
    else:
        archive_channel(call.world, call.hub, channel, call.user)
    return ok()


@operation("RestoreChannel")
def restore_channel(call: Call) -> Response:
    """POST /channels/{channel_id}/restore."""
    channel = the_channel(call)
    require(can_in_team(call.world, call.user, channel["team_id"], "manage_team"))
    if not channel["delete_at"]:
        raise AppError(400, "api.channel.restore_channel.restored.app_error", "The channel is not archived.")
    return json_response(unarchive(call.world, call.hub, channel, call.user))


@operation("MoveChannel")
def move_channel(call: Call) -> Response:
    """POST /channels/{channel_id}/move."""
    fields = call.json_object("props")
    if not isinstance(fields.get("team_id"), str):
        raise invalid_body("team_id")
    if not isinstance(fields.get("force"), bool):
        raise invalid_body("force")
    require(call.is_admin)
    team = call.world.teams.get(fields["team_id"])
    if team is None:
        raise AppError(404, "app.team.get.find.app_error", "No such team.")
    return json_response(move_to_team(call.world, call.hub, the_channel(call), call.user, team))


@operation("GetChannelStats")
def get_channel_stats(call: Call) -> Response:
    """GET /channels/{channel_id}/stats."""
    channel = readable_channel(call)
    posts = [post for post in call.world.posts.in_channel(channel["id"]) if not post["delete_at"]]
    files = -1 if call.flag("exclude_files_count") else sum(len(post["file_ids"] or ()) for post in posts)
    return json_response(
        {
            "channel_id": channel["id"],
            "member_count": len(call.world.channels.members(channel["id"])),
            "guest_count": 0,
            "pinnedpost_count": sum(post["is_pinned"] for post in posts),
            "files_count": files,
        }
    )
