"""Single posts (api4/post.go)."""

from matterapi.testing.effects.posting import create_post as write_post
from matterapi.testing.effects.posting import delete_post as remove_post
from matterapi.testing.effects.posting import edit_post, exchange_files, find_written, send_ephemeral
from matterapi.testing.effects.rendering import render_post
from matterapi.testing.effects.webhook_posts import set_off_webhooks
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, no_such_post
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.files import render_file_info
from matterapi.testing.state.permissions import can_in_channel, can_read, require
from matterapi.testing.websocket.actions import publish_status
from matterapi.testing.websocket.messages import Broadcast, Event

_FIELDS: dict[str, type] = {
    "message": str,
    "channel_id": str,
    "root_id": str,
    "type": str,
    "pending_post_id": str,
    "create_at": int,
    "is_pinned": bool,
    "has_reactions": bool,
    "props": dict,
    "metadata": dict,
    "file_ids": list,
}
_EDITABLE = ("message", "props", "is_pinned", "has_reactions", "file_ids")


# What a post becomes whose update says nothing of it.
_EMPTY: JsonObject = {"message": "", "is_pinned": False, "has_reactions": False, "props": {}}


def _check_field(key: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise invalid_body("post")
    if isinstance(value, list) and not all(isinstance(item, str) for item in value):
        raise invalid_body("post")
    if key == "metadata" and isinstance(value, dict) and not isinstance(value.get("priority") or {}, dict):
        raise invalid_body("post")


def readable_post(call: Call, *, deleted: bool = False) -> JsonObject:
    """Return the post that the path's `post_id` names; 404 for an unknown one, 403 for strangers."""
    post = call.world.posts.get(call.params["post_id"])
    if post is None or (post["delete_at"] and not deleted):
        raise no_such_post()
    channel = call.world.channels.get(post["channel_id"])
    require(channel is not None and can_read(call.world, call.user, channel))
    return post


def _shown(call: Call, post: JsonObject) -> JsonObject:
    return render_post(call.world, post, call.user["id"])


@operation("CreatePost")
def create_post(call: Call) -> Response:
    """POST /posts: 201, also for the repetition of a `pending_post_id`."""
    fields = call.json_object("post")
    for key, kind in _FIELDS.items():
        if fields.get(key) is not None:
            _check_field(key, fields[key], kind)
    set_online = call.flag("set_online", default=True)
    written = find_written(call.world, call.user, fields)
    if written is not None:
        return json_response(written, 201)
    shown = write_post(call.world, call.hub, call.user, fields, set_online=set_online)
    if set_online and call.world.statuses.touch(call.user["id"], call.now):
        publish_status(call.world, call.hub, call.user["id"])
    set_off_webhooks(call.world, call.hub, call.integrations, shown)
    return json_response(shown, 201)


@operation("CreatePostEphemeral")
def create_post_ephemeral(call: Call) -> Response:
    """POST /posts/ephemeral: for admins and bots."""
    fields = call.json_object("body")
    post = fields.get("post")
    if not isinstance(post, dict) or not is_id(fields.get("user_id")):
        raise invalid_body("body")
    require(call.may("create_post_ephemeral"))
    shown = send_ephemeral(call.world, call.hub, call.user["id"], post, user_id=fields["user_id"])
    return json_response(shown, 201)


@operation("GetPost")
def get_post(call: Call) -> Response:
    """GET /posts/{post_id}: a deleted one with `include_deleted=true`, for admins."""
    post = readable_post(call, deleted=call.flag("include_deleted") and call.is_admin)
    etag = f"{call.world.version}.{post['id']}.{post['update_at']}"
    return json_response(render_post(call.world, post, call.user["id"], retain=True), etag=etag)


def _own_post(call: Call, permission: str = "edit_post") -> JsonObject:
    post = call.world.posts.alive(call.params["post_id"])
    if post is None:
        require(call.is_admin)
        raise no_such_post()
    needed = permission if post["user_id"] == call.user["id"] else _others(permission)
    require(can_in_channel(call.world, call.user, post["channel_id"], needed))
    return post


def _others(permission: str) -> str:
    return {"edit_post": "edit_others_posts", "delete_post": "delete_others_posts"}[permission]


@operation("UpdatePost")
def update_post(call: Call) -> Response:
    """PUT /posts/{post_id}: what the body leaves out is emptied, except the files (App.UpdatePost)."""
    fields = call.json_object("post")
    if fields.get("id") != call.params["post_id"]:
        raise invalid_body("id")
    post, changes = _own_post(call), {**_EMPTY, **_changes(fields)}
    return _edited(call, post, changes, channel_id=str(fields.get("channel_id") or ""))


@operation("PatchPost")
def patch_post(call: Call) -> Response:
    """PUT /posts/{post_id}/patch: changes what the body names."""
    changes, post = _changes(call.json_object("post")), _own_post(call)
    return _edited(call, post, changes, channel_id=post["channel_id"])


def _changes(fields: JsonObject) -> JsonObject:
    """Return the fields of a body that say something about the post; null says nothing."""
    changes = {key: fields[key] for key in _EDITABLE if fields.get(key) is not None}
    for key, value in changes.items():
        _check_field(key, value, _FIELDS[key])
    return changes


def _edited(call: Call, post: JsonObject, changes: JsonObject, *, channel_id: str) -> Response:
    """Change a post and show it.

    Args:
        call: The request.
        post: The post.
        changes: Its new fields.
        channel_id: Where new files are said to be: a whole update takes it from the body, right or wrong.
    """
    if "file_ids" in changes:
        changes["file_ids"] = exchange_files(
            call.world, post, changes["file_ids"], call.user["id"], channel_id=channel_id
        )
    return json_response(_shown(call, edit_post(call.world, call.hub, post, changes)))


@operation("DeletePost")
def delete_post(call: Call) -> Response:
    """DELETE /posts/{post_id}: with `permanent=true` an admin leaves no trace."""
    if call.world.posts.alive(call.params["post_id"]) is None:
        raise no_such_post()
    post = _own_post(call, "delete_post")
    permanent = call.flag("permanent")
    if permanent and not call.world.config.flag("ServiceSettings.EnableAPIPostDeletion"):
        raise AppError(501, "api.post.delete_post.not_enabled.app_error", "Posts cannot be erased.")
    require(not permanent or call.is_admin)
    remove_post(call.world, call.hub, post, by=call.user["id"], permanent=permanent)
    return ok()


@operation("PinPost")
def pin_post(call: Call) -> Response:
    """POST /posts/{post_id}/pin."""
    return _pin(call, pinned=True)


@operation("UnpinPost")
def unpin_post(call: Call) -> Response:
    """POST /posts/{post_id}/unpin."""
    return _pin(call, pinned=False)


def _pin(call: Call, *, pinned: bool) -> Response:
    post = call.world.posts.alive(call.params["post_id"])
    if post is None:
        require(call.is_admin)
        raise no_such_post()
    require(can_in_channel(call.world, call.user, post["channel_id"], "create_post"))
    edit_post(call.world, call.hub, post, {"is_pinned": pinned})
    return ok()


@operation("GetPostInfo")
def get_post_info(call: Call) -> Response:
    """GET /posts/{post_id}/info."""
    post = readable_post(call)
    channel = call.world.channels.get(post["channel_id"]) or {}
    team = call.world.teams.get(channel["team_id"]) or {}
    me = call.user["id"]
    return json_response(
        {
            "channel_id": channel["id"],
            "channel_type": channel["type"],
            "channel_display_name": channel["display_name"],
            "has_joined_channel": me in call.world.channels.members(channel["id"]),
            "team_id": channel["team_id"],
            "team_type": team.get("type", ""),
            "team_display_name": team.get("display_name", ""),
            "has_joined_team": call.world.teams.is_member(channel["team_id"], me),
        }
    )


@operation("GetFileInfosForPost")
def get_file_infos_for_post(call: Call) -> Response:
    """GET /posts/{post_id}/files/info."""
    post = readable_post(call)
    infos = [render_file_info(info) for info in call.world.files.of_post(post)]
    version = call.world.version
    etag = f"{version}.{post['id']}.{max(info['update_at'] for info in infos)}" if infos else version
    return json_response(infos, etag=etag, headers=[("Cache-Control", "max-age=2592000, private")])


@operation("SetPostUnread")
def set_post_unread(call: Call) -> Response:
    """POST /users/{user_id}/posts/{post_id}/set_unread: unread from that post on."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    post = readable_post(call)
    channel_id = post["channel_id"]
    channel, member = call.world.channels.get(channel_id), call.world.channels.member(channel_id, user_id)
    require(channel is not None and member is not None)
    if channel is None or member is None:
        raise no_such_post()
    later = [
        newer
        for newer in call.world.posts.in_channel(channel_id)
        if newer["create_at"] >= post["create_at"] and not newer["delete_at"]
    ]
    member["last_viewed_at"] = post["create_at"] - 1
    member["msg_count"] = max(channel["total_msg_count"] - len(later), 0)
    roots = sum(not newer["root_id"] for newer in later)
    member["msg_count_root"] = max(channel["total_msg_count_root"] - roots, 0)
    counts = {
        "msg_count": member["msg_count"],
        "mention_count": member["mention_count"],
        "mention_count_root": member["mention_count_root"],
        "urgent_mention_count": 0,
        "msg_count_root": member["msg_count_root"],
        "last_viewed_at": member["last_viewed_at"],
    }
    where = Broadcast(user_id=user_id, channel_id=channel_id, team_id=channel["team_id"])
    call.hub.publish(Event("post_unread", {**counts, "post_id": post["id"]}, where))
    ids = {"team_id": channel["team_id"], "user_id": user_id, "channel_id": channel_id}
    return json_response({**ids, **counts})
