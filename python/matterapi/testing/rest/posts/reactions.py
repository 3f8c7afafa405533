"""Reactions (api4/reaction.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_channel, require
from matterapi.testing.websocket.messages import Broadcast, Event

from .posts import readable_post


def _publish(call: Call, name: str, reaction: JsonObject, channel_id: str) -> None:
    data = {"reaction": dumps_text(reaction)}
    call.hub.publish(Event(name, data, Broadcast(channel_id=channel_id)))


def _touch(call: Call, post: JsonObject) -> None:
    """Note a reaction on its post: that moves the post's `update_at`, not its channel's `last_post_at`."""
    post["has_reactions"] = bool(call.world.reactions.of_post(post["id"]))
    post["update_at"] = max(call.now, post["update_at"] + 1)


@operation("SaveReaction")
def save_reaction(call: Call) -> Response:
    """POST /reactions: an existing reaction only gets a new `update_at`."""
    fields = call.json_object("reaction")
    user_id, post_id, name = (fields.get(key) for key in ("user_id", "post_id", "emoji_name"))
    if not is_id(user_id) or not is_id(post_id) or not isinstance(name, str) or not name:
        raise AppError(400, "api.reaction.save_reaction.invalid.app_error", "The reaction is not valid.")
    if user_id != call.user["id"]:
        raise AppError(403, "api.reaction.save_reaction.user_id.app_error", "Not your own reaction.")
    call.params["post_id"] = str(post_id)
    post = readable_post(call)
    require(can_in_channel(call.world, call.user, post["channel_id"], "add_reaction"))
    if not call.world.emojis.exists(name):
        raise AppError(404, "app.emoji.get_by_name.no_result", "No emoji of that name.")
    now = call.now
    reaction = call.world.reactions.save(
        {
            "user_id": user_id,
            "post_id": post_id,
            "emoji_name": name,
            "create_at": now,
            "update_at": now,
            "delete_at": 0,
            "remote_id": "",
            "channel_id": post["channel_id"],
        }
    )
    _touch(call, post)
    _publish(call, "reaction_added", reaction, post["channel_id"])
    return json_response(reaction)


@operation("GetReactions")
def get_reactions(call: Call) -> Response:
    """GET /posts/{post_id}/reactions: of a deleted post, too; `null` when there are none."""
    post = readable_post(call, deleted=True)
    return json_response(call.world.reactions.of_post(post["id"]) or None)


@operation("DeleteReaction")
def delete_reaction(call: Call) -> Response:
    """DELETE /users/{user_id}/posts/{post_id}/reactions/{emoji_name}: 200 also when there is none."""
    user_id, name = call.id("user_id"), call.params["emoji_name"]
    post = readable_post(call)
    mine = "remove_reaction" if user_id == call.user["id"] else "remove_others_reactions"
    require(can_in_channel(call.world, call.user, post["channel_id"], mine))
    if call.world.reactions.delete(post["id"], user_id, name):
        _touch(call, post)
        gone = {
            "user_id": user_id,
            "post_id": post["id"],
            "emoji_name": name,
            "create_at": 0,
            "update_at": call.now,
            "delete_at": 0,
            "remote_id": "",
            "channel_id": "",
        }
        _publish(call, "reaction_removed", gone, post["channel_id"])
    return ok()


@operation("GetBulkReactions")
def get_bulk_reactions(call: Call) -> Response:
    """POST /posts/ids/reactions: reactions by post id, an empty list where there are none."""
    ids = call.json_ids("post_ids", sized=False)
    if not ids:
        raise AppError(500, "app.reaction.bulk_get_for_post_ids.app_error", "Unable to get reactions.")
    return json_response({post_id: call.world.reactions.of_post(post_id) for post_id in ids})
