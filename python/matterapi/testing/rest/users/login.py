"""Logging in and out (api4/user.go, login and logout)."""

from matterapi.testing.effects.session_cookies import session_cookies, session_length_ms
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, clear_cookie
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.credentials import open_session
from matterapi.testing.state.second_factor import is_code


@operation("Login")
def login(call: Call) -> Response:
    """POST /users/login: the session's token comes in the header `Token`."""
    fields = call.json_strings()
    password = fields.get("password", "")
    if not password:
        raise AppError(400, "api.user.login.blank_pwd.app_error", "Password field must not be blank")
    user = _find(call, fields)
    if user is None:
        raise _unknown()
    _check_account(call, user)
    if call.world.users.passwords.get(user["id"]) != password:
        user["failed_attempts"] += 1
        raise _unknown()
    _check_mfa(call, user, fields.get("token", ""))
    # The response still has the failures that the login has made forgotten.
    shown = call.world.show_user(user, "self")
    user["failed_attempts"] = 0
    session = open_session(call.world, user["id"], length_ms=session_length_ms(call.world))
    headers = [("Token", session.token)]
    if call.headers.get("X-Requested-With") == "XMLHttpRequest":
        headers += session_cookies(call.world, session)
    return json_response(shown, headers=headers)


def _find(call: Call, fields: dict[str, str]) -> JsonObject | None:
    if fields.get("id"):
        return call.world.users.get(fields["id"])
    return call.world.users.by_login(fields.get("login_id", ""))


def _unknown() -> AppError:
    return AppError(
        401,
        "api.user.login.invalid_credentials_email_username",
        "Enter a valid email or username and/or password.",
    )


def _check_account(call: Call, user: JsonObject) -> None:
    """Refuse what no password helps (CheckUserPreflightAuthenticationCriteria)."""
    if user["delete_at"]:
        raise AppError(401, "api.user.login.inactive.app_error", "The account has been deactivated.")
    if user["is_bot"]:
        raise AppError(401, "api.user.login.bot_login_forbidden.app_error", "Bot login is forbidden.")
    if user["failed_attempts"] >= call.world.config.number("ServiceSettings.MaximumLoginAttempts"):
        raise AppError(401, "api.user.check_user_login_attempts.too_many.app_error", "Too many attempts.")


def _check_mfa(call: Call, user: JsonObject, code: str) -> None:
    """Ask for a second factor where it is on; no code at all counts as a question, not as an attempt."""
    factor = call.world.users.second_factors.get(user["id"])
    asked = call.world.config.flag("ServiceSettings.EnableMultifactorAuthentication")
    if not user["mfa_active"] or factor is None or not asked:
        return
    code = code.strip()
    if is_code(code) and factor.accepts(code, call.now):
        return
    if code:
        user["failed_attempts"] += 1
    if not is_code(code):
        raise AppError(401, "mfa.validate_token.authenticate.app_error", "Invalid MFA token.")
    raise AppError(401, "api.user.check_user_mfa.bad_code.app_error", "Invalid MFA token.")


@operation("Logout")
def logout(call: Call) -> Response:
    """POST /users/logout: always 200; a personal access token survives it."""
    if call.session is not None and not call.session.personal:
        call.world.sessions.revoke(call.session.token)
    response = ok()
    response.headers.append(clear_cookie(call.world.subpath))
    return response
