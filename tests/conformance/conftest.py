from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from tests.conformance.http import Http
from tests.conformance.scene import Scene
from tests.conformance.target import VERSION, Target


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    """The server that all facts share."""
    real = Target.named_by()
    if real is not None:
        yield real
        return
    with MattermostServer(version=VERSION) as server:
        yield Target.of(server)


@pytest.fixture
def emulator(request: pytest.FixtureRequest) -> Iterator[MattermostServer]:
    """An emulator of this fact's own, for what cannot be brought about on a real server.

    The test bears the marker `emulator_only` with the reason, and is skipped on a real server. The marker
    `emulator_config` has arguments for the emulator.
    """
    marker = request.node.get_closest_marker("emulator_only")
    assert marker is not None, "say by @pytest.mark.emulator_only(reason=...) why"
    if Target.named_by() is not None:
        pytest.skip(marker.kwargs["reason"])
    wanted = request.node.get_closest_marker("emulator_config")
    with MattermostServer(version=VERSION, **(wanted.kwargs if wanted else {})) as server:
        yield server


@pytest.fixture(scope="session")
def admin(target: Target) -> Http:
    """The system admin."""
    return Http.login(target, target.admin, target.password)


@pytest.fixture(scope="session")
def scene(target: Target, admin: Http) -> Scene:
    """Makes users, teams and channels."""
    return Scene(target, admin)


@pytest.fixture(scope="module")
def team(scene: Scene) -> Any:
    """A team that the facts of a module share."""
    return scene.team()


@pytest.fixture
def channel(scene: Scene, team: Any) -> Any:
    """A public channel of this fact's own; only the admin is in it."""
    return scene.channel(team)
