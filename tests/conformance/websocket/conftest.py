from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.http import Http
from tests.conformance.scene import PASSWORD
from tests.conformance.websocket.peer import Socket, ready

if TYPE_CHECKING:
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

Open = Callable[..., Socket]


@pytest.fixture
def connect(target: Target) -> Any:
    """Opens authenticated sockets, `connect(peer, query)`, that have read their hello; ends them all."""
    opened: list[Socket] = []

    def make(peer: Http, query: str = "", **options: Any) -> Socket:
        opened.append(ready(target, peer, query, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.end()


@pytest.fixture(scope="module")
def accounts(scene: Scene) -> list[Http]:
    """Two users, for the facts of one module: a server without a licence takes 250 in all."""
    return [scene.user(), scene.user()]


def _again(one: Http) -> Http:
    return Http.login(one.target, one.user["username"], PASSWORD)


@pytest.fixture
def user(accounts: list[Http]) -> Http:
    """A user with a session of this fact's own."""
    return _again(accounts[0])


@pytest.fixture
def other(accounts: list[Http]) -> Http:
    """Another one."""
    return _again(accounts[1])


@pytest.fixture
def room(scene: Scene, admin: Http, user: Http, other: Http) -> Any:
    """A channel in a team of its own, with the admin, `user` and `other` in both."""
    team = scene.team()
    for one in (user, other):
        admin.made(f"/teams/{team['id']}/members", {"team_id": team["id"], "user_id": one.id})
    return scene.channel(team, user, other)
