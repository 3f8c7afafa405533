"""The code of every page in docs/how-to runs: tests with pytest, other blocks one after the other.

Blocks that fork run as programs of their own.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matterapi.testing import MattermostServer

from .test_readme import ROOT, prepared

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"), key=lambda page: page.name)


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def page_server(request: pytest.FixtureRequest) -> Iterator[MattermostServer]:
    """What the pages call `server`; the page about TLS needs one that speaks it."""
    with MattermostServer(tls=request.node.callspec.params["page"].stem == "tls") as server:
        yield server


@pytest.fixture(autouse=True)
def own_signals() -> Iterator[None]:
    """The page about events shows how SIGTERM stops a stream."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(
    page: Path, page_server: MattermostServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert blocks(page)
    monkeypatch.chdir(tmp_path)
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(page_server.ca_pem or b"")
    channel = page_server.factory.channel("town-square")
    namespace: dict[str, Any] = {"__name__": "page", "server": page_server, "ca_file": str(ca_file)}
    for block in blocks(page):
        if "def test_" in block:
            run_as_test(block, tmp_path)
        elif "os.fork()" in block:
            run_as_program(prepared(block, page_server, channel["id"]), tmp_path)
        else:
            code = prepared(block, page_server, channel["id"])
            exec(compile(code, page.name, "exec"), namespace)  # noqa: S102 - our own programs


def run_as_program(code: str, folder: Path) -> None:
    """In a process of its own, without the threads of the tests."""
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60, cwd=folder
    )
    assert (done.returncode, done.stderr) == (0, "")


def run_as_test(block: str, folder: Path) -> None:
    file = folder / "test_page.py"
    file.write_text(block)
    plugin = ["-p", "matterapi.pytest_plugin", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", *plugin, str(file)]
    # Without what else is installed: other plugins cost the process more than the test.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, cwd=folder, env=alone
    )
    assert done.returncode == 0, done.stdout + done.stderr
