"""`python -m tests.docs.programs folder`: writes the README's programs there, for the type checkers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def blocks() -> list[str]:
    """The README's blocks of Python, in their order."""
    return re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def programs() -> dict[int, str]:
    """Those that make their own client, by their number; the others go on with one."""
    return {
        number: block for number, block in enumerate(blocks()) if re.search(r"\bA?[Ss]yncClient\(", block)
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # Of its own: pyright leaves out hidden folders.
    config = {"exclude": [], "typeCheckingMode": "strict", "venvPath": str(README.parent), "venv": ".venv"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    for number, program in programs().items():
        (folder / f"program_{number}.py").write_text(program, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
