"""The server of a run: it can be restarted, killed and started again."""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from typing import Protocol

from matterapi.testing import MattermostServer


class Server(Protocol):
    """A server on command."""

    def restart(self) -> None:
        """End it as it wants to be ended, and start it; returns when it answers."""

    def kill(self) -> None:
        """End it at once."""

    def start(self) -> None:
        """Start it after `kill`; returns when it answers."""


class Embedded:
    """The emulator."""

    def __init__(self, server: MattermostServer) -> None:
        self._server = server

    def restart(self) -> None:
        self._server.restart()

    def kill(self) -> None:
        self._down = self._server.down()

    def start(self) -> None:
        self._down.end()


@dataclass(frozen=True)
class Commanded:
    """A server that commands of the user's end and start."""

    restart_command: str = ""
    kill_command: str = ""
    start_command: str = ""

    def restart(self) -> None:
        _run(self.restart_command)

    def kill(self) -> None:
        _run(self.kill_command)

    def start(self) -> None:
        _run(self.start_command)


def _run(command: str) -> None:
    subprocess.run(shlex.split(command), check=True, stdout=subprocess.DEVNULL)
