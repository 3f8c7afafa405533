"""The page on the embedded server names every fact about the websocket, and no fact that is not there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "tests" / "conformance" / "websocket"
PAGE = ROOT / "docs" / "reference" / "emulator.md"
OTHER = {"replay"}


def facts() -> set[str]:
    return {
        f"{path.stem.removeprefix('test_')}.{node.name.removeprefix('test_')}"
        for path in SUITE.glob("test_*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        if path.stem.removeprefix("test_") not in OTHER
    }


def rows() -> list[list[str]]:
    section = PAGE.read_text("utf-8").split("## Websocket rules\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_every_fact_stands_in_one_row_and_no_other_is_named() -> None:
    named = [name for _, _, cell in rows() for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(named) == sorted(facts())


def test_a_rule_has_facts_or_is_left_out() -> None:
    for rule, here, cell in rows():
        assert bool(cell) != here.startswith("left out"), rule


def test_there_are_enough_facts() -> None:
    assert len(facts()) >= 80


def test_every_fact_says_where_the_server_decides_it() -> None:
    for path in SUITE.glob("test_*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        if path.stem.removeprefix("test_") in OTHER:
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                told = f"{ast.get_docstring(tree)} {ast.get_docstring(node) or ''}"
                assert ast.get_docstring(node), node.name
                assert re.search(r"\w\.go\b|encoding/json|ShouldSendEvent", told), node.name
