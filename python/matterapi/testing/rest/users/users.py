"""Single accounts: creating, reading, changing (api4/user.go)."""

from urllib.parse import unquote

from matterapi.testing.catalogue.samples import PNG
from matterapi.testing.effects.accounts import (
    PATCHABLE,
    change_account,
    check_password,
    create_account,
    revoke_all,
    set_active,
)
from matterapi.testing.effects.erasing import check_erasing, erase_user
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url, no_such_user
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.files import image_size
from matterapi.testing.state.permissions import require
from matterapi.testing.state.users import DEFAULT_NOTIFY_PROPS, View, valid_email
from matterapi.testing.websocket.messages import Broadcast, Event

_LICENSED_ROLES = frozenset({"system_user_manager", "system_read_only_admin", "system_manager"})


def view_of(call: Call, user: JsonObject) -> View:
    """Return how much of `user` the caller sees."""
    if call.session is not None and user["id"] == call.session.user_id:
        return "self"
    return "admin" if call.is_admin else "other"


def require_self_or(call: Call, user_id: str, permission: str = "edit_other_users") -> None:
    """Refuse with 403 what a user may only do for himself, unless he has `permission`."""
    require(call.user["id"] == user_id or call.may(permission))


def _shown(call: Call, user: JsonObject) -> Response:
    etag = f"{call.world.version}.{user['id']}.{user['update_at']}..0.true.true.0"
    return json_response(call.world.show_user(user, view_of(call, user)), etag=etag)


@operation("CreateUser")
def create_user(call: Call) -> Response:
    """POST /users: open to anybody while the server lets accounts be created."""
    fields = call.json_object("user")
    if not call.is_admin:
        _check_sign_up(call)
    user = create_account(call.world, call.hub, fields)
    return json_response(call.world.show_user(user, "self"), 201)


def _check_sign_up(call: Call) -> None:
    """Refuse who makes an account for himself where the settings do not let him (app/user.go)."""
    config = call.world.config
    if not config.flag("EmailSettings.EnableSignUpWithEmail") or not config.flag(
        "TeamSettings.EnableUserCreation"
    ):
        raise AppError(
            501, "api.user.create_user.signup_email_disabled.app_error", "Sign-up is switched off."
        )
    if len(call.world.users) and not config.flag("TeamSettings.EnableOpenServer"):
        raise AppError(
            403, "api.user.create_user.no_open_server", "This server does not let anybody sign up."
        )


@operation("GetUser")
def get_user(call: Call) -> Response:
    """GET /users/{user_id}."""
    return _shown(call, call.target_user())


@operation("GetUserByUsername")
def get_user_by_username(call: Call) -> Response:
    """GET /users/username/{username}."""
    user = call.world.users.by_username(call.params["username"])
    if user is None:
        raise AppError(404, "app.user.get_by_username.app_error", "No account of that name.")
    return _shown(call, user)


@operation("GetUserByEmail")
def get_user_by_email(call: Call) -> Response:
    """GET /users/email/{email}."""
    address = unquote(call.params["email"])
    if not valid_email(address):
        raise invalid_url("email")
    user = call.world.users.by_email(address)
    if user is None:
        raise no_such_user()
    return _shown(call, user)


@operation("UpdateUser")
def update_user(call: Call) -> Response:
    """PUT /users/{user_id}: what the body leaves out is emptied; name and address cannot be."""
    fields, user_id = call.json_object("user"), call.id("user_id")
    if not fields:
        raise invalid_body("user")
    if fields.get("id") != user_id:
        raise invalid_body("user_id")
    require_self_or(call, user_id)
    user = call.target_user()
    changed_address = fields.get("email") or user["email"]
    if user_id == call.user["id"] and changed_address != user["email"]:
        _check_password(call, fields)
    change_account(call.world, call.hub, user, _whole(fields))
    return json_response(call.world.show_user(user, view_of(call, user)))


def _whole(fields: JsonObject) -> JsonObject:
    """Return all changeable fields of an account, those that a body leaves out as they are without it."""
    empty = dict.fromkeys(PATCHABLE, "")
    missing = {**empty, "props": {}, "notify_props": dict(DEFAULT_NOTIFY_PROPS), "timezone": {}}
    return {**missing, **{key: fields[key] for key in PATCHABLE if fields.get(key) is not None}}


def _check_password(call: Call, fields: JsonObject) -> None:
    if fields.get("password") != call.world.users.passwords.get(call.user["id"]):
        raise invalid_body("password")


@operation("PatchUser")
def patch_user(call: Call) -> Response:
    """PUT /users/{user_id}/patch: a new address needs the password."""
    user, patch = call.target_user(), call.json_object("user")
    require_self_or(call, user["id"])
    new_address = patch.get("email") not in (None, user["email"])
    if (
        new_address
        and not call.is_admin
        and patch.get("password") != call.world.users.passwords.get(user["id"])
    ):
        raise invalid_body("password")
    change_account(call.world, call.hub, user, patch)
    return json_response(call.world.show_user(user, view_of(call, user)))


@operation("UpdateUserActive")
def update_user_active(call: Call) -> Response:
    """PUT /users/{user_id}/active."""
    user, active = call.target_user(), call.json_object("user").get("active")
    if not isinstance(active, bool):
        raise invalid_body("active")
    if not call.is_admin and (active or user["id"] != call.user["id"]):
        raise AppError(403, "api.user.update_active.permissions.app_error", "Not allowed.")
    set_active(call.world, call.hub, user, active=active)
    call.hub.publish(Event("user_activation_status_change", {}))
    return ok()


@operation("DeleteUser")
def delete_user(call: Call) -> Response:
    """DELETE /users/{user_id}: deactivates; with `permanent=true` an admin erases."""
    user = call.target_user()
    require_self_or(call, user["id"])
    permanent = call.flag("permanent")
    if permanent:
        check_erasing(call.world, call.user, "user")
    set_active(call.world, call.hub, user, active=False)
    if permanent:
        erase_user(call.world, user["id"])
    return ok()


@operation("UpdateUserRoles")
def update_user_roles(call: Call) -> Response:
    """PUT /users/{user_id}/roles."""
    roles = call.json_strings().get("roles", "")
    if roles.split() == ["system_admin"]:
        raise invalid_body("roles")
    if _LICENSED_ROLES & set(roles.split()) and not call.world.licensed:
        raise AppError(400, "api.user.update_user_roles.license.app_error", "The role needs a licence.")
    require(call.may("manage_roles"))
    user = call.target_user()
    if any(call.world.roles.by_name(name) is None for name in roles.split()):
        raise AppError(400, "app.role.check_roles_exist.role_not_found", "No such role.")
    user["roles"], user["update_at"] = roles, call.now
    data = {"roles": roles, "user_id": user["id"]}
    call.hub.publish(Event("user_role_updated", data, Broadcast(user_id=user["id"])))
    return ok()


@operation("UpdateUserPassword")
def update_user_password(call: Call) -> Response:
    """PUT /users/{user_id}/password: an admin needs no current password."""
    user, fields = call.target_user(), call.json_strings()
    require_self_or(call, user["id"])
    current = call.world.users.passwords.get(user["id"])
    if user["id"] == call.user["id"] and fields.get("current_password") != current:
        raise AppError(400, "api.user.update_password.incorrect.app_error", "The current password is wrong.")
    check_password(call.world, fields.get("new_password"))
    call.world.users.passwords[user["id"]] = fields["new_password"]
    user["last_password_update"] = user["update_at"] = call.now
    if user["id"] != call.user["id"]:
        revoke_all(call.world, user["id"])
    return ok()


@operation("GetProfileImage", "GetDefaultProfileImage")
def get_profile_image(call: Call) -> Response:
    """GET /users/{user_id}/image."""
    user = call.target_user()
    content = call.world.users.pictures.get(user["id"], PNG)
    headers = [("Cache-Control", "max-age=86400, private")]
    return Response(200, content, "image/png", headers, etag=str(user["last_picture_update"]))


@operation("SetProfileImage")
def set_profile_image(call: Call) -> Response:
    """POST /users/{user_id}/image: a form with the part `image`."""
    user = call.target_user()
    require_self_or(call, user["id"])
    content = _image_part(call)
    if image_size(content) is None:
        raise AppError(
            400, "api.user.upload_profile_user.check_image_limits.app_error", "Not an image that can be used."
        )
    call.world.users.pictures[user["id"]] = content
    user["last_picture_update"] = user["update_at"] = call.now
    call.hub.publish(Event("user_updated", {"user": call.world.show_user(user, "other")}))
    return ok()


def _image_part(call: Call) -> bytes:
    parts = call.form(AppError(400, "api.user.upload_profile_user.parse.app_error", "Not a form."))
    images = [part.content for part in parts if part.name == "image"]
    if not images:
        raise AppError(400, "api.user.upload_profile_user.no_file.app_error", "No part named image.")
    return images[0]


@operation("SetDefaultProfileImage")
def set_default_profile_image(call: Call) -> Response:
    """DELETE /users/{user_id}/image."""
    user = call.target_user()
    require_self_or(call, user["id"])
    call.world.users.pictures.pop(user["id"], None)
    user["last_picture_update"] = -call.now
    call.hub.publish(Event("user_updated", {"user": call.world.show_user(user, "other")}))
    return ok()
