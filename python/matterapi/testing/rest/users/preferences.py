"""Preferences (api4/preference.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.websocket.messages import Broadcast, Event

from .users import require_self_or

_MAX = 100


@operation("GetPreferences")
def get_preferences(call: Call) -> Response:
    """GET /users/{user_id}/preferences: `null` when there are none."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    return json_response(call.world.preferences.of_user(user_id) or None)


@operation("GetPreferencesByCategory")
def get_preferences_by_category(call: Call) -> Response:
    """GET /users/{user_id}/preferences/{category}: 404 for an empty one."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    found = call.world.preferences.of_user(user_id, call.params["category"])
    if not found:
        raise AppError(404, "api.preference.preferences_category.get.app_error", "No such preferences.")
    return json_response(found)


@operation("GetPreferencesByCategoryByName")
def get_preferences_by_category_by_name(call: Call) -> Response:
    """GET /users/{user_id}/preferences/{category}/name/{preference_name}: 400 for an unknown one."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    found = call.world.preferences.get(user_id, call.params["category"], call.params["preference_name"])
    if found is None:
        raise AppError(400, "app.preference.get.app_error", "No such preference.")
    return json_response(found)


def _given(call: Call, user_id: str) -> list[JsonObject]:
    preferences = call.json_list("preferences")
    if not 0 < len(preferences) <= _MAX:
        raise invalid_body("preferences")
    given = []
    for preference in preferences:
        if not isinstance(preference, dict):
            raise invalid_body("preferences")
        if preference.get("user_id") != user_id:
            raise AppError(
                403, "api.preference.update_preferences.set.app_error", "Another user's preference."
            )
        given.append(
            {key: str(preference.get(key) or "") for key in ("user_id", "category", "name", "value")}
        )
    return given


def publish_preferences(call: Call, user_id: str, event: str, preferences: list[JsonObject]) -> None:
    """Tell the user's sockets; an event about the sidebar always comes first."""
    call.hub.publish(Event("sidebar_category_updated", {}, Broadcast(user_id=user_id)))
    data = {"preferences": dumps_text(preferences)}
    call.hub.publish(Event(event, data, Broadcast(user_id=user_id)))


def _follow_favorite(call: Call, preference: JsonObject, *, on: bool) -> None:
    """Move a channel that is made a favourite, or is one no longer, in the sidebars where it is shown."""
    channel = call.world.channels.get(preference["name"])
    if preference["category"] != "favorite_channel" or channel is None:
        return
    user_id = preference["user_id"]
    joined = (member["team_id"] for member in call.world.teams.memberships(user_id))
    teams = [channel["team_id"]] if channel["team_id"] else list(joined)
    call.world.categories.set_favorite(user_id, teams, channel["id"], on=on)


@operation("UpdatePreferences")
def update_preferences(call: Call) -> Response:
    """PUT /users/{user_id}/preferences."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    preferences = _given(call, user_id)
    for preference in preferences:
        call.world.preferences.put(preference)
        _follow_favorite(call, preference, on=preference["value"] != "false")
    publish_preferences(call, user_id, "preferences_changed", preferences)
    return ok()


@operation("DeletePreferences")
def delete_preferences(call: Call) -> Response:
    """POST /users/{user_id}/preferences/delete."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    preferences = _given(call, user_id)
    for preference in preferences:
        call.world.preferences.delete(preference)
        _follow_favorite(call, preference, on=False)
    publish_preferences(call, user_id, "preferences_deleted", preferences)
    return ok()
