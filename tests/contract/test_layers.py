"""Who may import whom: the page `docs/architecture.md` draws it, and no file does otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.imports import PACKAGE, circles, files_of, imports, room_of

PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"


def drawn() -> dict[str, set[str]]:
    """The arrows of the page, in its order: each room and the rooms that it may import."""
    block = PAGE.read_text().partition("```layers\n")[2].partition("```")[0]
    lines = [line.split("->") for line in block.splitlines() if line.strip()]
    return {room.strip(): set(" ".join(targets).split()) for room, *targets in lines}


def arrows(files: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same, as the files import each other."""
    found: dict[str, set[str]] = {room_of(name): set() for name in files}
    for name, targets in files.items():
        found[room_of(name)] |= {room_of(target) for target in targets} - {room_of(name)}
    return found


def test_rooms_import_whom_the_page_shows_and_nobody_else() -> None:
    actual, page = arrows(imports(files_of(PACKAGE))), drawn()
    assert {room: targets for room, targets in actual.items() if targets} == {
        room: targets for room, targets in page.items() if targets
    }


def test_the_arrows_of_the_page_go_down_only() -> None:
    rooms = [*drawn(), "_core"]
    assert len(rooms) == len(set(rooms)) > 15
    upwards = [
        (room, target) for room, targets in drawn().items() for target in targets
        if rooms.index(target) <= rooms.index(room)
    ]  # fmt: skip
    assert upwards == []


def test_no_files_import_each_other_in_a_circle() -> None:
    found = imports(files_of(PACKAGE))
    assert len(found) > 300
    assert circles(found) == []


def test_a_circle_and_a_new_arrow_are_found(tmp_path: Path) -> None:
    for name, text in {
        "__init__.py": "",
        "a/__init__.py": "",
        "a/one.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..b.two import X\n",
        "b/__init__.py": "",
        "b/two.py": "def late() -> None:\n    from matterapi.a import one\n",
        "b/three.py": "from . import two\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    found = imports(files_of(tmp_path))
    assert circles(found) == [["a.one", "b.two"]]
    assert arrows(found) == {"matterapi": set(), "a": {"b"}, "b": {"a"}}


OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}
"""Public all the same: the underscore keeps them apart from the fields."""


def private_names(path: Path) -> Iterator[str]:
    """Names with an underscore that a file takes from elsewhere."""
    nodes = [*ast.walk(ast.parse(path.read_text()))]
    own = {node.id for node in nodes if isinstance(node, ast.Name)}
    own |= {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    own |= {node.name for node in nodes if isinstance(node, ast.AsyncFunctionDef)}
    own |= {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        if node.value.id in {"self", "cls"}
    }
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            # A module with an underscore is its folder's own.
            names = [alias.name for alias in node.names]
            yield from (
                name for name in names if is_private(name) and not (path.parent / f"{name}.py").exists()
            )
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield node.attr


def is_private(name: str) -> bool:
    hidden = name.startswith("_") and not name.startswith("__")
    return hidden and name != "_core" and name not in OF_NAMED_TUPLES


@pytest.mark.parametrize("part", ["client", "testing"])
def test_no_file_reaches_into_the_private_names_of_another(part: str) -> None:
    paths = [
        path
        for path in PACKAGE.rglob("*.py")
        if ("testing" in path.relative_to(PACKAGE).parts) == (part == "testing")
    ]
    assert len(paths) > 100
    assert {
        str(path.relative_to(PACKAGE)): names for path in paths if (names := [*private_names(path)])
    } == {}
