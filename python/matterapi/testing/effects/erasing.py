"""Whether things may be erased for good: by settings of their own, one for each kind."""

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
