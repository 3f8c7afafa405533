"""The configuration as clients see it (client_config.json: GET /config/client of 11.2)."""

from functools import cache
from importlib.resources import files
from typing import cast

import orjson

from matterapi.testing.state.world import World


@cache
def _facts() -> dict[str, dict[str, str]]:
    data = files("matterapi.testing.state").joinpath("client_config.json").read_bytes()
    return cast("dict[str, dict[str, str]]", orjson.loads(data))


def client_config(world: World, *, complete: bool) -> dict[str, str]:
    """Return the client's configuration, every value as text; without a session it is not complete."""
    facts = _facts()
    named = {**facts["limited"], **(facts["session"] if complete else {})}
    config = {
        "DiagnosticId": world.diagnostic_id,
        "NoAccounts": str(len(world.users) == 0).lower(),
        "TelemetryId": world.diagnostic_id,
        "Version": world.version,
    }
    if complete:
        config["InstallationDate"] = str(world.installed_at)
    for name, value in named.items():
        config[name] = _text(world.config.get(value[1:])) if value.startswith("=") else value
    return dict(sorted(config.items()))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
