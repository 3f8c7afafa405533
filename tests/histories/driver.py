"""The core's rules and a model of the server, in a process that is told histories and says what they lost."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from typing_extensions import Self

ROOT = Path(__file__).parents[2]
PROGRAM = "events::model::driven::histories_of_the_input"
BUILD = ("cargo", "test", "--locked", "--quiet", "--package", "matterapi-core", "--lib")

Step = tuple[int, "str | dict[str, dict[str, Any]]"]
"""A step of `history.rs` with the number that its chances come from."""


class Driver:
    """A test of the core that is a program: only in the build of its tests can a rule be turned off."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*BUILD, "--", "--ignored", "--exact", PROGRAM],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate()

    def _answer(self) -> str:
        assert self._process.stdout
        for line in self._process.stdout:
            if line.startswith("> "):  # Others are the test harness's.
                return line[2:].rstrip("\n")
        raise RuntimeError("the core's test program has ended")

    def run(self, steps: list[Step], without: str | None = None) -> str:
        """Carries a history out, and says "ok" or what is wrong at its end.

        Args:
            steps: The history.
            without: The rule of `rules.rs` that does not hold.
        """
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"without": without, "steps": steps}) + "\n")
        self._process.stdin.flush()
        return self._answer()
