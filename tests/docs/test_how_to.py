"""The code of every page in docs/how-to runs: tests with pytest, other blocks as programs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from matterapi.testing import MattermostServer

from .test_readme import ROOT, prepared

BLOCKS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted((ROOT / "docs" / "how-to").glob("*.md"))
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), 1)
]


def test_there_are_pages_with_code() -> None:
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_a_page_runs(block: str, server: MattermostServer, tmp_path: Path) -> None:
    if "def test_" in block:
        file = tmp_path / "test_page.py"
        file.write_text(block)
        plugin = ["-p", "matterapi.pytest_plugin", "-p", "no:cacheprovider"]
        command = ["-m", "pytest", "-q", "--strict-markers", *plugin, str(file)]
    else:
        channel = server.factory.channel("town-square")
        command = ["-c", prepared(block, server, channel["id"])]
    done = subprocess.run(
        [sys.executable, *command], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
