"""Who may do what: the roles a user has in the system, in a team and in a channel, put together."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import forbidden

from .world import World


def can(world: World, user: JsonObject, permission: str) -> bool:
    """Whether the user's system roles give `permission`."""
    return world.roles.grant(user["roles"], permission)


def is_admin(world: World, user: JsonObject) -> bool:
    """Whether the user manages the system."""
    return can(world, user, "manage_system")


def can_in_team(world: World, user: JsonObject, team_id: str, permission: str) -> bool:
    """Whether the user may do `permission` in the team, by system or team roles."""
    if can(world, user, permission):
        return True
    member = world.teams.member(team_id, user["id"])
    if member is None or member["delete_at"]:
        return False
    return world.roles.grant(member["roles"], permission)


def can_in_channel(world: World, user: JsonObject, channel_id: str, permission: str) -> bool:
    """Whether the user may do `permission` in the channel, by system, team or channel roles."""
    channel = world.channels.get(channel_id)
    if channel is None:
        return False
    member = world.channels.member(channel_id, user["id"])
    if member is not None and world.roles.grant(member["roles"], permission):
        return True
    return can_in_team(world, user, channel["team_id"], permission)


def can_read(world: World, user: JsonObject, channel: JsonObject) -> bool:
    """Whether the user may read the channel: its members, and a team's members a public one."""
    if can_in_channel(world, user, channel["id"], "read_channel"):
        return True
    public = channel["type"] == "O"
    return public and can_in_team(world, user, channel["team_id"], "read_public_channel")


def require(allowed: bool) -> None:
    """Refuse with 403 unless `allowed`.

    Raises:
        AppError: 403.
    """
    if not allowed:
        raise forbidden()
