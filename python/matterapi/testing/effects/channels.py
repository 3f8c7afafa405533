"""Making, changing and archiving channels."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.state.channels import direct_name, group_name, new_channel, new_channel_member
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

from .system_posts import write_system_post


def create_channel(world: World, hub: Hub, creator: JsonObject, fields: JsonObject) -> JsonObject:
    """Create a public or private channel; its creator becomes its admin.

    Returns the channel as it was before the creator's join was told in it.
    """
    channel = new_channel(world.ids.new(), world.now(), creator["id"], fields)
    world.channels.add(channel)
    world.channels.put_member(new_channel_member(channel, creator["id"], world.now(), admin=True))
    fresh = dict(channel)
    props = {"username": creator["username"]}
    message = f"{creator['username']} joined the channel."
    write_system_post(
        world, hub, channel, author_id=creator["id"], kind="system_join_channel", message=message, props=props
    )
    data = {"channel_id": channel["id"], "team_id": channel["team_id"]}
    hub.publish(Event("channel_created", data, Broadcast(user_id=creator["id"])))
    return fresh


def direct_channel(world: World, hub: Hub, first_id: str, second_id: str) -> JsonObject:
    """Return the direct channel of two users (or of one with himself), made if it is not there yet."""
    name = direct_name(first_id, second_id)
    known = world.channels.by_name("", name)
    if known is not None:
        return known
    channel = new_channel(world.ids.new(), world.now(), first_id, {"type": "D", "name": name})
    world.channels.add(channel)
    for user_id in {first_id, second_id}:
        world.channels.put_member(new_channel_member(channel, user_id, world.now(), admin=False))
    data = {"creator_id": first_id, "teammate_id": second_id}
    hub.publish(Event("direct_added", data, Broadcast(channel_id=channel["id"])))
    return channel


def group_channel(world: World, hub: Hub, user_ids: list[str]) -> JsonObject:
    """Return the group channel of some users, made if it is not there yet."""
    name = group_name(user_ids)
    known = world.channels.by_name("", name)
    if known is not None:
        return known
    users = [user for user_id in user_ids if (user := world.users.get(user_id)) is not None]
    display_name = ", ".join(sorted(str(user["username"]) for user in users))
    fields = {"type": "G", "name": name, "display_name": display_name}
    channel = new_channel(world.ids.new(), world.now(), "", fields)
    world.channels.add(channel)
    for user_id in user_ids:
        world.channels.put_member(new_channel_member(channel, user_id, world.now(), admin=False))
    data = {"teammate_ids": dumps_text(sorted(user_ids))}
    for user_id in user_ids:
        hub.publish(Event("group_added", data, Broadcast(channel_id=channel["id"], user_id=user_id)))
    return channel


def publish_channel(hub: Hub, channel: JsonObject) -> None:
    """Send `channel_updated` to the members."""
    data = {"channel": dumps_text(channel)}
    hub.publish(Event("channel_updated", data, Broadcast(channel_id=channel["id"])))


def change_channel(
    world: World, hub: Hub, channel: JsonObject, by: JsonObject, changes: JsonObject, *, tell: bool = True
) -> JsonObject:
    """Change a channel's names, header or purpose and publish it.

    Args:
        world: The server's state.
        hub: Where events are published.
        channel: The stored record.
        by: Who did it.
        changes: New values.
        tell: Whether changed header and purpose are told by system posts, too.
    """
    before = dict(channel)
    name = changes.pop("name", channel["name"])
    if name != channel["name"]:
        world.channels.rename(channel, name, channel["team_id"])
    channel.update(changes)
    channel["update_at"] = world.now()
    publish_channel(hub, channel)
    announced = (
        {"display_name": "displayname", "header": "header", "purpose": "purpose"}
        if tell
        else {"display_name": "displayname"}
    )
    for key, word in announced.items():
        if before[key] != channel[key]:
            _tell_change(world, hub, channel, by, word=word, old=before[key], new=channel[key])
    return channel


def _tell_change(
    world: World, hub: Hub, channel: JsonObject, by: JsonObject, *, word: str, old: str, new: str
) -> None:
    label = "display name" if word == "displayname" else word
    message = f"{by['username']} updated the channel {label} to: {new}"
    props = {f"new_{word}": new, f"old_{word}": old, "username": by["username"]}
    write_system_post(
        world, hub, channel, author_id=by["id"], kind=f"system_{word}_change", message=message, props=props
    )


def convert_channel(world: World, hub: Hub, channel: JsonObject, by: JsonObject, kind: str) -> JsonObject:
    """Make a public channel private or the other way round (`kind` is `P` or `O`)."""
    channel["type"] = kind
    channel["update_at"] = world.now()
    publish_channel(hub, channel)
    word = "Private" if kind == "P" else "Public"
    message, props = f"This channel is a {word} Channel now.", {"username": by["username"]}
    write_system_post(
        world,
        hub,
        channel,
        author_id=by["id"],
        kind="system_change_chan_privacy",
        message=message,
        props=props,
    )
    data = {"channel_id": channel["id"]}
    hub.publish(Event("channel_converted", data, Broadcast(team_id=channel["team_id"])))
    return channel


def _audience(channel: JsonObject) -> Broadcast:
    """Return who hears that a channel comes or goes: the team of a public one, else its members."""
    if channel["type"] == "O":
        return Broadcast(team_id=channel["team_id"])
    return Broadcast(channel_id=channel["id"])


def archive_channel(world: World, hub: Hub, channel: JsonObject, by: JsonObject) -> None:
    """Archive a channel."""
    message, props = f"{by['username']} archived the channel.", {"username": by["username"]}
    write_system_post(
        world, hub, channel, author_id=by["id"], kind="system_channel_deleted", message=message, props=props
    )
    channel["delete_at"] = channel["update_at"] = world.now()
    data = {"channel_id": channel["id"], "delete_at": channel["delete_at"]}
    hub.publish(Event("channel_deleted", data, _audience(channel)))


def erase_channel(world: World, hub: Hub, channel: JsonObject) -> None:
    """Delete a channel and its posts for good."""
    data = {"channel_id": channel["id"], "delete_at": world.now()}
    hub.publish(Event("channel_deleted", data, Broadcast(team_id=channel["team_id"])))
    world.posts.remove_channel(channel["id"])
    world.channels.remove(channel["id"])


def restore_channel(world: World, hub: Hub, channel: JsonObject, by: JsonObject) -> JsonObject:
    """Bring an archived channel back."""
    channel["delete_at"] = 0
    channel["update_at"] = world.now()
    hub.publish(Event("channel_restored", {"channel_id": channel["id"]}, _audience(channel)))
    message, props = f"{by['username']} unarchived the channel.", {"username": by["username"]}
    write_system_post(
        world, hub, channel, author_id=by["id"], kind="system_channel_restored", message=message, props=props
    )
    return channel


def move_channel(world: World, hub: Hub, channel: JsonObject, by: JsonObject, team: JsonObject) -> JsonObject:
    """Move a channel to another team; no event tells of it but a system post."""
    old = world.teams.get(channel["team_id"])
    world.channels.rename(channel, channel["name"], team["id"])
    channel["update_at"] = world.now()
    came_from = old["name"] if old else ""
    message, props = f"This channel was moved here from {came_from}.", {"username": by["username"]}
    write_system_post(
        world, hub, channel, author_id=by["id"], kind="system_move_channel", message=message, props=props
    )
    return channel
