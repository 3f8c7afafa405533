"""Making, changing and deactivating accounts."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.state.bots import new_bot
from matterapi.testing.state.users import new_user, valid_email, valid_username
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.messages import Broadcast, Event

MAX_PASSWORD = 72


def create_account(world: World, hub: Hub, fields: JsonObject) -> JsonObject:
    """Create an account; the first one of a server becomes its system admin.

    Args:
        world: The server's state.
        hub: Where events are published.
        fields: As in the body of POST /users.

    Returns:
        The stored record.

    Raises:
        AppError: 400 for a name, address or password that the server does not take.
    """
    check_identity(fields)
    check_password(world, fields.get("password"))
    check_unused(world, fields)
    user = new_user(world.ids.new(), world.now(), {**fields, "roles": "system_user"})
    if len(world.users) == 0:
        user["roles"] = "system_admin system_user"
    world.users.passwords[user["id"]] = str(fields["password"])
    world.users.add(user)
    hub.publish(Event("new_user", {"user_id": user["id"]}))
    return user


def make_bot(world: World, owner_id: str, fields: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Create a bot and its account.

    Args:
        world: The server's state.
        owner_id: Who owns it.
        fields: `username`, `display_name` and `description`.

    Returns:
        The stored records of both.
    """
    name = fields["username"]
    user = new_user(world.ids.new(), world.now(), {"username": name, "email": f"{name}@localhost"})
    user["first_name"] = fields.get("display_name") or ""
    user["is_bot"], user["bot_description"] = True, fields.get("description") or ""
    world.users.add(user)
    bot = new_bot(user["id"], name, owner_id, world.now(), fields)
    world.bots[user["id"]] = bot
    return bot, user


def check_identity(fields: JsonObject) -> None:
    """Refuse a username or an email address that the server does not take.

    Raises:
        AppError: 400.
    """
    if not valid_username(fields.get("username")):
        raise AppError(400, "model.user.is_valid.username.app_error", "The username is not valid.")
    if not valid_email(fields.get("email")):
        raise AppError(400, "model.user.is_valid.email.app_error", "The email address is not valid.")


def check_password(world: World, password: object) -> None:
    """Refuse a password that is missing, too short or too long.

    Raises:
        AppError: 400.
    """
    shortest = world.config.number("PasswordSettings.MinimumLength")
    if not isinstance(password, str) or len(password) < shortest:
        raise AppError(400, "model.user.is_valid.pwd_min_length.app_error", "The password is too short.")
    if len(password) > MAX_PASSWORD:
        raise AppError(400, "model.user.is_valid.pwd_max_length.app_error", "The password is too long.")


def check_unused(world: World, fields: JsonObject, user_id: str = "") -> None:
    """Refuse a name or an address that another account than `user_id` has.

    Raises:
        AppError: 400.
    """
    holder = world.users.by_username(str(fields["username"]))
    if holder is not None and holder["id"] != user_id:
        raise AppError(400, "app.user.save.username_exists.app_error", "The username is taken.")
    holder = world.users.by_email(str(fields["email"]))
    if holder is not None and holder["id"] != user_id:
        raise AppError(400, "app.user.save.email_exists.app_error", "The email address is taken.")


PATCHABLE = (
    "username",
    "nickname",
    "first_name",
    "last_name",
    "position",
    "email",
    "props",
    "notify_props",
    "locale",
    "timezone",
)


def change_account(world: World, hub: Hub, user: JsonObject, changes: JsonObject) -> JsonObject:
    """Change fields of an account and tell everybody.

    Raises:
        AppError: 400 for values that the server does not take.
    """
    write_account(world, user, changes)
    publish_user(world, hub, user)
    return user


def write_account(world: World, user: JsonObject, changes: JsonObject) -> None:
    """Change fields of an account.

    Raises:
        AppError: 400 for values that the server does not take.
    """
    wanted = {key: value for key, value in changes.items() if key in PATCHABLE and value is not None}
    changed = {**user, **wanted}
    if not isinstance(changed["username"], str) or not isinstance(changed["email"], str):
        raise invalid_body("user")
    changed["username"], changed["email"] = changed["username"], changed["email"].lower()
    if not user["is_bot"]:
        check_identity(changed)
    check_unused(world, changed, user["id"])
    user.update(changed)
    user["update_at"] = world.now()
    world.users.reindex()


def publish_user(world: World, hub: Hub, user: JsonObject) -> None:
    """Tell everybody of a changed account."""
    hub.publish_all(user_events(world, user))


def user_events(world: World, user: JsonObject) -> list[Event]:
    """Return `user_updated` in its three forms: to the user, to everybody else, to admins."""
    others = frozenset({user["id"]})
    return [
        Event("user_updated", {"user": world.show_user(user, "self")}, Broadcast(user_id=user["id"])),
        Event(
            "user_updated",
            {"user": world.show_user(user, "other")},
            Broadcast(omit_users=others, sanitized=True),
        ),
        Event(
            "user_updated",
            {"user": world.show_user(user, "admin")},
            Broadcast(omit_users=others, sensitive=True),
        ),
    ]


def set_active(world: World, hub: Hub, user: JsonObject, *, active: bool) -> None:
    """Deactivate or reactivate an account; deactivating ends its sessions."""
    now = world.now()
    user["delete_at"] = 0 if active else now
    user["update_at"] = now
    if not active:
        revoke_all(world, user["id"])
    publish_user(world, hub, user)


def revoke_all(world: World, user_id: str) -> None:
    """End all sessions of a user. Personal access tokens open new ones."""
    for session in world.sessions.of_user(user_id):
        world.sessions.revoke(session.token)
