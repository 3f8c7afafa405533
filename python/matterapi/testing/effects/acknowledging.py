"""Whose clients are asked to acknowledge that they showed a notification (app/notification.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.world import World


def acknowledging(world: World, channel: JsonObject) -> set[str]:
    """Return the ids of the members who are notified of every post in a channel."""
    members = world.channels.members(channel["id"])
    if channel["type"] == "D":
        return set(members)
    return {user_id for user_id, member in members.items() if _notified(world, channel, user_id, member)}


def _notified(world: World, channel: JsonObject, user_id: str, member: JsonObject) -> bool:
    user = world.users.get(user_id)
    general = user["notify_props"].get("desktop") if user is not None else None
    here = member["notify_props"].get("desktop")
    if here == "all" or (here == "default" and general == "all"):
        return True
    return channel["type"] == "G" and (here == "mention" or (here == "default" and general == "mention"))
