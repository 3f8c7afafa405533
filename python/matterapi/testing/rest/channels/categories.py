"""Categories of the sidebar (api4/channel_category.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text, loads
from matterapi.testing.http.errors import AppError, forbidden, invalid_body, invalid_url, unparsable
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.categories import is_category_id, new_category
from matterapi.testing.state.permissions import can_in_team, require
from matterapi.testing.websocket.messages import Broadcast, Event

from .members import publish_member

_FAILED = "app.channel.sidebar_categories.app_error"
# Characters of a category's name.
_MOST_NAME = 64


def _owner(call: Call) -> tuple[str, str]:
    """Return the path's user and team; 403 for strangers."""
    user_id, team_id = call.id("user_id"), call.params["team_id"]
    require_self_or(call, user_id)
    require(can_in_team(call.world, call.user, team_id, "view_team"))
    return user_id, team_id


def _category(call: Call) -> JsonObject:
    if not is_category_id(call.params["category_id"]):
        raise invalid_url("category_id")
    user_id, team_id = _owner(call)
    category = call.world.categories.get(user_id, team_id, call.params["category_id"])
    if category is None:
        raise forbidden()
    return category


def _shown(call: Call, category: JsonObject) -> JsonObject:
    return call.world.categories.shown(category, call.world.channels)


def _publish(call: Call, event: str, data: JsonObject) -> None:
    where = Broadcast(user_id=call.id("user_id"), team_id=call.params["team_id"])
    call.hub.publish(Event(event, data, where))


@operation("GetSidebarCategoriesForTeamForUser")
def get_sidebar_categories(call: Call) -> Response:
    """GET .../channels/categories."""
    mine = call.world.categories.of(*_owner(call))
    shown = [_shown(call, category) for category in mine]
    return json_response({"categories": shown, "order": [category["id"] for category in mine]})


@operation("CreateSidebarCategoryForTeamForUser")
def create_sidebar_category(call: Call) -> Response:
    """POST .../channels/categories; answers 200."""
    user_id, team_id = _owner(call)
    fields = call.json_object("category")
    if (fields.get("user_id"), fields.get("team_id")) != (user_id, team_id):
        raise invalid_body("category")
    _check_name(fields)
    wanted = {**fields, "type": "custom", "channel_ids": _own_channels(call, user_id, fields)}
    category = new_category(call.world.ids.new(), user_id, team_id, wanted)
    call.world.categories.add(category)
    _publish(call, "sidebar_category_created", {"category_id": category["id"]})
    return json_response(category)


def _check_name(fields: JsonObject) -> None:
    """Refuse a name that the column has no room for.

    Raises:
        AppError: 500, as for any failure of the database.
    """
    if len(str(fields.get("display_name") or "")) > _MOST_NAME:
        raise AppError(500, _FAILED, "The name is too long.")


def _own_channels(call: Call, user_id: str, fields: JsonObject) -> list[str]:
    """Return the channels of a sent category in which the user is."""
    ids = fields.get("channel_ids") or []
    return [
        str(wanted_id) for wanted_id in ids if call.world.channels.member(str(wanted_id), user_id) is not None
    ]


@operation("GetSidebarCategoryOrderForTeamForUser")
def get_sidebar_category_order(call: Call) -> Response:
    """GET .../channels/categories/order."""
    return json_response([category["id"] for category in call.world.categories.of(*_owner(call))])


def _order(call: Call) -> list[str]:
    """Return the ids of the body, each once (model.NonSortedArrayFromJSON).

    Raises:
        AppError: 400 for anything but a list of texts.
    """
    try:
        value = loads(call.body)
    except ValueError:
        raise unparsable() from None
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise unparsable()
    return list(dict.fromkeys(value))


@operation("UpdateSidebarCategoryOrderForTeamForUser")
def update_sidebar_category_order(call: Call) -> Response:
    """PUT .../channels/categories/order."""
    user_id, team_id = _owner(call)
    order = _order(call)
    if any(call.world.categories.get(user_id, team_id, item_id) is None for item_id in order):
        raise invalid_body("category")
    if len(order) != len(call.world.categories.of(user_id, team_id)):
        raise AppError(500, _FAILED, "The order has not all categories.")
    call.world.categories.arrange(user_id, team_id, order)
    _publish(call, "sidebar_category_order_updated", {"order": order})
    return json_response(order)


@operation("GetSidebarCategoryForTeamForUser")
def get_sidebar_category(call: Call) -> Response:
    """GET .../channels/categories/{category_id}."""
    return json_response(_shown(call, _category(call)))


@operation("UpdateSidebarCategoriesForTeamForUser")
def update_sidebar_categories(call: Call) -> Response:
    """PUT .../channels/categories: some of them at once."""
    user_id, team_id = _owner(call)
    sent = [
        wanted_category for wanted_category in call.json_list("category") if isinstance(wanted_category, dict)
    ]
    known = [call.world.categories.get(user_id, team_id, str(update.get("id"))) for update in sent]
    pairs = [(update, category) for update, category in zip(sent, known, strict=True) if category is not None]
    if len(pairs) < len(sent):
        raise invalid_body("category")
    return json_response(_update(call, pairs))


@operation("UpdateSidebarCategoryForTeamForUser")
def update_sidebar_category(call: Call) -> Response:
    """PUT .../channels/categories/{category_id}."""
    category, fields = _category(call), call.json_object("category")
    if fields.get("team_id") != category["team_id"] or fields.get("user_id") != category["user_id"]:
        raise invalid_body("category")
    return json_response(_update(call, [(fields, category)])[0])


def _update(call: Call, pairs: list[tuple[JsonObject, JsonObject]]) -> list[JsonObject]:
    """Write what was sent into the stored categories; channels are muted with their category."""
    changed, muted = list[JsonObject](), list[tuple[JsonObject, list[str]]]()
    for fields, _ in pairs:
        _check_name(fields)
    for fields, category in pairs:
        was_muted = category["muted"]
        ids = _own_channels(call, category["user_id"], fields)
        mine = call.world.categories.of(category["user_id"], category["team_id"])
        call.world.categories.take(mine, ids)
        _note_favorites(call, category, ids)
        if category["type"] in ("custom", "favorites"):
            category["channel_ids"] = ids
        if category["type"] == "custom":
            category["display_name"] = fields.get("display_name") or category["display_name"]
        category["sorting"] = fields.get("sorting") or ""
        category["muted"], category["collapsed"] = bool(fields.get("muted")), bool(fields.get("collapsed"))
        if category["muted"] != was_muted:
            muted.append((category, ids))
        changed.append(_shown(call, category))
    _publish(call, "sidebar_category_updated", {"updatedCategories": dumps_text(changed)})
    for category, ids in muted:
        _mute(call, category, ids)
    return changed


def _note_favorites(call: Call, category: JsonObject, channel_ids: list[str]) -> None:
    """Keep the favourites as preferences, too, for clients that know no categories."""
    user_id, kind = category["user_id"], "favorite_channel"
    gone = category["channel_ids"] if category["type"] == "favorites" else channel_ids
    for channel_id in gone:
        call.world.preferences.delete({"user_id": user_id, "category": kind, "name": channel_id})
    for channel_id in channel_ids if category["type"] == "favorites" else ():
        call.world.preferences.put(
            {"user_id": user_id, "category": kind, "name": channel_id, "value": "true"}
        )


def _mute(call: Call, category: JsonObject, channel_ids: list[str]) -> None:
    wanted = "mention" if category["muted"] else "all"
    for channel_id in channel_ids:
        member = call.world.channels.member(channel_id, category["user_id"])
        if member is not None and member["notify_props"]["mark_unread"] != wanted:
            member["notify_props"]["mark_unread"] = wanted
            member["last_update_at"] = call.now
            publish_member(call, member)


@operation("RemoveSidebarCategoryForTeamForUser")
def remove_sidebar_category(call: Call) -> Response:
    """DELETE .../channels/categories/{category_id}: of those that the user has made."""
    category = _category(call)
    if category["type"] != "custom":
        raise AppError(400, _FAILED, "The category stays.")
    call.world.categories.remove(category)
    _publish(call, "sidebar_category_deleted", {"category_id": category["id"]})
    return ok()
