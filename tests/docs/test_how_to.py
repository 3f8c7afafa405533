"""The programs of docs/how-to/ run, block after block of a page in one namespace."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matterapi.testing import MattermostServer

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.fixture
def namespace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What the programs of a page may use besides what they make."""
    tls = request.node.callspec.params["page"] == "tls.md"
    with MattermostServer(tls=tls) as server:
        ca_file = tmp_path / "ca.pem"
        ca_file.write_bytes(server.ca_pem or b"")
        yield {"server": server, "ca_file": str(ca_file)}


@pytest.mark.parametrize("page", ["proxies.md", "tls.md"])
def test_the_programs_of_a_page_run(page: str, namespace: dict[str, Any]) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(), re.DOTALL)
    assert len(blocks) > 1
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)  # noqa: S102 - our own programs
