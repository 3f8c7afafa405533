"""Roles (api4/role.go)."""

from matterapi.testing.http.encoding import JsonObject, dumps_text
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.websocket.messages import Event

# Permissions that no role gets or loses.
_KEPT = frozenset(
    {
        "sysconsole_write_user_management_system_roles",
        "sysconsole_read_user_management_system_roles",
        "manage_roles",
        "manage_system",
    }
)


_MOST_NAMES = 100


@operation("GetAllRoles")
def get_all_roles(call: Call) -> Response:
    """GET /roles, for admins."""
    require(call.is_admin)
    return json_response(call.world.roles.all())


@operation("GetRole")
def get_role(call: Call) -> Response:
    """GET /roles/{role_id}."""
    return _shown(call.world.roles.by_id(call.params["role_id"]), "app.role.get.app_error")


@operation("GetRoleByName")
def get_role_by_name(call: Call) -> Response:
    """GET /roles/name/{role_name}."""
    return _shown(call.world.roles.by_name(call.params["role_name"]), "app.role.get_by_name.app_error")


def _shown(role: JsonObject | None, error_id: str) -> Response:
    if role is None:
        raise AppError(404, error_id, "Unable to get role.")
    return json_response(role)


@operation("PatchRole")
def patch_role(call: Call) -> Response:
    """PUT /roles/{role_id}/patch: gives the role other permissions; they hold at once."""
    wanted = call.json_object("role").get("permissions")
    if wanted is not None and not (
        isinstance(wanted, list) and all(isinstance(role_name, str) for role_name in wanted)
    ):
        raise invalid_body("role")
    role = call.world.roles.by_id(call.params["role_id"])
    if role is None:
        raise AppError(404, "app.role.get.app_error", "Unable to get role.")
    require(call.may(_needed(role["name"])))
    if wanted is None:
        return json_response(role)
    if role["name"].endswith("_guest") and not call.world.licensed:
        raise AppError(501, "api.roles.patch_roles.license.error", "Roles of guests need a licence.")
    changed = set(wanted) ^ set(role["permissions"])
    if changed & _KEPT:
        raise AppError(501, "api.roles.patch_roles.not_allowed_permission.error", "Not a permission to give.")
    if changed:
        role["permissions"], role["update_at"] = sorted(set(wanted)), call.now
        call.hub.publish(Event("role_updated", {"role": dumps_text(role)}))
    return json_response(role)


def _needed(name: str) -> str:
    protected = ("system_admin", "system_manager", "system_user_manager", "system_read_only_admin")
    return "manage_system" if name in protected else "sysconsole_write_user_management_permissions"


@operation("GetRolesByNames")
def get_roles_by_names(call: Call) -> Response:
    """POST /roles/names: unknown names are left out."""
    names = call.json_names("rolenames")
    if len(names) > _MOST_NAMES:
        raise AppError(400, "api.roles.get_multiple_by_name_too_many.request_error", "Too many names.")
    found = (call.world.roles.by_name(name) for name in names)
    return json_response([role for role in found if role is not None])
