"""Reading and changing the settings (api4/config.go); what the server heeds of them holds at once."""

from matterapi.testing.effects.client_config import client_config
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.config import SettingError, check_types
from matterapi.testing.state.permissions import require
from matterapi.testing.websocket.messages import Broadcast, Event

# The first version that knows no `format` of the client's configuration.
_FORMAT_GONE = 11
_NO_STORE = [("Cache-Control", "no-cache, no-store, must-revalidate")]


@operation("GetConfig")
def get_config(call: Call) -> Response:
    """GET /config: secrets are masked; roles that may read parts of it are refused here."""
    require(call.is_admin)
    masked, defaults = call.flag("remove_masked"), call.flag("remove_defaults")
    shown = call.world.config.shown(remove_masked=masked, remove_defaults=defaults)
    return json_response(shown, headers=_NO_STORE)


@operation("UpdateConfig")
def update_config(call: Call) -> Response:
    """PUT /config: what the body leaves out goes back to a new server's."""
    return _save(call, whole=True)


@operation("PatchConfig")
def patch_config(call: Call) -> Response:
    """PUT /config/patch: what the body leaves out stays."""
    return _save(call, whole=False)


def _save(call: Call, *, whole: bool) -> Response:
    wanted = call.json_object("config")
    if not wanted:
        raise invalid_body("config")
    try:
        check_types(wanted)
    except SettingError:
        raise invalid_body("config") from None
    require(call.is_admin)
    config = call.world.config
    site = (wanted.get("ServiceSettings") or {}).get("SiteURL", "" if whole else None)
    if site == "" and config.text("ServiceSettings.SiteURL"):
        raise AppError(400, "api.config.update_config.clear_siteurl.app_error", "SiteURL cannot be cleared.")
    uploads = (wanted.get("PluginSettings") or {}).get("EnableUploads")
    if uploads is not None and uploads != config.flag("PluginSettings.EnableUploads"):
        if not whole:
            raise AppError(403, "api.config.update_config.not_allowed_security.app_error", "Not allowed.")
        wanted["PluginSettings"]["EnableUploads"] = not uploads
    had_guests = config.flag("GuestAccountsSettings.Enable")
    try:
        if whole:
            config.replace(wanted)
        else:
            config.merge(wanted)
    except SettingError as error:
        raise AppError(400, error.error_id, str(error)) from None
    _announce(call, guests_left=had_guests and not config.flag("GuestAccountsSettings.Enable"))
    return json_response(config.shown(), headers=_NO_STORE)


def _announce(call: Call, *, guests_left: bool) -> None:
    """Tell everybody the client's configuration, as every save does (platform/service.go)."""
    statuses = {"plugin_statuses": call.world.plugins.statuses()}
    call.hub.publish(Event("plugin_statuses_changed", statuses, Broadcast(sensitive=True)))
    if guests_left:
        call.hub.publish(Event("guests_deactivated", {}))
    shown = client_config(call.world, complete=True)
    call.hub.publish(Event("config_changed", {"config": shown}))


@operation("ReloadConfig")
def reload_config(call: Call) -> Response:
    """POST /config/reload."""
    require(call.may("reload_config"))
    response = ok()
    response.headers += _NO_STORE
    return response


@operation("GetEnvironmentConfig")
def get_environment_config(call: Call) -> Response:
    """GET /config/environment: no setting comes from the environment here."""
    require(call.is_admin)
    return json_response({}, headers=_NO_STORE)


@operation("GetClientConfig")
def get_client_config(call: Call) -> Response:
    """GET /config/client: every value is text; a session sees more. Before 11 it wants `format=old`."""
    if call.world.major < _FORMAT_GONE and call.text("format") != "old":
        if not call.text("format"):
            raise AppError(501, "api.config.client.old_format.app_error", "The format is missing.")
        raise invalid_body("format")
    return json_response(client_config(call.world, complete=call.session is not None))
