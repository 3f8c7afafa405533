"""Installing plugins: their manifests are kept, and nothing of them runs (api4/plugin.go)."""

from matterapi.testing.call import Call
from matterapi.testing.encoding import JsonObject
from matterapi.testing.errors import AppError, invalid_body
from matterapi.testing.flows.plugin_bundles import read_manifest
from matterapi.testing.multipart import file_named
from matterapi.testing.outside import OutsideError
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, json_reply

from .plugins import publish_statuses
from .registry import operation


@operation("UploadPlugin")
def upload_plugin(call: Call) -> Reply:
    """POST /plugins: a form with the file `plugin`; ``force=true`` takes the place of an installed one."""
    require(call.may("sysconsole_write_plugins"))
    parts = call.form(invalid_body("plugin"))
    bundle = file_named(parts, "plugin")
    if bundle is None:
        raise AppError(400, "api.plugin.upload.no_file.app_error", "The file is missing in the form.")
    force = any(part.name == "force" and part.content == b"true" for part in parts)
    return _install(call, bundle, force=force)


@operation("InstallPluginFromUrl")
async def install_plugin_from_url(call: Call) -> Reply:
    """POST /plugins/install_from_url: from an address on this machine."""
    require(call.may("sysconsole_write_plugins"))
    try:
        answer = await call.outside.ask("GET", call.text("plugin_download_url"), b"", {})
    except OutsideError:
        answer = None
    if answer is None or answer.status != 200:
        raise AppError(400, "api.plugin.install.download_failed.app_error", "The download failed.")
    return _install(call, answer.body, force=call.flag("force"))


def _install(call: Call, bundle: bytes, *, force: bool) -> Reply:
    manifest = read_manifest(bundle)
    if call.world.plugins.get(manifest["id"]) is not None and not force:
        raise AppError(400, "app.plugin.install_id.app_error", "A plugin with that id is installed.")
    call.world.plugins.install(manifest)
    publish_statuses(call)
    return json_reply(manifest, 201)


@operation("GetMarketplacePlugins")
def get_marketplace_plugins(call: Call) -> Reply:
    """GET /plugins/marketplace: what is installed, for there is no marketplace (``null`` of it alone)."""
    require(call.may("sysconsole_read_plugins"))
    if call.flag("remote_only"):
        return json_reply(None)
    manifests = call.world.plugins.manifests()
    return json_reply([_labelled(manifest) for manifest in manifests])


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
def install_marketplace_plugin(call: Call) -> Reply:
    """POST /plugins/marketplace: nothing is found there."""
    require(call.may("sysconsole_write_plugins"))
    raise AppError(500, "app.plugin.marketplace_plugins.not_found.app_error", "No such plugin is offered.")
