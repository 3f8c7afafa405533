"""Accounts and the shapes in which the server shows them."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Literal

from matterapi.testing.http.encoding import JsonObject

from .second_factor import SecondFactor

View = Literal["self", "admin", "other"]

_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,63}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

# Left out of the JSON when empty (`omitempty` of model.User).
_OMIT_EMPTY = (
    "email_verified",
    "props",
    "notify_props",
    "last_password_update",
    "last_picture_update",
    "failed_attempts",
    "mfa_active",
    "is_bot",
    "bot_description",
)
_PRIVATE = ("email_verified", "notify_props", "last_password_update", "failed_attempts", "mfa_active")

DEFAULT_NOTIFY_PROPS = {
    "channel": "true",
    "comments": "never",
    "desktop": "mention",
    "desktop_sound": "true",
    "desktop_threads": "all",
    "email": "true",
    "email_threads": "all",
    "first_name": "false",
    "mention_keys": "",
    "push": "mention",
    "push_status": "online",
    "push_threads": "all",
}
DEFAULT_TIMEZONE = {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"}


class Users:
    """All accounts by id, with indexes by name and email."""

    def __init__(self) -> None:
        self._by_id: dict[str, JsonObject] = {}
        self._by_username: dict[str, str] = {}
        self._by_email: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.second_factors: dict[str, SecondFactor] = {}
        self.pictures: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._by_id.values())

    def get(self, user_id: str) -> JsonObject | None:
        """Return the account with that id."""
        return self._by_id.get(user_id)

    def by_username(self, username: str) -> JsonObject | None:
        """Return the account of that name, in any case."""
        return self._by_id.get(self._by_username.get(username.lower(), ""))

    def by_email(self, email: str) -> JsonObject | None:
        """Return the account with that address, in any case."""
        return self._by_id.get(self._by_email.get(email.lower(), ""))

    def by_login(self, login_id: str) -> JsonObject | None:
        """Return the account that `login_id` names: a username or an email address."""
        return self.by_username(login_id) or self.by_email(login_id)

    def add(self, user: JsonObject) -> None:
        """Store a new account."""
        self._by_id[user["id"]] = user
        self._by_username[user["username"]] = user["id"]
        self._by_email[user["email"].lower()] = user["id"]

    def remove(self, user_id: str) -> None:
        """Forget an account for good."""
        self._by_id.pop(user_id, None)
        self.reindex()

    def reindex(self) -> None:
        """Rebuild the indexes after a name or an address changed."""
        self._by_username = {user["username"]: user["id"] for user in self._by_id.values()}
        self._by_email = {user["email"].lower(): user["id"] for user in self._by_id.values()}


def new_user(user_id: str, now: int, fields: JsonObject) -> JsonObject:
    """Return the record of a new account; keys in the server's order."""
    return {
        "id": user_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "username": str(fields.get("username", "")).lower(),
        "auth_data": "",
        "auth_service": "",
        "email": str(fields.get("email", "")).lower(),
        "email_verified": False,
        "nickname": fields.get("nickname") or "",
        "first_name": fields.get("first_name") or "",
        "last_name": fields.get("last_name") or "",
        "position": fields.get("position") or "",
        "roles": fields.get("roles") or "system_user",
        "props": dict(fields.get("props") or {}),
        "notify_props": dict(fields.get("notify_props") or DEFAULT_NOTIFY_PROPS),
        "last_password_update": now,
        "last_picture_update": 0,
        "failed_attempts": 0,
        "locale": fields.get("locale") or "en",
        "timezone": dict(fields.get("timezone") or DEFAULT_TIMEZONE),
        "mfa_active": False,
        "remote_id": "",
        "is_bot": False,
        "bot_description": "",
        "disable_welcome_email": bool(fields.get("disable_welcome_email", False)),
    }


def valid_username(name: object) -> bool:
    """Whether the server accepts `name` (model.IsValidUsername)."""
    return isinstance(name, str) and _USERNAME.fullmatch(name) is not None


def valid_email(address: object) -> bool:
    """Whether `address` looks like an email address."""
    return isinstance(address, str) and _EMAIL.fullmatch(address) is not None


def render_user(user: JsonObject, view: View, hidden: Collection[str] = ()) -> JsonObject:
    """Return what a reader gets to see of `user`.

    Args:
        user: The stored record.
        hidden: Fields that the settings hide from others; they are shown as empty.
        view: `self` for the account's owner, `admin` for a reader with manage_system, `other` for
            everyone else (model.User.Sanitize).
    """
    shown = dict(user)
    if view == "other":
        for key in _PRIVATE:
            del shown[key]
        shown.update(dict.fromkeys(hidden, ""))
    else:
        del shown["auth_data"]
    if view == "admin":
        del shown["last_password_update"], shown["email_verified"]
    shown["timezone"] = user["timezone"] or None
    for key in _OMIT_EMPTY:
        if key in shown and not shown[key]:
            del shown[key]
    if user["is_bot"]:
        del shown["remote_id"]
    return shown


def thin_user(user_id: str) -> JsonObject:
    """Return the form in which thread participants appear unless `extended` is asked for."""
    return {
        "id": user_id,
        "delete_at": 0,
        "username": "",
        "auth_data": "",
        "auth_service": "",
        "email": "",
        "nickname": "",
        "first_name": "",
        "last_name": "",
        "position": "",
        "roles": "",
        "locale": "",
        "timezone": None,
        "disable_welcome_email": False,
    }


def matching(users: Iterable[JsonObject], term: str, *, emails: bool) -> list[JsonObject]:
    """Return the users of whom a name has `term` in it, by username.

    Args:
        users: Among whom to search.
        term: Part of a name in any case; an `@` before it is ignored.
        emails: Whether email addresses count, too.
    """
    wanted = term.lower().lstrip("@")
    keys = ("username", "nickname", "first_name", "last_name", *(("email",) if emails else ()))
    found = [user for user in users if any(wanted in str(user[key]).lower() for key in keys)]
    return sorted(found, key=lambda user: str(user["username"]))
