"""`python -m codegen` writes all generated files; `--check` compares and fails if any is out of date."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .check import differences, stale
from .errors import SpecError
from .generate import generate
from .load import load

ROOT = Path(__file__).resolve().parent.parent
_SHOWN = 5


def main(arguments: list[str] | None = None) -> int:
    """Run the generator; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if anything differs")
    options = parser.parse_args(arguments)
    try:
        files = generate(load(ROOT / "spec"))
    except SpecError as error:
        print(f"codegen: {error}", file=sys.stderr)
        return 1
    return check(files) if options.check else write(files)


def check(files: dict[str, str]) -> int:
    """Print what differs from the tree."""
    found = differences(ROOT, files)
    for text in found[:_SHOWN]:
        print(text, end="\n\n")
    if found:
        print(f"{len(found)} generated files are out of date; run: python -m codegen")
    return 1 if found else 0


def write(files: dict[str, str]) -> int:
    """Write what differs and remove what is generated no more."""
    for name in stale(ROOT, files):
        (ROOT / name).unlink()
    for name, text in files.items():
        path = ROOT / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    print(f"{len(files)} files are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
