"""Users, teams and channels for one fact, under names that no other fact uses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.conformance.http import Http

if TYPE_CHECKING:
    from tests.conformance.target import Target

PASSWORD = "a-Password-1"


def fresh_name(kind: str = "x") -> str:
    """Return a name that is free: lower case letters and digits, at most 22 of them."""
    return f"{kind}{uuid.uuid4().hex[:14]}"


@dataclass(frozen=True)
class Scene:
    """Makes what a fact needs; everything is made by the admin.

    Attributes:
        target: The server.
        admin: The system admin's peer.
    """

    target: Target
    admin: Http

    def user(self, *teams: Any, **fields: Any) -> Http:
        """Create a user who is a member of `teams`, and log in."""
        name = fresh_name("u")
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}
        made = self.admin.made("/users", body)
        for team in teams:
            self.admin.made(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": made["id"]})
        return Http.login(self.target, body["username"], body["password"])

    def team(self, **fields: Any) -> Any:
        """Create an open team; the admin is its only member."""
        name = fresh_name("t")
        return self.admin.made("/teams", {"name": name, "display_name": name, "type": "O", **fields})

    def channel(self, team: Any, *members: Http, **fields: Any) -> Any:
        """Create a public channel; the admin and `members` are in it."""
        name = fresh_name("c")
        body = {"team_id": team["id"], "name": name, "display_name": name, "type": "O", **fields}
        made = self.admin.made("/channels", body)
        for member in members:
            self.admin.made(f"/channels/{made['id']}/members", {"user_id": member.id})
        return made

    def post(self, channel: Any, message: str = "hello", author: Http | None = None, **fields: Any) -> Any:
        """Create a post, by the admin unless an author is given."""
        return (author or self.admin).made(
            "/posts", {"channel_id": channel["id"], "message": message, **fields}
        )
