"""Who is online, and what he says about it (api4/status.go)."""

from matterapi.testing.effects.accounts import publish_user
from matterapi.testing.http.encoding import JsonObject, dumps_text, loads
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.custom_status import parse_custom_status
from matterapi.testing.state.permissions import can_in_channel, require
from matterapi.testing.state.statuses import KNOWN
from matterapi.testing.websocket.actions import publish_status
from matterapi.testing.websocket.actions import publish_typing as tell_typing

from .preferences import publish_preferences
from .users import require_self_or

_RECENT = 5


@operation("GetUserStatus")
def get_user_status(call: Call) -> Response:
    """GET /users/{user_id}/status: an unknown user is offline."""
    return json_response(call.world.statuses.get(call.id("user_id")))


@operation("GetUsersStatusesByIds")
def get_users_statuses_by_ids(call: Call) -> Response:
    """POST /users/status/ids."""
    return json_response([call.world.statuses.get(user_id) for user_id in call.json_ids("user_ids")])


@operation("UpdateUserStatus")
def update_user_status(call: Call) -> Response:
    """PUT /users/{user_id}/status: `dnd_end_time` is in seconds, rounded down to 5 minutes."""
    fields, user_id = call.json_object("status"), call.id("user_id")
    if fields.get("user_id") != user_id and call.params["user_id"] != "me":
        raise invalid_body("user_id")
    if fields.get("status") not in KNOWN:
        raise invalid_body("status")
    require_self_or(call, user_id)
    end = fields.get("dnd_end_time")
    rounded = end // 60 * 60 if isinstance(end, int) else call.world.statuses.get(user_id)["dnd_end_time"]
    manual = fields["status"] != "online"
    if call.world.statuses.set(user_id, fields["status"], call.now, manual=manual, dnd_end_time=rounded):
        publish_status(call.world, call.hub, user_id)
    return json_response(call.world.statuses.get(user_id))


@operation("UpdateUserCustomStatus")
def update_user_custom_status(call: Call) -> Response:
    """PUT /users/{user_id}/status/custom: kept in the user's props, and among his recent ones."""
    fields, user = call.json_object("custom_status"), call.target_user()
    require_self_or(call, user["id"])
    status = parse_custom_status(fields, call.now)
    if status is None:
        raise invalid_body("custom_status")
    set_custom_status(call, user, status)
    return ok()


def set_custom_status(call: Call, user: JsonObject, status: JsonObject) -> None:
    """Keep what a user says about himself, and remember it among what he said lately.

    Raises:
        AppError: 400 for an emoji that is not there.
    """
    if status["emoji"] and not call.world.emojis.exists(status["emoji"]):
        error_id = "api.custom_status.set_custom_statuses.emoji_not_found"
        raise AppError(400, error_id, "There is no such emoji.")
    user["props"]["customStatus"] = dumps_text(status)
    user["update_at"] = call.now
    publish_user(call.world, call.hub, user)
    _remember(call, user["id"], status)


def _remember(call: Call, user_id: str, status: JsonObject) -> None:
    key = {"user_id": user_id, "category": "custom_status", "name": "recent_custom_statuses"}
    known = call.world.preferences.get(user_id, key["category"], key["name"])
    recent = loads(known["value"].encode()) if known else []
    recent = [status, *(earlier for earlier in recent if earlier["text"] != status["text"])][:_RECENT]
    preference = {**key, "value": dumps_text(recent)}
    call.world.preferences.put(preference)
    publish_preferences(call, user_id, "preferences_changed", [preference])


@operation("UnsetUserCustomStatus")
def unset_user_custom_status(call: Call) -> Response:
    """DELETE /users/{user_id}/status/custom."""
    user = call.target_user()
    require_self_or(call, user["id"])
    clear_custom_status(call, user)
    return ok()


def clear_custom_status(call: Call, user: JsonObject) -> None:
    """Take back what a user said about himself."""
    user["props"]["customStatus"] = ""
    user["update_at"] = call.now
    publish_user(call.world, call.hub, user)


@operation("PublishUserTyping")
def publish_user_typing(call: Call) -> Response:
    """POST /users/{user_id}/typing."""
    fields, user_id = call.json_object("typing"), call.id("user_id")
    require_self_or(call, user_id)
    channel_id = str(fields.get("channel_id") or "")
    require(can_in_channel(call.world, call.user, channel_id, "create_post"))
    tell_typing(call.hub, user_id, channel_id, str(fields.get("parent_id") or ""))
    return ok()
