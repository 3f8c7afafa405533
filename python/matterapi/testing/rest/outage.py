"""What a server answers while its database is away: as observed on an 11.2 server whose database was stopped.

Sessions that were used lately are known to it still, other tokens look like expired ones. Little is answered
from memory; most operations fail with the error of the first thing that they look up.
"""

from matterapi.testing.http.compression import accepts_gzip
from matterapi.testing.http.encoding import dumps
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response

from .call import Call

# Answered from memory.
_REMEMBERED = frozenset(
    {
        "GetClientConfig",
        "GetClientLicense",
        "GetPing",
        "GetUserStatus",
        "GetUsersStatusesByIds",
        "UpdateUserStatus",
    }
)
_ERRORS = {
    "AddChannelMember": (500, "app.channel.get.find.app_error"),
    "CreateChannel": (500, "app.channel.get_channels.get.app_error"),
    "CreateDirectChannel": (500, "web.incoming_webhook.channel.app_error"),
    "CreatePost": (500, "app.post.save.app_error"),
    "CreateUpload": (500, "app.upload.create.save.app_error"),
    "DeletePost": (500, "app.post.get.app_error"),
    "GetAllRoles": (500, "app.role.get_all.app_error"),
    "GetBots": (500, "app.bot.getbots.internal_error"),
    "GetChannel": (500, "app.channel.get.find.app_error"),
    "GetChannelMembers": (500, "app.channel.get_members.app_error"),
    "GetChannelStats": (500, "app.channel.get_member_count.app_error"),
    "GetChannelsForTeamForUser": (500, "app.channel.get_channels.get.app_error"),
    "GetChannelsForUser": (500, "app.channel.get_channels.get.app_error"),
    "GetEmojiList": (500, "app.emoji.get_list.internal_error"),
    "GetFileInfo": (500, "app.file_info.get.app_error"),
    "GetPost": (500, "app.post.get.app_error"),
    "GetPostThread": (500, "app.post.get.app_error"),
    "GetPostsByIds": (500, "app.post.get.app_error"),
    "GetPostsForChannel": (500, "app.post.get_root_posts.app_error"),
    "GetPreferences": (400, "app.preference.get_all.app_error"),
    "GetRoleByName": (500, "app.role.get_by_names.app_error"),
    "GetSessions": (500, "app.session.get_sessions.app_error"),
    "GetTeam": (500, "app.team.get.finding.app_error"),
    "GetTeamByName": (404, "app.team.get_by_name.app_error"),
    "GetTeamMembers": (500, "app.team.get_members.app_error"),
    "GetTeamsForUser": (500, "app.team.get_all.app_error"),
    "GetUser": (500, "app.user.get_by_username.app_error"),
    "GetUserByUsername": (500, "app.user.get_by_username.app_error"),
    "GetUsers": (500, "app.user.get_profiles.app_error"),
    "GetUsersByIds": (500, "app.user.get_profiles.app_error"),
    "Login": (401, "api.user.login.invalid_credentials_email_username"),
    "Logout": (400, "app.session.get.app_error"),
    "PatchPost": (403, "api.context.permissions.app_error"),
    "SaveReaction": (500, "app.post.get.app_error"),
    "ViewChannel": (500, "app.channel.get_channels_with_unreads_and_with_mentions.app_error"),
}
# Of operations whose error was not observed; the id is no real server's.
_OTHER = (500, "store.sql.database_away.app_error")


def check_database(call: Call) -> Response | None:
    """Return what is answered in place of a handler; None where the handler answers from memory.

    Raises:
        AppError: The operation needs the database.
    """
    name = call.operation.id
    if not call.world.database_away or name in _REMEMBERED or _is_remembered(call):
        return None
    status, error_id = _ERRORS.get(name, _OTHER)
    if name == "GetUser" and call.session is not None and call.id("user_id") == call.session.user_id:
        error_id = "app.user_terms_of_service.get_by_user.app_error"
    if name == "GetPostsForChannel" and call.number("since", 0) > 0:
        error_id = "app.post.get_posts_since.app_error"
    error = AppError(status, error_id, "The database is away.")
    if name != "GetChannelsForUser":
        raise error
    # The list has begun before it fails.
    body = b"[" + dumps(error.body(call.world.ids.new()))
    return Response(500 if accepts_gzip(call.headers.get("Accept-Encoding", "")) else 200, body)


def _is_remembered(call: Call) -> bool:
    """Whether the call asks only for channels or accounts that are there: those are kept in memory."""
    if call.operation.id == "GetChannel":
        return call.world.channels.get(call.params["channel_id"]) is not None
    if call.operation.id == "GetUsersByIds":
        return all(call.world.users.get(user_id) is not None for user_id in call.json_names("user_ids"))
    return False
