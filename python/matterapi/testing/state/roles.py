"""Roles and the permissions they give, as an ordinary server has them (roles.json: GET /roles of 11.2)."""

from functools import cache
from importlib.resources import files
from typing import cast

import orjson

from matterapi.testing.http.encoding import JsonObject

from .clock import IdMaker


@cache
def _facts() -> dict[str, JsonObject]:
    data = files("matterapi.testing.state").joinpath("roles.json").read_bytes()
    return cast("dict[str, JsonObject]", orjson.loads(data))


class Roles:
    """All roles by name."""

    def __init__(self, ids: IdMaker, now: int) -> None:
        self._by_name = {
            name: {
                "id": ids.new(),
                "name": name,
                "display_name": role["display_name"],
                "description": role["description"],
                "create_at": now,
                "update_at": now,
                "delete_at": 0,
                "permissions": list(role["permissions"]),
                "scheme_managed": role["scheme_managed"],
                "built_in": role["built_in"],
            }
            for name, role in _facts().items()
        }

    def all(self) -> list[JsonObject]:
        """Return every role."""
        return list(self._by_name.values())

    def by_name(self, name: str) -> JsonObject | None:
        """Return the role of that name."""
        return self._by_name.get(name)

    def by_id(self, role_id: str) -> JsonObject | None:
        """Return the role with that id."""
        return next((role for role in self._by_name.values() if role["id"] == role_id), None)

    def grant(self, role_names: str, permission: str) -> bool:
        """Whether one of the roles (separated by spaces) gives `permission`."""
        return any(
            permission in role["permissions"]
            for name in role_names.split()
            if (role := self._by_name.get(name)) is not None
        )
