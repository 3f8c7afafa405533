"""Every documented module can be imported by its path, with every statement and whatever came first."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.load import read_yaml

ROOT = Path(__file__).parents[2]
SURFACE = read_yaml(Path(__file__).with_name("surface_0_5_0.yaml").read_text("utf-8"))
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.py")]
IMPORT = re.compile(r"^\s*(?:from (matterapi[\w.]*) import ([\w, ]+)|import (matterapi[\w.]*))", re.MULTILINE)

# The modules of one folder of groups stand for all: `test_surface_0_5_0.py` imports each of them.
FOLDERS = ("matterapi.endpoints.async_api.", "matterapi.endpoints.sync_api.")

PROGRAM = """
import sys
from types import ModuleType
import pydantic, matterapi._core

def fresh():
    for name in [*sys.modules]:
        if name.partition(".")[0] == "matterapi" and name != "matterapi._core":
            del sys.modules[name]

for path in sys.argv[1:]:
    parent, _, name = path.rpartition(".")
    for statement in [f"import {path}", f"import {path} as it", f"from {parent or path} import {name}"]:
        if statement.endswith("import matterapi") and statement.startswith("from"):
            continue
        fresh()
        names = {}
        exec(statement, names)
        found = names.get("it") or eval(path if statement.startswith("import") else name, names)
        assert isinstance(found, ModuleType) and found is sys.modules[path], statement
        assert found.__name__ == path, statement
"""


def written() -> list[tuple[str, str]]:
    """The imports of the documentation: module and name, which is empty for the module itself."""
    found: set[tuple[str, str]] = set()
    for page in PAGES:
        for module, names, alone in IMPORT.findall(page.read_text()):
            found |= {(module, name.split()[0]) for name in names.split(",")} if module else {(alone, "")}
    return sorted(found)


def modules() -> list[str]:
    """The public modules of 0.5.0 and of the documentation."""
    listed = [name for name in SURFACE["modules"] if not name.startswith(FOLDERS)]
    return sorted(
        {*listed, *(module for module, _ in written()), "matterapi.exceptions", "matterapi.response"}
    )


def test_modules_can_be_imported_by_every_statement() -> None:
    assert len(modules()) > 15
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *modules()],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize(("module", "name"), written())
def test_what_the_pages_import_is_there(module: str, name: str) -> None:
    names: dict[str, object] = {}
    exec(f"from {module} import {name}" if name else f"import {module}", names)  # noqa: S102 - what a page says
    assert names[name or module.partition(".")[0]] is not None


def test_both_paths_of_the_errors_lead_to_the_same_classes() -> None:
    import matterapi.client.exceptions as old
    import matterapi.exceptions as new

    assert {name: getattr(old, name) for name in old.__all__} == {
        name: getattr(new, name) for name in old.__all__
    }
