"""The events of a new post."""

from dataclasses import dataclass

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

from .acknowledging import acknowledging
from .rendering import render_post, render_thread


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post that was just written, and whom it concerns.

    Attributes:
        channel: Where it is.
        author: Who wrote it.
        post: The stored record.
        mentioned: Ids of the members it mentions.
        followers: Ids of those who follow its thread.
        set_online: Whether writing made the author online.
    """

    channel: JsonObject
    author: JsonObject
    post: JsonObject
    mentioned: set[str]
    followers: set[str]
    set_online: bool


def announce_post(world: World, hub: Hub, new: NewPost) -> None:
    """Send `posted` to the channel; mentions and followers are told each reader only of himself."""
    channel, author_id = new.channel, new.author["id"]
    name = f"@{new.author['username']}"
    sender = _sender(world, new, name)
    data: JsonObject = {
        "channel_display_name": name if channel["type"] == "D" else channel["display_name"],
        "channel_name": channel["name"],
        "channel_type": channel["type"],
        "post": dumps_text(render_post(world, new.post)),
        "sender_name": sender,
        "set_online": new.set_online,
        "team_id": channel["team_id"],
    }
    infos = world.files.of_post(new.post)
    if infos:
        data["otherFile"] = "true"
    if any(info.get("has_preview_image") for info in infos):
        data["image"] = "true"
    per_user: dict[str, JsonObject] = {
        wanted_user_id: {"mentions": dumps_text([wanted_user_id])} for wanted_user_id in new.mentioned
    }
    for user_id in new.followers - {author_id}:
        per_user.setdefault(user_id, {})["followers"] = dumps_text([user_id])
    acknowledging_users = set(per_user) | acknowledging(world, channel)
    hub.publish(
        Event(
            "posted",
            data,
            Broadcast(channel_id=channel["id"]),
            per_user=per_user,
            ack_users=frozenset(acknowledging_users - {author_id}),
        )
    )


def _sender(world: World, new: NewPost, name: str) -> str:
    """Return the name that a webhook gave itself where it may, else the author's."""
    props = new.post["props"]
    given = props.get("override_username")
    allowed = world.config.flag("ServiceSettings.EnablePostUsernameOverride") and new.channel["type"] != "D"
    return str(given) if allowed and given and props.get("from_webhook") == "true" else name


def announce_thread(world: World, hub: Hub, new: NewPost, before: dict[str, tuple[int, int]]) -> None:
    """Send `thread_updated` to each follower of a reply's thread.

    Args:
        world: The server's state.
        hub: Where events are published.
        new: The reply; nothing happens for a root post.
        before: Each follower's (unread replies, unread mentions) before the reply.
    """
    root = world.posts.get(new.post["root_id"])
    if root is None:
        return
    for user_id in sorted(new.followers):
        replies, mentions = before.get(user_id, (0, 0))
        data = {
            "previous_unread_mentions": mentions,
            "previous_unread_replies": max(replies, 0),
            "thread": dumps_text(render_thread(world, root, user_id, extended=True)),
        }
        where = Broadcast(user_id=user_id, team_id=new.channel["team_id"])
        hub.publish(Event("thread_updated", data, where))


def announce_view(hub: Hub, new: NewPost) -> None:
    """Tell the author's sockets that he has read the channel; not for replies, not for bots."""
    if new.post["root_id"] or new.author["is_bot"]:
        return
    times = {"channel_times": {new.channel["id"]: new.post["create_at"]}}
    hub.publish(Event("multiple_channels_viewed", times, Broadcast(user_id=new.author["id"])))
