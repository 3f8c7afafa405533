"""What admins do with accounts now and then (api4/user.go)."""

from matterapi.testing.call import Call
from matterapi.testing.errors import AppError
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, json_reply

from .registry import operation


@operation("UpdateUserAuth")
def update_user_auth(call: Call) -> Reply:
    """PUT /users/{user_id}/auth: ties the account to a login elsewhere."""
    require(call.is_admin)
    fields = call.json_strings()
    if not fields.get("auth_data") or not fields.get("auth_service"):
        raise AppError(400, "api.user.update_user_auth.invalid_request", "Data or service is missing.")
    user = call.target_user()
    wanted = {key: fields[key] for key in ("auth_data", "auth_service")}
    user.update(wanted)
    user["update_at"] = call.now
    return json_reply(wanted)


@operation("GetUsersWithInvalidEmails")
def get_users_with_invalid_emails(call: Call) -> Reply:
    """GET /users/invalid_emails: of a server that is not open; without rules no address is invalid."""
    if call.world.config.flag("TeamSettings.EnableOpenServer"):
        raise AppError(400, "<untranslated>", "The server is open to anybody.")
    require(call.may("sysconsole_read_user_management_users"))
    return json_reply([])
