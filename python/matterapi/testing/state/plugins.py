"""Installed plugins."""

from matterapi.testing.http.encoding import JsonObject

_NOT_RUNNING, _RUNNING = 0, 2


class Plugins:
    """Manifests by plugin id, and which are enabled. A fresh server runs one, an empty one none."""

    def __init__(self, *, empty: bool = False) -> None:
        demo: JsonObject = {
            "id": "com.example.demo-plugin",
            "name": "Demo plugin",
            "description": "A plugin that does nothing.",
            "homepage_url": "https://example.org/demo-plugin",
            "version": "0.1.0",
            "min_server_version": "6.0.0",
            "webapp": {"bundle_path": "webapp/main.js"},
        }
        self._manifests: dict[str, JsonObject] = {} if empty else {demo["id"]: demo}
        self._enabled = set(self._manifests)

    def get(self, plugin_id: str) -> JsonObject | None:
        """Return a plugin's manifest."""
        return self._manifests.get(plugin_id)

    def manifests(self) -> list[JsonObject]:
        """Return all manifests."""
        return list(self._manifests.values())

    def install(self, manifest: JsonObject) -> None:
        """Keep a plugin's manifest; it runs when it is enabled, or if one of that id did."""
        self._manifests[manifest["id"]] = manifest

    def enable(self, plugin_id: str, *, enabled: bool) -> None:
        """Start or stop a plugin."""
        if enabled:
            self._enabled.add(plugin_id)
        else:
            self._enabled.discard(plugin_id)

    def remove(self, plugin_id: str) -> None:
        """Uninstall a plugin."""
        self._manifests.pop(plugin_id)
        self._enabled.discard(plugin_id)

    def overview(self) -> JsonObject:
        """Return all manifests, those of running plugins apart from the others."""
        active = [manifest for key, manifest in self._manifests.items() if key in self._enabled]
        inactive = [manifest for key, manifest in self._manifests.items() if key not in self._enabled]
        return {"active": active, "inactive": inactive}

    def statuses(self) -> list[JsonObject]:
        """Return the state of every plugin on the one node there is."""
        return [
            {
                "plugin_id": key,
                "cluster_id": "",
                "plugin_path": f"plugins/{key}",
                "state": _RUNNING if key in self._enabled else _NOT_RUNNING,
                "error": "",
                "name": manifest["name"],
                "description": manifest.get("description", ""),
                "version": manifest["version"],
            }
            for key, manifest in self._manifests.items()
        ]

    def webapp(self) -> list[JsonObject]:
        """Return what the web app is told of the running plugins."""
        return [webapp_manifest(self._manifests[key]) for key in self._manifests if key in self._enabled]


def webapp_manifest(manifest: JsonObject) -> JsonObject:
    """Return the part of a manifest that everybody may see."""
    bundle = f"/static/{manifest['id']}/{manifest['id']}_bundle.js"
    return {
        "id": manifest["id"],
        "name": "",
        "homepage_url": manifest.get("homepage_url", ""),
        "version": manifest["version"],
        "min_server_version": manifest.get("min_server_version", ""),
        "webapp": {"bundle_path": bundle},
    }
