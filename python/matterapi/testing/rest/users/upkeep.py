"""What admins do with accounts now and then (api4/user.go)."""

from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require


@operation("UpdateUserAuth")
def update_user_auth(call: Call) -> Response:
    """PUT /users/{user_id}/auth: ties the account to a login elsewhere."""
    require(call.is_admin)
    fields = call.json_strings()
    if not fields.get("auth_data") or not fields.get("auth_service"):
        raise AppError(400, "api.user.update_user_auth.invalid_request", "Data or service is missing.")
    user = call.target_user()
    wanted = {key: fields[key] for key in ("auth_data", "auth_service")}
    user.update(wanted)
    user["update_at"] = call.now
    return json_response(wanted)


@operation("GetUsersWithInvalidEmails")
def get_users_with_invalid_emails(call: Call) -> Response:
    """GET /users/invalid_emails: of a server that is not open; without rules no address is invalid."""
    if call.world.config.flag("TeamSettings.EnableOpenServer"):
        raise AppError(400, "<untranslated>", "The server is open to anybody.")
    require(call.may("sysconsole_read_user_management_users"))
    return json_response([])
