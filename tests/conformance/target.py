"""Which server the facts are checked on: the emulator, or a real one that the environment names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matterapi.testing import MattermostServer

# The release whose facts these are.
VERSION = "11.2"
_NAMES = ("MATTERMOST_TEST_URL", "MATTERMOST_TEST_ADMIN", "MATTERMOST_TEST_PASSWORD")


@dataclass(frozen=True)
class Target:
    """A server to check facts on.

    Attributes:
        url: Base URL, ``http://host:port``.
        admin: Login of a system admin.
        password: That admin's password.
        is_real: Whether it is a Mattermost server and not the emulator.
    """

    url: str
    admin: str
    password: str
    is_real: bool

    @classmethod
    def of(cls, server: MattermostServer) -> Target:
        """Return an emulator that runs as a target."""
        return cls(server.url, server.admin.username, server.admin.password, is_real=False)

    @classmethod
    def named_by(cls, environment: Mapping[str, str] = os.environ) -> Target | None:
        """Return the real server of the environment; None when it names none.

        The server must be empty, and without a licence: facts count what is there.

        Raises:
            ValueError: The environment names a server, but not who its admin is.
        """
        if not environment.get(_NAMES[0]):
            return None
        missing = [name for name in _NAMES if not environment.get(name)]
        if missing:
            raise ValueError(f"set {' and '.join(missing)}, too")
        url, admin, password = (environment[name] for name in _NAMES)
        return cls(url.rstrip("/"), admin, password, is_real=True)
