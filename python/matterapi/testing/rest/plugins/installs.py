"""Installing plugins: their manifests are kept, and nothing of them runs (api4/plugin.go)."""

from matterapi.testing.effects.plugin_bundles import read_manifest
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.integration_client import IntegrationError
from matterapi.testing.http.multipart import file_named
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

from .plugins import publish_statuses


@operation("UploadPlugin")
def upload_plugin(call: Call) -> Response:
    """POST /plugins: a form with the file `plugin`; `force=true` takes the place of an installed one."""
    require(call.may("sysconsole_write_plugins"))
    parts = call.form(invalid_body("plugin"))
    bundle = file_named(parts, "plugin")
    if bundle is None:
        raise AppError(400, "api.plugin.upload.no_file.app_error", "The file is missing in the form.")
    force = any(part.name == "force" and part.content == b"true" for part in parts)
    return _install(call, bundle, force=force)


@operation("InstallPluginFromUrl")
async def install_plugin_from_url(call: Call) -> Response:
    """POST /plugins/install_from_url: from an address on this machine."""
    require(call.may("sysconsole_write_plugins"))
    try:
        response = await call.integrations.ask("GET", call.text("plugin_download_url"), b"", {})
    except IntegrationError:
        response = None
    if response is None or response.status != 200:
        raise AppError(400, "api.plugin.install.download_failed.app_error", "The download failed.")
    return _install(call, response.body, force=call.flag("force"))


def _install(call: Call, bundle: bytes, *, force: bool) -> Response:
    manifest = read_manifest(bundle)
    if call.world.plugins.get(manifest["id"]) is not None and not force:
        raise AppError(400, "app.plugin.install_id.app_error", "A plugin with that id is installed.")
    call.world.plugins.install(manifest)
    publish_statuses(call)
    return json_response(manifest, 201)


@operation("GetMarketplacePlugins")
def get_marketplace_plugins(call: Call) -> Response:
    """GET /plugins/marketplace: what is installed, for there is no marketplace (`null` of it alone)."""
    require(call.may("sysconsole_read_plugins"))
    if call.flag("remote_only"):
        return json_response(None)
    manifests = call.world.plugins.manifests()
    return json_response([_labelled(manifest) for manifest in manifests])


def _labelled(manifest: JsonObject) -> JsonObject:
    unknown = dict.fromkeys(("icon_data", "download_url"), "")
    rest = dict.fromkeys(("hosting", "author_type", "release_stage"), "")
    return {
        "homepage_url": manifest.get("homepage_url", ""),
        **unknown,
        "release_notes_url": manifest.get("release_notes_url", ""),
        **rest,
        "enterprise": False,
        "signature": "",
        "manifest": manifest,
        "installed_version": manifest["version"],
    }


@operation("InstallMarketplacePlugin")
def install_marketplace_plugin(call: Call) -> Response:
    """POST /plugins/marketplace: nothing is found there."""
    require(call.may("sysconsole_write_plugins"))
    raise AppError(500, "app.plugin.marketplace_plugins.not_found.app_error", "No such plugin is offered.")
