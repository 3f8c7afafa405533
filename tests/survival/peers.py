"""Listeners of other libraries, each a program of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from .listener import Task

PROGRAM = Path(__file__).with_name("peer_program.py")
PEERS = {
    "mattermostdriver": "mattermostdriver",
    "mattermostautodriver": "mattermostautodriver",
    "0.5.0": "matterapi",
}
"""What is imported for each of them."""


class PeerProcess:
    """A process in which a peer listens, with what `multiprocessing` has of a process.

    Args:
        peer: One of `PEERS`.
        task: What to do.
        python: The interpreter that has the peer.
    """

    def __init__(self, peer: str, task: Task, python: str) -> None:
        self._task = json.dumps(asdict(task))
        self._said = task.said
        self._command = [python, "-I", str(PROGRAM), PEERS[peer]]

    def start(self) -> None:
        with Path(self._said).open("ab") as said:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=said, stderr=said, text=True
            )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(self._task)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exitcode(self) -> int | None:
        return self._process.poll()

    def kill(self) -> None:
        self._process.kill()

    def join(self) -> None:
        self._process.wait()
