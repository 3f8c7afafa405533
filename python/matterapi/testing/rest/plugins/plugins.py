"""Plugins that are installed (api4/plugin.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.state.plugins import webapp_manifest
from matterapi.testing.websocket.messages import Broadcast, Event


@operation("GetPlugins")
def get_plugins(call: Call) -> Response:
    """GET /plugins."""
    require(call.may("sysconsole_read_plugins"))
    return json_response(call.world.plugins.overview())


@operation("GetPluginStatuses")
def get_plugin_statuses(call: Call) -> Response:
    """GET /plugins/statuses."""
    require(call.may("sysconsole_read_plugins"))
    return json_response(call.world.plugins.statuses())


@operation("GetWebappPlugins")
def get_webapp_plugins(call: Call) -> Response:
    """GET /plugins/webapp: open to anybody."""
    return json_response(call.world.plugins.webapp())


def _manifest(call: Call) -> JsonObject:
    require(call.may("sysconsole_write_plugins"))
    manifest = call.world.plugins.get(call.params["plugin_id"])
    if manifest is None:
        raise AppError(404, "app.plugin.not_installed.app_error", "Plugin is not installed.")
    return manifest


def publish_statuses(call: Call) -> None:
    """Tell the admins' sockets how all plugins are."""
    data = {"plugin_statuses": call.world.plugins.statuses()}
    call.hub.publish(Event("plugin_statuses_changed", data, Broadcast(sensitive=True)))


def _enable(call: Call, *, enabled: bool) -> Response:
    manifest = _manifest(call)
    call.world.plugins.enable(manifest["id"], enabled=enabled)
    event = "plugin_enabled" if enabled else "plugin_disabled"
    call.hub.publish(Event(event, {"manifest": webapp_manifest(manifest)}))
    publish_statuses(call)
    return ok()


@operation("EnablePlugin")
def enable_plugin(call: Call) -> Response:
    """POST /plugins/{plugin_id}/enable."""
    return _enable(call, enabled=True)


@operation("DisablePlugin")
def disable_plugin(call: Call) -> Response:
    """POST /plugins/{plugin_id}/disable."""
    return _enable(call, enabled=False)


@operation("RemovePlugin")
def remove_plugin(call: Call) -> Response:
    """DELETE /plugins/{plugin_id}."""
    call.world.plugins.remove(_manifest(call)["id"])
    publish_statuses(call)
    return ok()
