"""OAuth applications (api4/oauth.go); nobody can be authorised by one here."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.integration_client import is_http_url
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.integrations import texts
from matterapi.testing.state.permissions import require

_TEXTS = ("name", "description", "icon_url", "homepage")
_ORDER = (
    "id", "creator_id", "create_at", "update_at", "client_secret", "name", "description", "icon_url",
    "callback_urls", "homepage", "is_trusted", "mattermost_app_id",
)  # fmt: skip


def _enabled(call: Call, end: str = "allow_oauth") -> None:
    if not call.world.config.flag("ServiceSettings.EnableOAuthServiceProvider"):
        raise AppError(501, f"api.oauth.{end}.turn_off.app_error", "OAuth is switched off.")


def _app(call: Call) -> JsonObject:
    _enabled(call)
    app = call.world.integrations.oauth_apps.get(call.params["app_id"])
    if app is None:
        raise AppError(404, "app.oauth.get_app.find.app_error", "No such application.")
    return app


def _managed(call: Call) -> JsonObject:
    require(call.may("manage_oauth"))
    app = _app(call)
    require(app["creator_id"] == call.user["id"] or call.may("manage_system_wide_oauth"))
    return app


def _settled(fields: JsonObject) -> JsonObject:
    urls = fields.get("callback_urls") or []
    if not isinstance(urls, list) or not all(isinstance(url, str) for url in urls):
        raise invalid_body("oauth_app")
    trusted = bool(fields.get("is_trusted"))
    return {**texts(fields, *_TEXTS), "callback_urls": list(urls), "is_trusted": trusted}


def _check(app: JsonObject) -> None:
    checks = (
        ("name", 0 < len(app["name"].encode()) <= 64),
        ("callback", bool(app["callback_urls"]) and all(is_http_url(url) for url in app["callback_urls"])),
        ("homepage", len(app["homepage"]) <= 256 and is_http_url(app["homepage"])),
        ("description", len(app["description"]) <= 512),
        ("icon_url", not app["icon_url"] or (len(app["icon_url"]) <= 512 and is_http_url(app["icon_url"]))),
    )
    for name, passes in checks:
        if not passes:
            raise AppError(400, f"model.oauth.is_valid.{name}.app_error", f"The {name} is not valid.")


def _shown(app: JsonObject, *, secret: bool = True) -> JsonObject:
    shown = {name: app[name] for name in _ORDER}
    return shown if secret else {**shown, "client_secret": ""}


@operation("CreateOAuthApp")
def create_oauth_app(call: Call) -> Response:
    """POST /oauth/apps: a public one (`is_public`) has no secret."""
    fields = call.json_object("oauth_app")
    settled = _settled(fields)
    require(call.may("manage_oauth"))
    _enabled(call, "register_oauth_app")
    app: JsonObject = {
        "id": call.world.ids.new(),
        "creator_id": call.user["id"],
        "create_at": call.now,
        "update_at": call.now,
        "client_secret": "" if fields.get("is_public") is True else call.world.ids.new(),
        "mattermost_app_id": "",
        **settled,
        "is_trusted": settled["is_trusted"] and call.is_admin,
    }
    _check(app)
    call.world.integrations.oauth_apps[app["id"]] = app
    return json_response(_shown(app), 201)


@operation("UpdateOAuthApp")
def update_oauth_app(call: Call) -> Response:
    """PUT /oauth/apps/{app_id}."""
    require(call.may("manage_oauth"))
    fields = call.json_object("oauth_app")
    if fields.get("id") != call.params["app_id"]:
        raise invalid_body("app_id")
    app = _managed(call)
    changed = {**app, **_settled(fields), "update_at": call.now}
    if not call.is_admin:
        changed["is_trusted"] = app["is_trusted"]
    _check(changed)
    app.update(changed)
    return json_response(_shown(app))


@operation("GetOAuthApps")
def get_oauth_apps(call: Call) -> Response:
    """GET /oauth/apps: one's own, or everybody's for who may manage them."""
    if not call.may("manage_oauth"):
        raise AppError(403, "api.command.admin_only.app_error", "Integrations are for admins.")
    _enabled(call)
    everybody = call.may("manage_system_wide_oauth")
    apps = call.world.integrations.oauth_apps.values()
    found = [_shown(app) for app in apps if everybody or app["creator_id"] == call.user["id"]]
    return json_response(call.cut(found))


@operation("GetOAuthApp")
def get_oauth_app(call: Call) -> Response:
    """GET /oauth/apps/{app_id}."""
    return json_response(_shown(_managed(call)))


@operation("GetOAuthAppInfo")
def get_oauth_app_info(call: Call) -> Response:
    """GET /oauth/apps/{app_id}/info: for everybody, without the secret."""
    return json_response(_shown(_app(call), secret=False))


@operation("DeleteOAuthApp")
def delete_oauth_app(call: Call) -> Response:
    """DELETE /oauth/apps/{app_id}."""
    del call.world.integrations.oauth_apps[_managed(call)["id"]]
    return ok()


@operation("RegenerateOAuthAppSecret")
def regenerate_oauth_app_secret(call: Call) -> Response:
    """POST /oauth/apps/{app_id}/regen_secret: a public one stays without a secret."""
    app = _managed(call)
    if not app["client_secret"]:
        raise AppError(400, "api.oauth.regenerate_secret.public_client.app_error", "It has no secret.")
    app.update(client_secret=call.world.ids.new(), update_at=call.now)
    return json_response(_shown(app))


@operation("GetAuthorizedOAuthAppsForUser")
def get_authorized_oauth_apps_for_user(call: Call) -> Response:
    """GET /users/{user_id}/oauth/apps/authorized: nobody has authorised any."""
    require_self_or(call, call.id("user_id"))
    _enabled(call)
    return json_response([])


def _refused(error: str, description: str) -> Response:
    return json_response({"error": error, "error_description": description}, 400)


@operation("RegisterOAuthClient")
def register_oauth_client(call: Call) -> Response:
    """POST /oauth/apps/register: anybody may; refusals have the form of RFC 7591, not the server's own."""
    for name in ("EnableOAuthServiceProvider", "EnableDynamicClientRegistration"):
        if not call.world.config.flag(f"ServiceSettings.{name}"):
            return _refused("unsupported_operation", "Clients cannot be registered.")
    try:
        fields = call.json_object("client")
    except AppError:
        return _refused("invalid_client_metadata", "The body is no JSON.")
    urls, named, home = (fields.get(key) for key in ("redirect_uris", "client_name", "client_uri"))
    if not isinstance(urls, list) or not urls or not all(is_http_url(url) for url in urls):
        return _refused("invalid_client_metadata", "Addresses to redirect to are needed.")
    method = fields.get("token_endpoint_auth_method") or "client_secret_post"
    if method not in ("client_secret_post", "none") or (home is not None and not is_http_url(home)):
        return _refused("invalid_client_metadata", "The client is not valid.")
    app: JsonObject = {
        "id": call.world.ids.new(),
        "creator_id": "",
        "create_at": call.now,
        "update_at": call.now,
        "client_secret": "" if method == "none" else call.world.ids.new(),
        "mattermost_app_id": "",
        "name": str(named or "Dynamically Registered Client"),
        "description": "",
        "icon_url": "",
        "homepage": str(home or ""),
        "callback_urls": list(urls),
        "is_trusted": False,
    }
    call.world.integrations.oauth_apps[app["id"]] = app
    shown = {
        "client_id": app["id"],
        "client_secret": app["client_secret"],
        "redirect_uris": urls,
        "token_endpoint_auth_method": method,
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "user",
        "client_name": app["name"],
        "client_uri": app["homepage"],
    }
    return json_response({key: value for key, value in shown.items() if value}, 201)
