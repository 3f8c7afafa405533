"""The crates that are linked into the wheel, from Cargo.lock."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BINDING = "matterapi-py"
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
"""What wheels are built for."""

_LOCKED = re.compile(r'^name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"$', re.MULTILINE)


@dataclass(frozen=True)
class Crate:
    """A crate whose code is in the wheel.

    Args:
        name: Its name.
        version: Its version.
        licence: SPDX expression.
        folder: Where its source is.
        sha256: Of what the registry gave; "" for a crate of ours.
        uses: Names and versions of the linked crates that it uses, in order.
    """

    name: str
    version: str
    licence: str
    folder: Path
    sha256: str = ""
    uses: tuple[tuple[str, str], ...] = ()

    @property
    def is_ours(self) -> bool:
        """Whether it is part of this project."""
        return not self.sha256


def linked() -> list[Crate]:
    """The linked crates in order, ours too: no macros, and nothing that only builds or tests."""
    metadata = json.loads(_run("cargo", "metadata", "--locked", "--format-version", "1"))
    names, sums = _linked_names(), _checksums()
    nodes = {one["id"]: one for one in metadata["resolve"]["nodes"]}
    found = {one["id"]: one for one in metadata["packages"] if (one["name"], one["version"]) in names}

    def uses(package: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        used = [found[one["pkg"]] for one in nodes[package["id"]]["deps"] if one["pkg"] in found]
        return tuple(sorted((one["name"], one["version"]) for one in used))

    crates = [
        Crate(
            one["name"],
            one["version"],
            one["license"].replace(" / ", " OR ").replace("/", " OR "),
            Path(one["manifest_path"]).parent,
            sums.get((one["name"], one["version"]), ""),
            uses(one),
        )
        for one in found.values()
    ]
    return sorted(crates, key=lambda one: (one.name, one.version))


def _linked_names() -> set[tuple[str, str]]:
    """Names and versions: `cargo metadata` alone counts optional crates that nobody asked for."""
    command = ["cargo", "tree", "--locked", "--package", BINDING, "--edges", "normal,no-proc-macro"]
    targets = [part for target in TARGETS for part in ("--target", target)]
    lines = _run(*command, "--prefix", "none", "--no-dedupe", *targets).splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in (one.split() for one in lines if one)}


def _checksums() -> dict[tuple[str, str], str]:
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    return {(name, version): checksum for name, version, checksum in _LOCKED.findall(lock)}


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
