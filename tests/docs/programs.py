"""`python -m tests.docs.programs folder`: writes the programs of the pages there, for the type checkers.

Those of the README, what programs of other clients become, the page on typing as one, the examples, and bots.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TYPING = ROOT / "docs" / "how-to" / "typing.md"
COMING_FROM = sorted((ROOT / "docs").glob("coming-from-mattermost*.md"))


def blocks(page: Path = README) -> list[str]:
    """A page's blocks of Python, in their order."""
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def examples() -> list[Path]:
    """The programs of the examples and what they import, and the bots of others."""
    ports = (ROOT / "tests" / "programs" / "ports").glob("[!_]*.py")
    return sorted([*(ROOT / "examples").rglob("*.py"), *ports])


def programs() -> dict[int, str]:
    """Those that make their own client, by their number; the others go on with one."""
    return {
        number: block for number, block in enumerate(blocks()) if re.search(r"\bA?[Ss]yncClient\(", block)
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    # Of its own: pyright leaves out hidden folders.
    config = {"exclude": [], "typeCheckingMode": "strict", "venvPath": str(README.parent), "venv": ".venv"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    found = {f"program_{number}": program for number, program in programs().items()}
    for page in COMING_FROM:
        name = page.stem.replace("-", "_")
        found |= {f"{name}_{number}": block for number, block in enumerate(blocks(page)[1::2])}
    found["typing_page"] = "\n".join(blocks(TYPING))
    for name, program in found.items():
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
    for path in examples():
        # Beside each other, as each finds what it imports.
        (folder / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
