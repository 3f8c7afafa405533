"""Posts and threads as readers see them."""

import re
from collections.abc import Iterable

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.response import post_list
from matterapi.testing.state.files import render_file_info
from matterapi.testing.state.users import thin_user
from matterapi.testing.state.world import World

from .embeds import embed_of, with_shown_attachments

_MAX_PARTICIPANTS = 3
_EMOJI = re.compile(r":([a-zA-Z0-9_+-]+):")
_BY_THE_SERVER = ("system_", "add_bot_teams_channels")


def render_post(
    world: World,
    post: JsonObject,
    reader_id: str = "",
    *,
    collapsed: bool = False,
    extended: bool = False,
    retain: bool = False,
) -> JsonObject:
    """Return a post with its counters and metadata (App.PreparePostForClientWithEmbedsAndImages).

    Args:
        world: The server's state.
        post: The stored record.
        reader_id: Who reads; decides `is_following`.
        collapsed: Whether thread facts are wanted on root posts (`collapsedThreads=true`).
        extended: Whether participants are whole users rather than ids.
        retain: Whether a deleted post keeps its metadata.
    """
    shown = {**post, "props": with_shown_attachments(post["props"])}
    if post["delete_at"]:
        shown["message"] = ""
    if not post["has_reactions"]:
        del shown["has_reactions"]
    if post["remote_id"] is None or post["type"].startswith(_BY_THE_SERVER):
        del shown["remote_id"]
    replies = world.posts.replies(post["root_id"] or post["id"])
    shown["reply_count"] = len(replies)
    if collapsed and not post["root_id"] and replies:
        shown["last_reply_at"] = replies[-1]["create_at"]
        shown["participants"] = _people(world, replies, extended=extended)
        membership = world.threads.membership(post["id"], reader_id)
        if membership is not None:
            shown["is_following"] = membership["following"]
    return {**shown, "metadata": {} if post["delete_at"] and not retain else metadata(world, shown)}


def metadata(world: World, post: JsonObject) -> JsonObject:
    """Return what the server works out about a post: embeds, emojis, files, priority, reactions."""
    found: JsonObject = {}
    embed = embed_of(post)
    if embed is not None:
        found["embeds"] = [embed]
    reactions = world.reactions.of_post(post["id"]) if post.get("has_reactions") else []
    names = {reaction["emoji_name"] for reaction in reactions} | set(_EMOJI.findall(post["message"]))
    emojis = [emoji for name in sorted(names) if (emoji := world.emojis.by_name(name)) is not None]
    if emojis:
        found["emojis"] = emojis
    infos = world.files.of_post(post)
    if infos:
        found["files"] = [render_file_info(info) for info in infos]
    if post["id"] in world.priorities:
        found["priority"] = world.priorities[post["id"]]
    if reactions:
        found["reactions"] = reactions
    return found


def participants(replies: Iterable[JsonObject]) -> list[str]:
    """Return the ids of the last few who replied, as the server keeps them."""
    distinct = dict.fromkeys(reply["user_id"] for reply in replies)
    return list(distinct)[-_MAX_PARTICIPANTS:]


def _people(world: World, replies: list[JsonObject], *, extended: bool) -> list[JsonObject]:
    users = (world.users.get(user_id) for user_id in participants(replies))
    people = [user for user in users if user is not None]
    return [world.show_user(person, "other") if extended else thin_user(person["id"]) for person in people]


def render_list(
    world: World,
    ordered: list[JsonObject],
    reader_id: str,
    *,
    next_id: str = "",
    prev_id: str = "",
    threads: bool = True,
    collapsed: bool = False,
    extended: bool = False,
) -> JsonObject:
    """Return a PostList of `ordered`.

    Args:
        world: The server's state.
        ordered: The posts of `order`.
        reader_id: Who reads.
        next_id: Id of the next newer post, "" at the end.
        prev_id: Id of the next older post, "" at the end.
        threads: Whether `posts` gets the whole threads of the ordered posts.
        collapsed: Whether thread facts are wanted on root posts.
        extended: Whether participants are whole users rather than ids.
    """
    wanted = {post["id"]: post for post in ordered}
    for post in ordered:
        if threads and not collapsed and (post["root_id"] or world.posts.replies(post["id"])):
            wanted.update((wanted_post["id"], wanted_post) for wanted_post in world.posts.thread(post))
        elif post["root_id"]:
            root = world.posts.alive(post["root_id"])
            if root is not None:
                wanted.setdefault(root["id"], root)
    shown = {
        post_id: render_post(world, post, reader_id, collapsed=collapsed, extended=extended)
        for post_id, post in wanted.items()
    }
    return post_list([post["id"] for post in ordered], shown, next_id, prev_id)


def render_thread(world: World, root: JsonObject, user_id: str, *, extended: bool = False) -> JsonObject:
    """Return a thread as it stands for one follower (model.ThreadResponse).

    Args:
        world: The server's state.
        root: The thread's root post.
        user_id: The follower.
        extended: Whether participants are whole users rather than ids.
    """
    replies = world.posts.replies(root["id"])
    member = world.threads.membership(root["id"], user_id) or {"last_viewed_at": 0, "unread_mentions": 0}
    shown = render_post(world, root, user_id)
    del shown["metadata"]
    return {
        "id": root["id"],
        "reply_count": len(replies),
        "last_reply_at": replies[-1]["create_at"] if replies else 0,
        "last_viewed_at": member["last_viewed_at"],
        "participants": _people(world, replies, extended=extended),
        "post": shown,
        "unread_replies": unread_replies(world, root["id"], user_id),
        "unread_mentions": member["unread_mentions"],
        "is_urgent": False,
        "delete_at": root["delete_at"],
    }


def unread_replies(world: World, root_id: str, user_id: str) -> int:
    """Return how many replies came after the user last viewed the thread."""
    member = world.threads.membership(root_id, user_id)
    seen = member["last_viewed_at"] if member else 0
    return sum(reply["create_at"] > seen for reply in world.posts.replies(root_id))
