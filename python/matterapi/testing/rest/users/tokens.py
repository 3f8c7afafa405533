"""Personal access tokens (api4/user.go). They are switched on here; a real server has them off at first."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

from .users import require_self_or


def _shown(token: JsonObject) -> JsonObject:
    return {key: value for key, value in token.items() if key != "token"}


def _unknown() -> AppError:
    return AppError(404, "app.user_access_token.get_by_user.app_error", "No such personal access token.")


@operation("CreateUserAccessToken")
def create_user_access_token(call: Call) -> Response:
    """POST /users/{user_id}/tokens: the only answer that shows the secret."""
    user, description = call.target_user(), call.json_object("user_access_token").get("description")
    if not description or not isinstance(description, str):
        raise invalid_body("description")
    require(call.may("create_user_access_token"))
    require_self_or(call, user["id"])
    if not call.world.config.flag("ServiceSettings.EnableUserAccessTokens") and not user["is_bot"]:
        raise AppError(501, "app.user_access_token.disabled", "Personal access tokens are switched off.")
    token: JsonObject = {
        "id": call.world.ids.new(),
        "token": call.world.ids.new(),
        "user_id": user["id"],
        "description": description,
        "is_active": True,
    }
    call.world.sessions.personal_tokens[token["id"]] = token
    return json_response(token)


@operation("GetUserAccessTokensForUser")
def get_user_access_tokens_for_user(call: Call) -> Response:
    """GET /users/{user_id}/tokens."""
    user = call.target_user()
    require(call.may("read_user_access_token"))
    require_self_or(call, user["id"])
    tokens = call.world.sessions.personal_tokens.values()
    return json_response(call.cut([_shown(token) for token in tokens if token["user_id"] == user["id"]]))


@operation("GetUserAccessTokens")
def get_user_access_tokens(call: Call) -> Response:
    """GET /users/tokens: everybody's, for admins."""
    require(call.is_admin)
    return json_response(call.cut([_shown(token) for token in call.world.sessions.personal_tokens.values()]))


@operation("GetUserAccessToken")
def get_user_access_token(call: Call) -> Response:
    """GET /users/tokens/{token_id}."""
    require(call.may("read_user_access_token"))
    return json_response(_shown(_owned(call, call.params["token_id"])))


@operation("SearchUserAccessTokens")
def search_user_access_tokens(call: Call) -> Response:
    """POST /users/tokens/search: by token id, user id or username."""
    require(call.is_admin)
    term = call.json_object("user_access_token_search").get("term")
    if not term or not isinstance(term, str):
        raise invalid_body("term")
    return json_response(
        [_shown(token) for token in call.world.sessions.personal_tokens.values() if _fits(call, token, term)]
    )


def _fits(call: Call, token: JsonObject, term: str) -> bool:
    user = call.world.users.get(token["user_id"])
    names = (token["id"], token["user_id"], user["username"] if user else "")
    return any(term in name for name in names)


def _owned(call: Call, token_id: str) -> JsonObject:
    token = call.world.sessions.personal_tokens.get(token_id)
    if token is None:
        raise _unknown()
    require_self_or(call, token["user_id"])
    return token


def _named(call: Call) -> JsonObject:
    token_id = call.json_strings().get("token_id", "")
    if not token_id:
        raise invalid_body("token_id")
    return _owned(call, token_id)


@operation("DisableUserAccessToken")
def disable_user_access_token(call: Call) -> Response:
    """POST /users/tokens/disable: its session ends at once."""
    require(call.may("revoke_user_access_token"))
    token = _named(call)
    token["is_active"] = False
    call.world.sessions.revoke(token["token"])
    return ok()


@operation("EnableUserAccessToken")
def enable_user_access_token(call: Call) -> Response:
    """POST /users/tokens/enable: the same secret works again."""
    require(call.may("create_user_access_token"))
    _named(call)["is_active"] = True
    return ok()


@operation("RevokeUserAccessToken")
def revoke_user_access_token(call: Call) -> Response:
    """POST /users/tokens/revoke."""
    require(call.may("revoke_user_access_token"))
    token = _named(call)
    del call.world.sessions.personal_tokens[token["id"]]
    call.world.sessions.revoke(token["token"])
    return ok()
