"""Channels and their members."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from matterapi.testing.http.encoding import JsonObject

_NAME = re.compile(r"[a-z0-9_][a-z0-9_-]*")

DEFAULT_NOTIFY_PROPS = {
    "channel_auto_follow_threads": "off",
    "desktop": "default",
    "email": "default",
    "ignore_channel_mentions": "default",
    "mark_unread": "all",
    "push": "default",
}


class Channels:
    """All channels by id, and who is in them."""

    def __init__(self) -> None:
        self._by_id: dict[str, JsonObject] = {}
        self._by_name: dict[tuple[str, str], str] = {}
        self._members: dict[str, dict[str, JsonObject]] = {}
        self._of_user: dict[str, set[str]] = {}

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._by_id.values())

    def get(self, channel_id: str) -> JsonObject | None:
        """Return the channel with that id, archived or not."""
        return self._by_id.get(channel_id)

    def by_name(self, team_id: str, name: str) -> JsonObject | None:
        """Return the team's channel of that name; direct and group channels are in team `""`."""
        return self._by_id.get(self._by_name.get((team_id, name.lower()), ""))

    def add(self, channel: JsonObject) -> None:
        """Store a new channel."""
        self._by_id[channel["id"]] = channel
        self._by_name[channel["team_id"], channel["name"]] = channel["id"]
        self._members[channel["id"]] = {}

    def rename(self, channel: JsonObject, name: str, team_id: str) -> None:
        """Give a channel another name or team."""
        self._by_name.pop((channel["team_id"], channel["name"]), None)
        channel["name"], channel["team_id"] = name, team_id
        self._by_name[team_id, name] = channel["id"]

    def remove(self, channel_id: str) -> None:
        """Forget a channel for good."""
        channel = self._by_id.pop(channel_id)
        self._by_name.pop((channel["team_id"], channel["name"]), None)
        for user_id in self._members.pop(channel_id):
            self._of_user[user_id].discard(channel_id)

    def put_member(self, member: JsonObject) -> None:
        """Store a membership."""
        self._members[member["channel_id"]][member["user_id"]] = member
        self._of_user.setdefault(member["user_id"], set()).add(member["channel_id"])

    def drop_member(self, channel_id: str, user_id: str) -> None:
        """End a membership."""
        self._members[channel_id].pop(user_id, None)
        self._of_user.get(user_id, set()).discard(channel_id)

    def member(self, channel_id: str, user_id: str) -> JsonObject | None:
        """Return the membership record."""
        return self._members.get(channel_id, {}).get(user_id)

    def members(self, channel_id: str) -> dict[str, JsonObject]:
        """Return the channel's members by user id; not to be changed by the caller."""
        return self._members.get(channel_id, {})

    def share(self, first_id: str, second_id: str) -> bool:
        """Whether two users are in a channel together."""
        return not self._of_user.get(first_id, set()).isdisjoint(self._of_user.get(second_id, ()))

    def of_user(self, user_id: str) -> list[JsonObject]:
        """Return the channels of a user, by display name."""
        mine = [self._by_id[channel_id] for channel_id in self._of_user.get(user_id, ())]
        return by_display_name(mine)

    def of_team(self, team_id: str) -> list[JsonObject]:
        """Return the team's channels, by display name."""
        return by_display_name(channel for channel in self._by_id.values() if channel["team_id"] == team_id)


def by_display_name(channels: Iterable[JsonObject]) -> list[JsonObject]:
    """Sort channels as the server's lists do."""
    return sorted(channels, key=lambda channel: (channel["display_name"].lower(), channel["id"]))


def new_channel(channel_id: str, now: int, creator_id: str, fields: JsonObject) -> JsonObject:
    """Return the record of a new channel; keys in the server's order."""
    return {
        "id": channel_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "team_id": fields.get("team_id") or "",
        "type": fields["type"],
        "display_name": fields.get("display_name") or "",
        "name": fields["name"],
        "header": fields.get("header") or "",
        "purpose": fields.get("purpose") or "",
        "last_post_at": 0,
        "total_msg_count": 0,
        "extra_update_at": 0,
        "creator_id": creator_id,
        "scheme_id": None,
        "props": None,
        "group_constrained": None,
        "shared": False if fields["type"] in ("D", "G") else None,
        "total_msg_count_root": 0,
        "policy_id": None,
        "last_root_post_at": 0,
        "banner_info": None,
        "policy_enforced": False,
        "default_category_name": "",
    }


def new_channel_member(channel: JsonObject, user_id: str, now: int, *, admin: bool) -> JsonObject:
    """Return the record of a new membership."""
    return {
        "channel_id": channel["id"],
        "user_id": user_id,
        "roles": "channel_user channel_admin" if admin else "channel_user",
        "last_viewed_at": 0,
        "msg_count": 0,
        "mention_count": 0,
        "mention_count_root": 0,
        "urgent_mention_count": 0,
        "msg_count_root": 0,
        "notify_props": dict(DEFAULT_NOTIFY_PROPS),
        "last_update_at": now,
        "scheme_guest": False,
        "scheme_user": True,
        "scheme_admin": admin,
        "explicit_roles": "",
    }


def render_member(member: JsonObject, viewer_id: str) -> JsonObject:
    """Return a membership; when somebody has read the channel is shown to nobody but him."""
    if member["user_id"] == viewer_id:
        return member
    return {**member, "last_viewed_at": -1, "last_update_at": -1}


def valid_channel_name(name: object) -> bool:
    """Whether the server accepts `name`: up to 64 lower-case characters (model.IsValidChannelName)."""
    return isinstance(name, str) and len(name) <= 64 and _NAME.fullmatch(name) is not None


def direct_name(first_id: str, second_id: str) -> str:
    """Return the name of two users' direct channel: both ids, the smaller one first."""
    return "__".join(sorted((first_id, second_id)))


def group_name(user_ids: Iterable[str]) -> str:
    """Return the name of a group channel: a hash over its sorted members (model.GetGroupNameFromUserIds)."""
    return hashlib.sha1("".join(sorted(user_ids)).encode(), usedforsecurity=False).hexdigest()
