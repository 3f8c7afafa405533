"""Custom emoji (api4/emoji.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text, loads
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url
from matterapi.testing.http.multipart import MultipartError, parse_multipart
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.emoji import system_names, valid_emoji_name
from matterapi.testing.state.permissions import require
from matterapi.testing.websocket.messages import Event

_MOST_NAMES = 200


@operation("CreateEmoji")
def create_emoji(call: Call) -> Response:
    """POST /emoji: a form with the parts `image` and `emoji` (JSON, with the caller's id); answers 200."""
    require(call.may("create_emojis"))
    fields, image = _form(call)
    name = fields.get("name")
    if not valid_emoji_name(name):
        raise AppError(400, "model.emoji.name.app_error", "The name is not valid.")
    if name in system_names():
        raise AppError(400, "model.emoji.system_emoji_name.app_error", "A built-in emoji has that name.")
    if fields.get("creator_id") != call.user["id"]:
        raise AppError(403, "api.emoji.create.other_user.app_error", "The creator is another user.")
    if call.world.emojis.by_name(str(name)) is not None:
        raise AppError(400, "api.emoji.create.duplicate.app_error", "Another emoji has that name.")
    if image is None:
        raise invalid_body("createEmoji")
    now = call.now
    emoji: JsonObject = {
        "id": call.world.ids.new(),
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "creator_id": call.user["id"],
        "name": name,
    }
    call.world.emojis.by_id[emoji["id"]] = emoji
    call.world.emojis.images[emoji["id"]] = image
    call.hub.publish(Event("emoji_added", {"emoji": dumps_text(emoji)}))
    return json_response(emoji)


def _form(call: Call) -> tuple[JsonObject, bytes | None]:
    try:
        parts = {part.name: part for part in parse_multipart(call.headers.get("Content-Type", ""), call.body)}
        fields = loads(parts["emoji"].content)
    except (MultipartError, KeyError, ValueError):
        raise invalid_body("emoji") from None
    if not isinstance(fields, dict):
        raise invalid_body("emoji")
    return fields, parts["image"].content if "image" in parts else None


@operation("GetEmojiList")
def get_emoji_list(call: Call) -> Response:
    """GET /emoji."""
    emojis = list(call.world.emojis.by_id.values())
    if call.text("sort") == "name":
        emojis.sort(key=lambda emoji: str(emoji["name"]))
    return json_response(call.cut(emojis))


def _emoji(call: Call) -> JsonObject:
    emoji = call.world.emojis.by_id.get(call.params["emoji_id"])
    if emoji is None:
        raise AppError(404, "app.emoji.get.no_result", "No such emoji.")
    return emoji


@operation("GetEmoji")
def get_emoji(call: Call) -> Response:
    """GET /emoji/{emoji_id}."""
    return json_response(_emoji(call))


@operation("GetEmojiImage")
def get_emoji_image(call: Call) -> Response:
    """GET /emoji/{emoji_id}/image."""
    image = call.world.emojis.images[_emoji(call)["id"]]
    return Response(200, image, "image/png", [("Cache-Control", "max-age=2592000, private")])


@operation("GetEmojiByName")
def get_emoji_by_name(call: Call) -> Response:
    """GET /emoji/name/{emoji_name}: built-in ones are not found."""
    emoji = call.world.emojis.by_name(call.params["emoji_name"])
    if emoji is None:
        raise AppError(404, "app.emoji.get_by_name.no_result", "No emoji of that name.")
    return json_response(emoji)


@operation("DeleteEmoji")
def delete_emoji(call: Call) -> Response:
    """DELETE /emoji/{emoji_id}: by its creator, or an admin; no event tells of it."""
    emoji = _emoji(call)
    require(emoji["creator_id"] == call.user["id"] or call.may("delete_others_emojis"))
    del call.world.emojis.by_id[emoji["id"]]
    return ok()


@operation("SearchEmoji")
def search_emoji(call: Call) -> Response:
    """POST /emoji/search."""
    fields = call.json_object("term")
    term = fields.get("term")
    if not isinstance(term, str) or not term:
        raise invalid_body("term")
    return json_response(call.world.emojis.matching(term, prefix_only=bool(fields.get("prefix_only"))))


@operation("AutocompleteEmoji")
def autocomplete_emoji(call: Call) -> Response:
    """GET /emoji/autocomplete."""
    if not call.text("name"):
        raise invalid_url("name")
    return json_response(call.world.emojis.matching(call.text("name"), prefix_only=True))


@operation("GetEmojisByNames")
def get_emojis_by_names(call: Call) -> Response:
    """POST /emoji/names: unknown names are left out."""
    names = call.json_names("names")
    if len(names) > _MOST_NAMES:
        raise AppError(400, "api.emoji.get_multiple_by_name_too_many.request_error", "Too many names.")
    found = (call.world.emojis.by_name(name) for name in names)
    return json_response([emoji for emoji in found if emoji is not None])
