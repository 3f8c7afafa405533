"""Tokens that come with emails, which nobody sends here (api4/user.go)."""

from matterapi.testing.effects.accounts import publish_user
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

from .users import view_of

_TOKEN_LENGTH = 64


def _token(call: Call) -> str:
    token = call.json_strings().get("token", "")
    if len(token) != _TOKEN_LENGTH:
        raise invalid_body("token")
    return token


@operation("ResetPassword")
def reset_password(call: Call) -> Response:
    """POST /users/password/reset: no token is known, for none was sent."""
    _token(call)
    raise AppError(400, "api.user.reset_password.invalid_link.app_error", "The link is not valid.")


@operation("VerifyUserEmail")
def verify_user_email(call: Call) -> Response:
    """POST /users/email/verify: no token is known, for none was sent."""
    _token(call)
    raise AppError(400, "api.user.verify_email.bad_link.app_error", "The link is not valid.")


@operation("VerifyUserEmailWithoutToken")
def verify_user_email_without_token(call: Call) -> Response:
    """POST /users/{user_id}/email/verify/member, for admins: shows the account as it was."""
    user = call.target_user()
    require(call.is_admin)
    shown = call.world.show_user(user, view_of(call, user))
    user["email_verified"], user["update_at"] = True, call.now
    publish_user(call.world, call.hub, user)
    return json_response(shown)
