"""Writing, changing and deleting posts (app/post.go, app/notification.go)."""

import re
from collections.abc import Iterable

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, forbidden, invalid_param, unlicensed
from matterapi.testing.state.permissions import can, can_in_channel
from matterapi.testing.state.posts import MAX_RUNES, hashtags, new_post
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

from .announcing import NewPost, announce_post, announce_thread, announce_view
from .embeds import complete_props
from .rendering import render_post, unread_replies
from .system_posts import count_post

_MENTION = re.compile(r"@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
_EVERYBODY = frozenset({"all", "channel", "here"})
# Bytes of the ids of a post's files as JSON: ten of them fit (model.PostFileidsMaxRunes).
_MOST_FILE_IDS = 300
_OWN_TYPES = frozenset({"", "slack_attachment", "add_bot_teams_channels", "me"})


def create_post(
    world: World,
    hub: Hub,
    author: JsonObject,
    fields: JsonObject,
    *,
    set_online: bool = True,
    as_user: bool = True,
) -> JsonObject:
    """Write a post, count it, mark the author's view and publish it; returns it as the author is told of it.

    Only then it has its `pending_post_id`, which is not stored, and a priority without the post's id.

    Args:
        world: The server's state.
        hub: Where events are published.
        author: Whose post it is.
        fields: As in the body of POST /posts.
        set_online: Whether it makes the author online.
        as_user: Whether the author writes it himself: a webhook or a command needs no permission to post,
            and its post is no view of the channel.

    Raises:
        AppError: 400, 403 or 501, as the server refuses posts.
    """
    channel = _channel_to_post_in(world, author, fields, as_user=as_user)
    pending_id = fields.get("pending_post_id") or ""
    _check(world, channel, fields)
    wanted_files = distinct(fields.get("file_ids") or ())
    check_file_ids(wanted_files)
    created = fields.get("create_at") if can(world, author, "manage_system") else None
    post = new_post(world.ids.new(), created or world.now(), author["id"], fields)
    post["file_ids"] = _attach(world, post, wanted_files, author["id"]) or None if wanted_files else []
    complete_props(world, post, channel["team_id"])
    if not as_user:
        post["remote_id"] = None
    if author["is_bot"]:
        post["props"]["from_bot"] = "true"
    world.posts.add(post)
    priority = (fields.get("metadata") or {}).get("priority")
    if priority:
        world.priorities[post["id"]] = _priority(priority)
    if pending_id:
        world.posts.remember_pending(pending_id, post["id"], world.now())
    count_post(channel, post)
    mentioned = _mentioned(world, channel, post)
    _count_for_members(world, channel, post, mentioned, views=as_user)
    before = _unread_before(world, post)
    followers = _follow(world, post, mentioned)
    new = NewPost(channel, author, post, mentioned, followers, set_online)
    announce_post(world, hub, new)
    announce_thread(world, hub, new, before)
    if as_user:
        announce_view(hub, new)
    shown = render_post(world, post, author["id"])
    post["pending_post_id"] = ""
    if priority:
        kept = world.priorities[post["id"]]
        world.priorities[post["id"]] = {**kept, "PostId": post["id"], "ChannelId": channel["id"]}
    return shown


def find_written(world: World, author: JsonObject, fields: JsonObject) -> JsonObject | None:
    """Return the post that the same `pending_post_id` made within the last 30 s; it has no metadata.

    Raises:
        AppError: 400 or 403 where the author may not post.
    """
    _channel_to_post_in(world, author, fields, as_user=True)
    pending_id = fields.get("pending_post_id") or ""
    known = world.posts.find_pending(pending_id, world.now()) if pending_id else None
    if known is None:
        return None
    shown = render_post(world, known)
    del shown["metadata"]
    return shown


def _channel_to_post_in(world: World, author: JsonObject, fields: JsonObject, *, as_user: bool) -> JsonObject:
    channel = world.channels.get(str(fields.get("channel_id") or ""))
    if channel is None or (as_user and not can_in_channel(world, author, channel["id"], "create_post")):
        raise forbidden()
    if channel["delete_at"]:
        raise AppError(400, "api.post.create_post.can_not_post_to_deleted.error", "The channel is archived.")
    return channel


def _check(world: World, channel: JsonObject, fields: JsonObject) -> None:
    kind = fields.get("type") or ""
    if kind not in _OWN_TYPES and not kind.startswith("custom_"):
        raise invalid_param("post.type")
    check_message(fields.get("message") or "")
    root_id = fields.get("root_id") or ""
    root = world.posts.alive(root_id)
    if root_id and (root is None or root["channel_id"] != channel["id"] or root["root_id"]):
        raise AppError(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.")
    priority = (fields.get("metadata") or {}).get("priority") or {}
    if priority.get("requested_ack") and not world.licensed:
        raise unlicensed()


def check_message(message: str) -> None:
    """Refuse a message of more than 16,383 runes.

    Raises:
        AppError: 400.
    """
    if len(message) > MAX_RUNES:
        raise AppError(400, "model.post.is_valid.message_length.app_error", "The message is too long.")


def _priority(wanted: JsonObject) -> JsonObject:
    return {
        "priority": wanted.get("priority") or "",
        "requested_ack": bool(wanted.get("requested_ack")),
        "persistent_notifications": wanted.get("persistent_notifications"),
    }


def distinct(file_ids: Iterable[str]) -> list[str]:
    """Return the ids without repetitions, in their order."""
    return list(dict.fromkeys(file_ids))


def check_file_ids(file_ids: list[str]) -> None:
    """Refuse more ids than a post can have, of whatever files (Post.IsValid).

    Raises:
        AppError: 400.
    """
    if len(dumps_text(file_ids)) > _MOST_FILE_IDS:
        raise AppError(400, "model.post.is_valid.file_ids.app_error", "The post has too many files.")


def _attach(
    world: World, post: JsonObject, file_ids: list[str], user_id: str, channel_id: str | None = None
) -> list[str]:
    """Bind free files of a user to the post, and drop all other ids in silence; returns the bound ones.

    Args:
        world: The server's state.
        post: The post.
        file_ids: The files, from whatever channel.
        user_id: Whose they must be.
        channel_id: Where they are from then on; None for the post's channel.
    """
    kept = []
    for file_id in file_ids:
        info = world.files.infos.get(file_id)
        if info is not None and not info["post_id"] and info["user_id"] == user_id:
            info["post_id"] = post["id"]
            info["channel_id"] = post["channel_id"] if channel_id is None else channel_id
            kept.append(file_id)
    return kept


def exchange_files(
    world: World, post: JsonObject, file_ids: list[str], user_id: str, *, channel_id: str
) -> list[str] | None:
    """Bind a post to other files: those that it leaves are deleted, new ones must be the editor's own.

    Args:
        world: The server's state.
        post: The post.
        file_ids: The files that it is to have.
        user_id: Who edits it.
        channel_id: Where the new ones are said to be.

    Raises:
        AppError: 400 for too many ids.
    """
    check_file_ids(file_ids)
    old, wanted = post["file_ids"] or [], distinct(file_ids)
    added = [file_id for file_id in wanted if file_id not in old]
    kept = [file_id for file_id in wanted if file_id in old]
    bound = _attach(world, post, added, user_id, channel_id)
    for file_id in old:
        if file_id not in wanted and file_id in world.files.infos:
            world.files.infos[file_id]["delete_at"] = world.now()
    return file_ids if len(bound) == len(added) else [*bound, *kept] or None


def _mentioned(world: World, channel: JsonObject, post: JsonObject) -> set[str]:
    """Return the ids of the members whom a post mentions; in a direct or group channel all others."""
    members = world.channels.members(channel["id"])
    if channel["type"] in ("D", "G"):
        return set(members) - {post["user_id"]}
    names = {name.rstrip(".-_").lower() for name in _MENTION.findall(post["message"])}
    if names & _EVERYBODY:
        return set(members) - {post["user_id"]}
    users = (world.users.by_username(name) for name in names)
    return {user["id"] for user in users if user is not None and user["id"] in members} - {post["user_id"]}


def _count_for_members(
    world: World, channel: JsonObject, post: JsonObject, mentioned: set[str], *, views: bool
) -> None:
    members = world.channels.members(channel["id"])
    author = members.get(post["user_id"])
    if views and author is not None:
        mark_viewed(channel, author)
    for user_id in mentioned:
        members[user_id]["mention_count"] += 1
        if not post["root_id"]:
            members[user_id]["mention_count_root"] += 1


def mark_viewed(channel: JsonObject, member: JsonObject) -> None:
    """Note that a member has read the whole channel."""
    member["last_viewed_at"] = member["last_update_at"] = channel["last_post_at"]
    member["msg_count"] = channel["total_msg_count"]
    member["msg_count_root"] = channel["total_msg_count_root"]
    member["mention_count"] = member["mention_count_root"] = member["urgent_mention_count"] = 0


def _unread_before(world: World, post: JsonObject) -> dict[str, tuple[int, int]]:
    """Return each follower's (unread replies, unread mentions) as they were before the reply `post`."""
    if not post["root_id"]:
        return {}
    return {
        user_id: (unread_replies(world, post["root_id"], user_id) - 1, member["unread_mentions"])
        for user_id, member in world.threads.followers(post["root_id"]).items()
    }


def _follow(world: World, post: JsonObject, mentioned: set[str]) -> set[str]:
    """Make the root's author, the reply's author and the mentioned ones follow; returns all followers."""
    root_id = post["root_id"]
    root = world.posts.get(root_id)
    if root is None:
        return set()
    for user_id in {root["user_id"], post["user_id"], *mentioned}:
        known = world.threads.membership(root_id, user_id)
        if known is None or user_id in mentioned:
            world.threads.follow(root_id, user_id)
    for user_id in mentioned:
        world.threads.follow(root_id, user_id)["unread_mentions"] += 1
    world.threads.follow(root_id, post["user_id"])["last_viewed_at"] = post["create_at"]
    return set(world.threads.followers(root_id))


def edit_post(world: World, hub: Hub, post: JsonObject, changes: JsonObject) -> JsonObject:
    """Change a post, keep what it was, and publish it.

    `edit_at` moves when the message, the files or the attachments change; a pin or other props move
    `update_at` alone. Every change leaves a copy of the former state, which `since` lists as a deleted row.
    """
    now = max(world.now(), post["update_at"] + 1)
    copy = {**post, "id": world.ids.new(), "original_id": post["id"], "update_at": now, "delete_at": now}
    world.posts.add_edit(copy)
    check_message(changes.get("message", ""))
    if changes.get("message", post["message"]) != post["message"]:
        post["edit_at"] = now
        post["hashtags"] = hashtags(changes["message"])
    elif changes.get("file_ids", post["file_ids"]) != post["file_ids"] or _attachments_differ(post, changes):
        post["edit_at"] = now
    post.update(changes)
    post["update_at"] = now
    complete_props(world, post, (world.channels.get(post["channel_id"]) or {"team_id": ""})["team_id"])
    touch_channel(world, post["channel_id"], now)
    publish_edited(world, hub, post)
    return post


def _attachments_differ(post: JsonObject, changes: JsonObject) -> bool:
    if "props" not in changes:
        return False
    return bool(changes["props"].get("attachments") != post["props"].get("attachments"))


def touch_channel(world: World, channel_id: str, now: int) -> None:
    """Note an edit: it moves the channel's `last_post_at` like a new post."""
    channel = world.channels.get(channel_id)
    if channel is not None:
        channel["last_post_at"] = max(channel["last_post_at"], now)


def publish_edited(world: World, hub: Hub, post: JsonObject) -> None:
    """Send `post_edited` to the channel."""
    data = {"post": dumps_text(render_post(world, post))}
    hub.publish(Event("post_edited", data, Broadcast(channel_id=post["channel_id"])))


def delete_post(world: World, hub: Hub, post: JsonObject, *, by: str, permanent: bool = False) -> None:
    """Delete a post and its replies; only the post itself is announced, without metadata.

    Admins learn who did it from a twin of the event.
    """
    shown = render_post(world, post)
    del shown["metadata"]
    data = {"post": dumps_text(shown)}
    now = max(world.now(), post["update_at"] + 1)
    for deleted in (post, *(world.posts.replies(post["id"]) if not post["root_id"] else ())):
        deleted["delete_at"] = deleted["update_at"] = now
        deleted["props"] = {**deleted["props"], "deleteBy": by}
    channel_id = post["channel_id"]
    if permanent:
        world.posts.remove(post["id"])
    hub.publish(Event("post_deleted", data, Broadcast(channel_id=channel_id, sanitized=True)))
    for_admins = {**data, "delete_by": by}
    hub.publish(Event("post_deleted", for_admins, Broadcast(channel_id=channel_id, sensitive=True)))


def send_ephemeral(world: World, hub: Hub, author_id: str, fields: JsonObject, *, user_id: str) -> JsonObject:
    """Show a post to the user `user_id` only; it is stored nowhere. Returns it as it is shown."""
    channel_id = str(fields.get("channel_id") or "")
    wanted = {**fields, "channel_id": channel_id, "type": "system_ephemeral", "file_ids": []}
    post = new_post(world.ids.new(), world.now(), author_id, wanted)
    shown = {key: value for key, value in post.items() if key not in ("has_reactions", "remote_id")}
    shown = {**shown, "update_at": 0, "file_ids": None, "metadata": {}}
    hub.publish(
        Event(
            "ephemeral_message",
            {"post": dumps_text(shown)},
            Broadcast(user_id=user_id, channel_id=channel_id),
        )
    )
    return shown
