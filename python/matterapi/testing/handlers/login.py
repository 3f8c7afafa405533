"""Logging in and out (api4/user.go, login and logout)."""

from matterapi.testing.auth import open_session
from matterapi.testing.call import Call
from matterapi.testing.encoding import JsonObject
from matterapi.testing.errors import CLEAR_COOKIE, AppError
from matterapi.testing.replies import Reply, json_reply, ok
from matterapi.testing.state.sessions import LOGIN_LENGTH_MS
from matterapi.testing.state.users import render_user

from .registry import operation

MAX_ATTEMPTS = 10


@operation("Login")
def login(call: Call) -> Reply:
    """POST /users/login: the session's token comes in the header `Token`."""
    fields = call.json_strings()
    password = fields.get("password", "")
    if not password:
        raise AppError(400, "api.user.login.blank_pwd.app_error", "Password field must not be blank")
    user = _find(call, fields)
    if user is None or user["failed_attempts"] >= MAX_ATTEMPTS:
        raise _refused(user)
    if user["is_bot"]:
        raise AppError(401, "api.user.login.bot_login_forbidden.app_error", "Bot login is forbidden.")
    if call.world.users.passwords.get(user["id"]) != password:
        user["failed_attempts"] += 1
        raise _refused(user)
    _check_mfa(call, user, fields.get("token", ""))
    if user["delete_at"]:
        raise AppError(401, "api.user.login.inactive.app_error", "The account has been deactivated.")
    user["failed_attempts"] = 0
    session = open_session(call.world, user["id"], length_ms=LOGIN_LENGTH_MS)
    headers = [("Token", session.token)]
    if call.headers.get("X-Requested-With") == "XMLHttpRequest":
        headers += [
            ("Set-Cookie", f"MMAUTHTOKEN={session.token}; Path=/; HttpOnly"),
            ("Set-Cookie", f"MMUSERID={user['id']}; Path=/"),
            ("Set-Cookie", f"MMCSRF={session.csrf}; Path=/"),
        ]
    return json_reply(render_user(user, "self"), headers=headers)


def _find(call: Call, fields: dict[str, str]) -> JsonObject | None:
    if fields.get("id"):
        return call.world.users.get(fields["id"])
    return call.world.users.by_login(fields.get("login_id", ""))


def _refused(user: JsonObject | None) -> AppError:
    if user is not None and user["failed_attempts"] >= MAX_ATTEMPTS:
        return AppError(401, "api.user.check_user_login_attempts.too_many.app_error", "Too many attempts.")
    return AppError(
        401,
        "api.user.login.invalid_credentials_email_username",
        "Enter a valid email or username and/or password.",
    )


def _check_mfa(call: Call, user: JsonObject, code: str) -> None:
    """Ask for a second factor where it is on; a code works once."""
    if not user["mfa_active"]:
        return
    if not code:
        raise AppError(401, "mfa.validate_token.authenticate.app_error", "Invalid MFA token.")
    if call.world.users.mfa_codes.get(user["id"]) != code:
        raise AppError(401, "api.user.check_user_mfa.bad_code.app_error", "Invalid MFA token.")
    call.world.users.mfa_codes.pop(user["id"])


@operation("Logout")
def logout(call: Call) -> Reply:
    """POST /users/logout: always 200; a personal access token survives it."""
    if call.session is not None and not call.session.personal:
        call.world.sessions.revoke(call.session.token)
    reply = ok()
    reply.headers.append(CLEAR_COOKIE)
    return reply
