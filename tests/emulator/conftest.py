from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .peer import Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


@pytest.fixture
def admin(server: MattermostServer) -> Peer:
    return Peer(server, server.admin.token)


@pytest.fixture
def team(admin: Peer) -> Any:
    return admin.post("/teams", {"name": "team-a", "display_name": "Team A", "type": "O"}).json


@pytest.fixture
def channel(admin: Peer, team: Any) -> Any:
    body = {"team_id": team["id"], "name": "room", "display_name": "Room", "type": "O"}
    return admin.post("/channels", body).json


@pytest.fixture
def stranger(server: MattermostServer) -> Peer:
    """A user who is in no team."""
    return Peer(server, server.create_session(server.create_user("stranger")["id"]))


@pytest.fixture
def member(server: MattermostServer, admin: Peer, team: Any, channel: Any) -> Peer:
    """A user in the team and the channel."""
    user = server.create_user("member")
    admin.post(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": user["id"]})
    admin.post(f"/channels/{channel['id']}/members", {"user_id": user["id"]})
    return Peer(server, server.create_session(user["id"]))
