"""Erasing things for good: whether that is allowed, by a setting of each kind, and what goes with a user."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError
from matterapi.testing.state.permissions import is_admin
from matterapi.testing.state.world import World

_SETTINGS = {
    "channel": "ServiceSettings.EnableAPIChannelDeletion",
    "team": "ServiceSettings.EnableAPITeamDeletion",
    "user": "ServiceSettings.EnableAPIUserDeletion",
}


def check_erasing(world: World, user: JsonObject, kind: str) -> None:
    """Refuse to erase a `kind` (`channel`, `team` or `user`) where its setting is off.

    Raises:
        AppError: 401, with an id of its own for admins (api4/channel.go, team.go, user.go).
    """
    if world.config.flag(_SETTINGS[kind]):
        return
    whom = ".for_admin" if is_admin(world, user) else ""
    raise AppError(401, f"api.user.delete_{kind}.not_enabled{whom}.app_error", f"No {kind} can be erased.")


def erase_user(world: World, user_id: str) -> None:
    """Forget an account and what is its own: posts, replies to them, files, hooks (PermanentDeleteUser)."""
    for session in world.sessions.of_user(user_id):
        world.sessions.revoke(session.token)
    integrations = world.integrations
    for owned, owner in (
        (world.sessions.personal_tokens, "user_id"),
        (integrations.incoming, "user_id"),
        (integrations.outgoing, "creator_id"),
        (integrations.commands, "creator_id"),
    ):
        for key in [key for key, record in owned.items() if record[owner] == user_id]:
            del owned[key]
    for channel in world.channels.of_user(user_id):
        world.channels.drop_member(channel["id"], user_id)
    world.preferences.remove_user(user_id)
    world.posts.remove_by(user_id)
    world.reactions.remove_by(user_id)
    world.drafts.remove_user(user_id)
    world.files.remove_user(user_id)
    world.teams.remove_user(user_id)
    world.bots.pop(user_id, None)
    world.users.remove(user_id)
