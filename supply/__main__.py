"""Writes the notices and the SBOM of the wheel: `python -m supply [--check]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import notices, sbom
from .crates import linked


def wanted() -> dict[Path, str]:
    """What the files are to hold."""
    crates = linked()
    return {notices.NOTICES: notices.render(crates), sbom.SBOM: sbom.render(crates)}


def stale(files: dict[Path, str]) -> list[str]:
    """The names of files that hold something else."""
    return [
        file.name
        for file, text in files.items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m supply")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if a file is not current")
    files = wanted()
    if not parser.parse_args().check:
        for file, text in files.items():
            file.write_text(text, encoding="utf-8")
    elif names := stale(files):
        sys.exit(f"{', '.join(names)}: not what Cargo.lock asks for, run `make notices`")


if __name__ == "__main__":
    main()
