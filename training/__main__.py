"""Prints the compiler flag that lets a build be guided by a profile: `python -m training`.

Prints nothing if the Rust toolchain has no tool for profiles: what is built then works the same, but slower.
"""

from __future__ import annotations

import sys
from pathlib import Path

from training.profile import make_profile
from training.toolchain import TOOL, current, find_tool

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    compiler = current()
    tool = find_tool(compiler, ROOT / ".cache")
    if tool is None:
        print(
            f"The build is not guided by a profile: {TOOL} of rustc {compiler.release} is missing and could "
            "not be fetched. With rustup: rustup component add llvm-tools",
            file=sys.stderr,
        )
    else:
        print(f"-Cprofile-use={make_profile(ROOT, compiler, tool)}")


if __name__ == "__main__":
    main()
