"""Runs the programs of the examples, as who copies them would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE = 60


def start(server: MattermostServer, name: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """An example, with the admin's token in its environment."""
    environment = {**os.environ, "MATTERMOST_URL": server.url, "MATTERMOST_TOKEN": server.admin.token}
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, **variables},
    )


def output(server: MattermostServer, name: str, *arguments: str) -> str:
    """What an example prints that ends by itself."""
    with start(server, name, *arguments) as process:
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    return out
