"""The table of what goes wrong over HTTP, in tests/wire/test_rows.py."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = ROOT / "tests" / "wire" / "test_rows.py"


def test_the_table_leaves_no_row_out_and_names_tests_that_there_are() -> None:
    table = ast.get_docstring(ast.parse(ROWS.read_text("utf-8"))) or ""
    rows = re.findall(r"^\| H(\d+) \|.*\| ([^|]+) \|$", table, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 21))
    for name in " ".join(names for _, names in rows).split():
        file, _, test = name.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), name
