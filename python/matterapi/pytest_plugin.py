"""Fixtures of a Mattermost server for pytest; loaded by pytest wherever matterapi is installed.

It lies outside `matterapi.testing` and imports nothing of it before a fixture is asked for: projects without
the extra ``matterapi[testing]`` notice nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from matterapi import AsyncClient, SyncClient
    from matterapi.testing import MattermostServer
    from matterapi.testing.server.factory import Factory


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "mattermost(**options): options of the server of `mattermost_server`, as version='11.2'"
    )


@pytest.fixture
def mattermost_server(request: pytest.FixtureRequest) -> Iterator[MattermostServer]:
    """A running server of this test's own; the marker ``mattermost`` gives it options.

    Raises:
        ImportError: The extra ``matterapi[testing]`` is not installed.
    """
    from matterapi.testing import MattermostServer  # noqa: PLC0415

    marker = request.node.get_closest_marker("mattermost")
    with MattermostServer(**(marker.kwargs if marker else {})) as server:
        yield server


@pytest.fixture
def mattermost_client(mattermost_server: MattermostServer) -> Iterator[SyncClient]:
    """A client that is logged in to `mattermost_server` as its admin."""
    from matterapi import SyncClient  # noqa: PLC0415

    client = SyncClient(options=_options(mattermost_server))
    yield client
    client.close()


@pytest.fixture
def mattermost_async_client(mattermost_server: MattermostServer) -> AsyncClient:
    """An async client that is logged in to `mattermost_server` as its admin."""
    from matterapi import AsyncClient  # noqa: PLC0415

    return AsyncClient(options=_options(mattermost_server))


@pytest.fixture
def mattermost_factory(mattermost_server: MattermostServer) -> Factory:
    """Makes users, teams, channels and posts in bulk on `mattermost_server`."""
    return mattermost_server.factory


def _options(server: MattermostServer) -> dict[str, object]:
    return {"url": server.url, "auth": {"token": server.admin.token}}
