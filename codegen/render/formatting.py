"""Formats all generated Python in one run of the formatter."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path


def formatted(files: dict[str, str], line_length: int = 110) -> dict[str, str]:
    """The same files, the Python ones as `ruff format` has them."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            if path.endswith(".py"):
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet"]
        options = ["--line-length", str(line_length), "--target-version", "py310", "--no-cache", folder]
        subprocess.run([*command, *options], check=True)  # noqa: S603
        return {
            path: Path(folder, path).read_text(encoding="utf-8") if path.endswith(".py") else text
            for path, text in files.items()
        }
