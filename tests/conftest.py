from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.canary import Shown
from tests.support.faces import make_client
from tests.support.quiet import ServerLog

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


# A machine that is busy is no failure of an example.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Spares the garbage collector what lives until the end: the modules and the thousands of tests.

    It would walk through them time and again, during the collection and, at every turn, during the tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests first that wait for most of their time: at the end all would wait for them."""
    items.sort(key=lambda item: "survival" not in item.path.parts)


@pytest.fixture(scope="session")
def server_log() -> Iterator[ServerLog]:
    """What the embedded servers of this process say without being asked."""
    with ServerLog().listening() as log:
        yield log
        assert log.take() == [], "said after the last test"


@pytest.fixture(autouse=True)
def quiet_server(server_log: ServerLog) -> Iterator[None]:
    """Every test fails during which an embedded server logs a warning or a traceback.

    A test that has one fail on purpose takes what it says from `server_log`.
    """
    yield
    assert server_log.take() == []


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two clients a test body runs with."""
    return str(request.param)


@pytest.fixture
def connect(kind: str) -> Callable[..., Any]:
    """Makes a client: `connect(url, auth, **options)`; all its methods are awaited. `{}` is no `auth`."""

    def make(url: str, auth: dict[str, Any] | None = None, **options: Any) -> Any:
        return make_client(kind, url, {"token": "t" * 26} if auth is None else auth or None, **options)

    return make


@pytest.fixture
def shown(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Shown]:
    """Everything that a secret may not appear in, with all logging on; `debug=True` is undone after it."""
    caplog.set_level(logging.DEBUG)
    logger = logging.getLogger("matterapi.client")
    level = logger.level
    yield Shown(caplog, capfd)
    logger.setLevel(level)


@pytest.fixture
def server() -> Iterator[MattermostServer]:
    """An embedded server of this test's own."""
    from matterapi.testing import MattermostServer

    with MattermostServer() as running:
        yield running


@pytest.fixture
def client(kind: str, server: MattermostServer) -> Any:
    """The admin of `server`, with a password."""
    auth = {"login_id": server.admin.username, "password": server.admin.password}
    return make_client(kind, server.url, auth)
