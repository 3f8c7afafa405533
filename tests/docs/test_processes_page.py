"""The program of the page on processes runs, against the embedded server."""

import re
import subprocess
import sys
from pathlib import Path

from matterapi.testing import MattermostServer
from tests.docs.test_readme import prepared

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "processes.md"


def test_the_program_of_the_page_runs(server: MattermostServer) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", prepared(block, server, "")],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
