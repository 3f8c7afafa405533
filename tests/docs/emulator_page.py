"""`python -m tests.docs.emulator_page`: write the table of REST routes in docs/reference/emulator.md anew."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from matterapi.testing.rest.registry import handlers

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "emulator.md"
BEGIN, END = "<!-- table of routes -->\n", "<!-- end of the table of routes -->\n"


def table() -> str:
    """The table, made from the operations that have handlers and from the catalogue."""
    catalogue = json.loads(files("matterapi.testing.catalogue").joinpath("operations.json").read_bytes())
    groups: dict[str, list[dict[str, Any]]] = {}
    for one in catalogue["operations"]:
        groups.setdefault(one["group"] or "(no group)", []).append(one)
    lines = ["| group | stateful | answered from the catalogue | left out |", "|---|---|---|---|"]
    for group, operations in sorted(groups.items()):
        kept = [one["id"] for one in operations if one["id"] in handlers()]
        left_out = [
            one["id"] for one in operations if (one["local_only"] or one["gone"]) and one["id"] not in kept
        ]
        rest = [one["id"] for one in operations if one["id"] not in kept and one["id"] not in left_out]
        lines.append(f"| {group} | {_cell(kept)} | {_cell(rest)} | {_cell(left_out)} |")
    return "\n".join(lines) + "\n"


def _cell(ids: list[str]) -> str:
    return ", ".join(sorted(ids)) or "none"


def written() -> str:
    """The table as the page has it."""
    return PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(head + BEGIN + table() + END + rest.partition(END)[2], "utf-8")
