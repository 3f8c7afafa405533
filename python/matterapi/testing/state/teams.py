"""Teams and their members."""

import re
from collections.abc import Iterator

from matterapi.testing.http.encoding import JsonObject

_NAME = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")


class Teams:
    """All teams by id, and who is in them."""

    def __init__(self) -> None:
        self._by_id: dict[str, JsonObject] = {}
        self._members: dict[str, dict[str, JsonObject]] = {}
        self.icons: dict[str, bytes] = {}

    def __iter__(self) -> Iterator[JsonObject]:
        return iter(self._by_id.values())

    def get(self, team_id: str) -> JsonObject | None:
        """Return the team with that id, archived or not."""
        return self._by_id.get(team_id)

    def by_name(self, name: str) -> JsonObject | None:
        """Return the team of that name."""
        return next((team for team in self._by_id.values() if team["name"] == name.lower()), None)

    def add(self, team: JsonObject) -> None:
        """Store a new team."""
        self._by_id[team["id"]] = team
        self._members[team["id"]] = {}

    def remove(self, team_id: str) -> None:
        """Forget a team for good."""
        self._by_id.pop(team_id, None)
        self._members.pop(team_id, None)

    def put_member(self, member: JsonObject) -> None:
        """Store a membership."""
        self._members[member["team_id"]][member["user_id"]] = member

    def remove_user(self, user_id: str) -> None:
        """Forget all memberships of a user, as if he had never been there."""
        for members in self._members.values():
            members.pop(user_id, None)

    def member(self, team_id: str, user_id: str) -> JsonObject | None:
        """Return the membership record, also of somebody who left (`delete_at` is set then)."""
        return self._members.get(team_id, {}).get(user_id)

    def is_member(self, team_id: str, user_id: str) -> bool:
        """Whether the user is in the team now."""
        member = self.member(team_id, user_id)
        return member is not None and not member["delete_at"]

    def members(self, team_id: str) -> list[JsonObject]:
        """Return the present members, in the order in which they joined."""
        return [member for member in self._members.get(team_id, {}).values() if not member["delete_at"]]

    def memberships(self, user_id: str) -> list[JsonObject]:
        """Return the user's present memberships."""
        return [
            members[user_id]
            for members in self._members.values()
            if user_id in members and not members[user_id]["delete_at"]
        ]


def new_team(team_id: str, invite_id: str, now: int, email: str, fields: JsonObject) -> JsonObject:
    """Return the record of a new team; keys in the server's order."""
    return {
        "id": team_id,
        "create_at": now,
        "update_at": now,
        "delete_at": 0,
        "display_name": fields["display_name"],
        "name": fields["name"],
        "description": fields.get("description") or "",
        "email": email,
        "type": fields["type"],
        "company_name": fields.get("company_name") or "",
        "allowed_domains": fields.get("allowed_domains") or "",
        "invite_id": invite_id,
        "allow_open_invite": bool(fields.get("allow_open_invite", False)),
        "scheme_id": None,
        "group_constrained": None,
        "policy_id": None,
        "cloud_limits_archived": False,
    }


def new_team_member(team_id: str, user_id: str, *, admin: bool) -> JsonObject:
    """Return the record of a new membership; a team's creator is its admin."""
    return {
        "team_id": team_id,
        "user_id": user_id,
        "roles": "team_user team_admin" if admin else "team_user",
        "delete_at": 0,
        "scheme_guest": False,
        "scheme_user": True,
        "scheme_admin": admin,
        "explicit_roles": "",
    }


def valid_team_name(name: object) -> bool:
    """Whether the server accepts `name`: lower case, 2 characters or more (model.IsValidTeamName)."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def set_scheme_roles(member: JsonObject, kind: str, *, user: bool, admin: bool) -> None:
    """Set a membership's roles; `kind` is `team` or `channel`."""
    member["scheme_user"] = user
    member["scheme_admin"] = admin
    names = [f"{kind}_user"] * user + [f"{kind}_admin"] * admin
    member["roles"] = " ".join(names)
