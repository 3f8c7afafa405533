"""Reading a plugin's bundle: a tar archive, compressed by gzip, with a manifest in it."""

import gzip
import io
import tarfile
import zlib

from matterapi.testing.catalogue.decoding import decodes
from matterapi.testing.catalogue.operations import bundled
from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.errors import AppError

# Left out of a manifest when empty (`omitempty` of model.Manifest), in the server's order.
_OPTIONAL_TEXTS = ("homepage_url", "support_url", "release_notes_url", "icon_path")
_SETTING_TEXTS = ("key", "display_name", "type", "help_text", "placeholder")
_MOST_MANIFEST = 1024 * 1024
# What a bundle may unpack to: a few kilobytes of gzip can stand for gigabytes.
_MOST_UNPACKED = 512 * 1024 * 1024


def read_manifest(bundle: bytes) -> JsonObject:
    """Return the manifest of a bundle as the server shows it.

    Raises:
        AppError: 400 for what is no archive, unpacks to more than 512 MiB, or has no manifest.
    """
    try:
        with tarfile.open(fileobj=_Unpacked(bundle), mode="r|") as archive:
            raw = _manifest(archive)
    except (tarfile.TarError, zlib.error, OSError, EOFError, ValueError):
        raise AppError(400, "app.plugin.extract.app_error", "The bundle cannot be unpacked.") from None
    readable = decodes({"ref": "PluginManifest"}, raw, bundled().schemas)
    if not isinstance(raw, dict) or not raw.get("id") or not readable:
        raise AppError(400, "app.plugin.manifest.app_error", "The bundle has no manifest.")
    return _shown(raw)


def _manifest(archive: tarfile.TarFile) -> object:
    for member in archive:
        file = archive.extractfile(member) if member.name.rpartition("/")[2] == "plugin.json" else None
        if file is not None:
            return loads(file.read(_MOST_MANIFEST))
    return None


class _Unpacked(gzip.GzipFile):
    """What a bundle unpacks to, read once from the front."""

    def __init__(self, bundle: bytes) -> None:
        super().__init__(fileobj=io.BytesIO(bundle), mode="rb")
        self._left = _MOST_UNPACKED

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes.

        Raises:
            OSError: They are no gzip, or more than 512 MiB altogether.
        """
        data = super().read(size)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("the bundle unpacks to too much")
        return data


def _shown(raw: JsonObject) -> JsonObject:
    shown: JsonObject = {"id": str(raw["id"]).lower(), "name": raw.get("name") or ""}
    if raw.get("description"):
        shown["description"] = raw["description"]
    shown |= {key: raw[key] for key in _OPTIONAL_TEXTS if raw.get(key)}
    shown["version"] = raw.get("version") or ""
    shown |= {key: raw[key] for key in ("min_server_version", "server", "webapp") if raw.get(key)}
    schema = raw.get("settings_schema")
    if isinstance(schema, dict):
        settings = [
            _setting(setting) for setting in schema.get("settings") or () if isinstance(setting, dict)
        ]
        texts = {key: schema.get(key) or "" for key in ("header", "footer")}
        shown["settings_schema"] = {**texts, "settings": settings, "sections": schema.get("sections")}
    return {**shown, "props": raw["props"]} if raw.get("props") else shown


def _setting(raw: JsonObject) -> JsonObject:
    texts = {key: raw.get(key) or "" for key in _SETTING_TEXTS}
    return {**texts, "default": raw.get("default"), "hosting": "", "secret": bool(raw.get("secret"))}
