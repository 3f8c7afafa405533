"""Setting up the second factor (api4/user.go; app/user.go, ActivateMfa)."""

from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.state.second_factor import SecondFactor, is_code, new_secret


def _require_own(call: Call, user_id: str) -> None:
    require(call.user["id"] == user_id or call.may("edit_other_users"))


def _require_enabled(call: Call) -> None:
    if not call.world.config.flag("ServiceSettings.EnableMultifactorAuthentication"):
        raise AppError(501, "mfa.mfa_disabled.app_error", "Multi-factor authentication is disabled.")


@operation("GenerateMfaSecret")
def generate_mfa_secret(call: Call) -> Response:
    """POST /users/{user_id}/mfa/generate: the secret holds once a code of it has activated it."""
    user = call.target_user()
    _require_own(call, user["id"])
    _require_enabled(call)
    secret = new_secret(call.world.ids.source)
    call.world.users.second_factors[user["id"]] = SecondFactor(secret)
    no_cache = [("Cache-Control", "no-cache"), ("Pragma", "no-cache")]
    return json_response({"secret": secret, "qr_code": ""}, headers=no_cache)


@operation("UpdateUserMfa")
def update_user_mfa(call: Call) -> Response:
    """PUT /users/{user_id}/mfa: turns the second factor on, with a code, or off."""
    user, fields = call.target_user(), call.json_object("mfa")
    _require_own(call, user["id"])
    if not isinstance(fields.get("activate"), bool):
        raise invalid_body("activate")
    if not fields["activate"]:
        user["mfa_active"] = False
        call.world.users.second_factors.pop(user["id"], None)
        return ok()
    code = fields.get("code")
    if not isinstance(code, str) or not code:
        raise invalid_body("code")
    _require_enabled(call)
    factor = call.world.users.second_factors.get(user["id"])
    if factor is None or not is_code(code.strip()):
        raise AppError(500, "mfa.activate.app_error", "The code cannot be read.")
    if not factor.accepts(code.strip(), call.now):
        raise AppError(401, "mfa.activate.bad_token.app_error", "Invalid MFA token.")
    user["mfa_active"] = True
    return ok()
