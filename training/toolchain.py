"""The Rust toolchain: which compiler builds the core, and the tool that reads what its counters wrote."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

TOOL = "llvm-profdata"


@dataclass(frozen=True)
class Compiler:
    """The compiler that cargo uses.

    Args:
        version: What it says of itself: all lines of `rustc -vV`.
        sysroot: Where its toolchain is.
    """

    version: str
    sysroot: Path

    @property
    def host(self) -> str:
        """The machine it runs on and builds for, such as `x86_64-unknown-linux-gnu`."""
        return self._field("host")

    @property
    def release(self) -> str:
        """Such as `1.95.0`; with a suffix if it is no stable release."""
        return self._field("release")

    def _field(self, name: str) -> str:
        found = re.search(rf"^{name}: (\S+)$", self.version, re.MULTILINE)
        if found is None:
            raise ValueError(f"`rustc -vV` names no {name}: {self.version!r}")
        return found[1]


def current() -> Compiler:
    """The compiler of this machine."""

    def say(*arguments: str) -> str:
        return subprocess.run(["rustc", *arguments], check=True, capture_output=True, text=True).stdout

    return Compiler(say("-vV"), Path(say("--print", "sysroot").strip()))


def find_tool(compiler: Compiler, cache: Path) -> Path | None:
    """The tool of the compiler's own LLVM; no other version is sure to read what its counters wrote.

    Where the toolchain lacks it, rustup fetches a second one of the same release into `cache`: what is
    installed stays as it is.

    Args:
        compiler: Whose tool.
        cache: A folder of the project that git ignores.

    Returns:
        None if there is no way to get it here.
    """
    second = cache / "rustup" / "toolchains" / f"{compiler.release}-{compiler.host}"
    places = [
        sysroot / "lib/rustlib" / compiler.host / "bin" / TOOL for sysroot in (compiler.sysroot, second)
    ]
    if not any(place.exists() for place in places):
        _fetch(compiler.release, cache / "rustup")
    return next((place for place in places if place.exists()), None)


def _fetch(release: str, home: Path) -> None:
    rustup = shutil.which("rustup")
    if rustup is None:
        return
    command = [rustup, "toolchain", "install", release, "--profile", "minimal"]
    # A failure shows in the tool's absence; what rustup says of it stays on the screen.
    subprocess.run(
        [*command, "--component", "llvm-tools", "--no-self-update", "--quiet"],
        check=False,
        env=os.environ | {"RUSTUP_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
