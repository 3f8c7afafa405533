"""Joining and leaving teams and channels."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.channels import new_channel, new_channel_member
from matterapi.testing.state.teams import new_team, new_team_member
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

from .system_posts import write_system_post

DEFAULT_CHANNEL = "town-square"
DEFAULT_CHANNELS = {DEFAULT_CHANNEL: "Town Square", "off-topic": "Off-Topic"}


def create_team(world: World, hub: Hub, creator: JsonObject, fields: JsonObject) -> JsonObject:
    """Create a team with its two default channels; the creator becomes its admin."""
    team = new_team(world.ids.new(), world.ids.new(), world.now(), creator["email"], fields)
    world.teams.add(team)
    for name, display_name in DEFAULT_CHANNELS.items():
        wanted = {"team_id": team["id"], "name": name, "display_name": display_name, "type": "O"}
        world.channels.add(new_channel(world.ids.new(), world.now(), "", wanted))
    join_team(world, hub, team, creator, by=creator, admin=True)
    return team


def join_team(
    world: World, hub: Hub, team: JsonObject, user: JsonObject, *, by: JsonObject, admin: bool = False
) -> JsonObject:
    """Make a user a member of a team and its default channels; returns the membership.

    Args:
        world: The server's state.
        hub: Where events are published.
        team: The team.
        user: Who joins.
        by: Who did it; the user himself when he joined.
        admin: Whether he becomes an admin of the team.
    """
    present = world.teams.member(team["id"], user["id"])
    if present is not None and not present["delete_at"]:
        return present
    member = new_team_member(team["id"], user["id"], admin=admin)
    world.teams.put_member(member)
    for name in DEFAULT_CHANNELS:
        channel = world.channels.by_name(team["id"], name)
        if channel is not None:
            _join_default_channel(world, hub, channel, user, by=by, admin=admin)
    publish_added(hub, team, user)
    return member


def publish_added(hub: Hub, team: JsonObject, user: JsonObject) -> None:
    """Tell a user that he is in a team; the routes that add members tell it once more (app/team.go)."""
    data = {"team_id": team["id"], "user_id": user["id"]}
    hub.publish(Event("added_to_team", data, Broadcast(user_id=user["id"])))


def _join_default_channel(
    world: World, hub: Hub, channel: JsonObject, user: JsonObject, *, by: JsonObject, admin: bool
) -> None:
    world.channels.put_member(new_channel_member(channel, user["id"], world.now(), admin=admin))
    place = "team" if channel["name"] == DEFAULT_CHANNEL else "channel"
    _write_joined(world, hub, channel, user, by=by, place=place)
    data = {"team_id": channel["team_id"], "user_id": user["id"]}
    hub.publish(Event("user_added", data, Broadcast(channel_id=channel["id"])))


def _write_joined(
    world: World, hub: Hub, channel: JsonObject, user: JsonObject, *, by: JsonObject, place: str
) -> None:
    if by["id"] == user["id"]:
        message, props = f"{user['username']} joined the {place}.", {"username": user["username"]}
        write_system_post(
            world,
            hub,
            channel,
            author_id=user["id"],
            kind=f"system_join_{place}",
            message=message,
            props=props,
        )
        return
    message = f"{user['username']} added to the {place} by {by['username']}."
    props = {
        "addedUserId": user["id"],
        "addedUsername": user["username"],
        "userId": by["id"],
        "username": by["username"],
    }
    write_system_post(
        world,
        hub,
        channel,
        author_id=by["id"],
        kind=f"system_add_to_{place}",
        message=message,
        props=props,
        mentioned=user["id"],
    )


def leave_team(world: World, hub: Hub, team: JsonObject, user: JsonObject, *, by: JsonObject) -> None:
    """End a team membership and those in its channels; the channels' members get no `user_removed`."""
    member = world.teams.member(team["id"], user["id"])
    if member is None or member["delete_at"]:
        return
    for channel in world.channels.of_team(team["id"]):
        world.channels.drop_member(channel["id"], user["id"])
    town_square = world.channels.by_name(team["id"], DEFAULT_CHANNEL)
    if town_square is not None:
        deed, kind = ("left", "leave") if by["id"] == user["id"] else ("removed from", "remove_from")
        message, props = f"{user['username']} {deed} the team.", {"username": user["username"]}
        write_system_post(
            world,
            hub,
            town_square,
            author_id=user["id"],
            kind=f"system_{kind}_team",
            message=message,
            props=props,
        )
    member["delete_at"] = world.now()
    data = {"team_id": team["id"], "user_id": user["id"]}
    others = Broadcast(team_id=team["id"], omit_users=frozenset({user["id"]}))
    hub.publish(Event("leave_team", data, others))
    hub.publish(Event("leave_team", data, Broadcast(user_id=user["id"])))


def join_channel(
    world: World, hub: Hub, channel: JsonObject, user: JsonObject, *, by: JsonObject
) -> JsonObject:
    """Make a user a member of a channel and tell all its members; returns the membership."""
    present = world.channels.member(channel["id"], user["id"])
    if present is not None:
        return present
    member = new_channel_member(channel, user["id"], world.now(), admin=False)
    world.channels.put_member(member)
    data = {"team_id": channel["team_id"], "user_id": user["id"]}
    others = Broadcast(channel_id=channel["id"], omit_users=frozenset({user["id"]}))
    hub.publish(Event("user_added", data, others))
    hub.publish(Event("user_added", data, Broadcast(channel_id=channel["id"], user_id=user["id"])))
    _write_joined(world, hub, channel, user, by=by, place="channel")
    return member


def leave_channel(world: World, hub: Hub, channel: JsonObject, user: JsonObject, *, by: JsonObject) -> None:
    """End a channel membership and tell those who stay and the one who goes."""
    world.channels.drop_member(channel["id"], user["id"])
    for_members = {"remover_id": by["id"], "user_id": user["id"]}
    for_leaver = {"channel_id": channel["id"], "remover_id": by["id"]}
    hub.publish(Event("user_removed", for_members, Broadcast(channel_id=channel["id"])))
    hub.publish(Event("user_removed", for_leaver, Broadcast(user_id=user["id"])))
    if by["id"] == user["id"]:
        message, props = f"{user['username']} has left the channel.", {"username": user["username"]}
        write_system_post(
            world,
            hub,
            channel,
            author_id=user["id"],
            kind="system_leave_channel",
            message=message,
            props=props,
        )
        return
    props = {"removedUserId": user["id"], "removedUsername": user["username"]}
    message = f"{user['username']} was removed from the channel."
    write_system_post(
        world,
        hub,
        channel,
        author_id=by["id"],
        kind="system_remove_from_channel",
        message=message,
        props=props,
    )
