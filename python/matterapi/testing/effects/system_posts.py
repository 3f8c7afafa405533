"""Posts that the server itself writes into channels: joins, leaves, renames."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.state.posts import new_post
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

from .acknowledging import acknowledging

# Joins and leaves do not count as messages (model.Post.IsJoinLeaveMessage).
_UNCOUNTED = frozenset(
    {
        "system_join_channel",
        "system_leave_channel",
        "system_add_to_channel",
        "system_remove_from_channel",
        "system_join_team",
        "system_leave_team",
        "system_add_to_team",
        "system_remove_from_team",
    }
)


def write_system_post(
    world: World,
    hub: Hub,
    channel: JsonObject,
    *,
    author_id: str,
    kind: str,
    message: str,
    props: JsonObject,
    mentioned: str = "",
) -> None:
    """Write a system post and publish it.

    Args:
        world: The server's state.
        hub: Where events are published.
        channel: Where it goes.
        author_id: Whose deed it tells of.
        kind: Post type, e.g. `system_join_channel`.
        message: Its text.
        props: Its props.
        mentioned: Id of a user who is told of it as of a mention.
    """
    author = world.users.get(author_id)
    if author is not None and author["is_bot"]:
        props = {**props, "from_bot": "true"}
    fields = {"channel_id": channel["id"], "type": kind, "message": message, "props": props}
    post = new_post(world.ids.new(), world.now(), author_id, fields)
    world.posts.add(post)
    count_post(channel, post)
    data = {
        "channel_display_name": channel["display_name"],
        "channel_name": channel["name"],
        "channel_type": channel["type"],
        "post": dumps_text(render_bare(post)),
        "sender_name": "System",
        "set_online": True,
        "team_id": channel["team_id"],
    }
    mentioned_users = {mentioned} if mentioned else set()
    if channel["type"] in ("D", "G"):
        mentioned_users = set(world.channels.members(channel["id"])) - {author_id}
    per_user = {user_id: {"mentions": dumps_text([user_id])} for user_id in mentioned_users}
    acknowledging_users = (acknowledging(world, channel) | mentioned_users) - {author_id}
    where = Broadcast(channel_id=channel["id"])
    hub.publish(Event("posted", data, where, per_user=per_user, ack_users=frozenset(acknowledging_users)))


def count_post(channel: JsonObject, post: JsonObject) -> None:
    """Update a channel's counters for a new post."""
    channel["last_post_at"] = max(channel["last_post_at"], post["create_at"])
    if not post["root_id"]:
        channel["last_root_post_at"] = max(channel["last_root_post_at"], post["create_at"])
    if post["type"] in _UNCOUNTED:
        return
    channel["total_msg_count"] += 1
    if not post["root_id"]:
        channel["total_msg_count_root"] += 1


def render_bare(post: JsonObject) -> JsonObject:
    """Return a system or ephemeral post as it appears in its own event: without a `remote_id`."""
    shown = {key: value for key, value in post.items() if key not in ("has_reactions", "remote_id")}
    return {**shown, "metadata": {}}
