"""Roles (api4/role.go)."""

from matterapi.testing.call import Call
from matterapi.testing.encoding import JsonObject
from matterapi.testing.errors import AppError
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, json_reply

from .registry import operation


@operation("GetAllRoles")
def get_all_roles(call: Call) -> Reply:
    """GET /roles, for admins."""
    require(call.is_admin)
    return json_reply(call.world.roles.all())


@operation("GetRole")
def get_role(call: Call) -> Reply:
    """GET /roles/{role_id}."""
    return _shown(call.world.roles.by_id(call.params["role_id"]), "app.role.get.app_error")


@operation("GetRoleByName")
def get_role_by_name(call: Call) -> Reply:
    """GET /roles/name/{role_name}."""
    return _shown(call.world.roles.by_name(call.params["role_name"]), "app.role.get_by_name.app_error")


def _shown(role: JsonObject | None, error_id: str) -> Reply:
    if role is None:
        raise AppError(404, error_id, "Unable to get role.")
    return json_reply(role)


@operation("GetRolesByNames")
def get_roles_by_names(call: Call) -> Reply:
    """POST /roles/names: unknown names are left out."""
    names = call.json_ids("rolenames")
    found = (call.world.roles.by_name(name) for name in names)
    return json_reply([role for role in found if role is not None])
