"""The notices of what is linked into the wheel.

The licences ask that their texts go along with the code. They are taken from the crates' sources, so that the
file depends on Cargo.lock alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .crates import ROOT, Crate

NOTICES = ROOT / "THIRD-PARTY-NOTICES.txt"
_NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")
_RULE = "=" * 80
_HEAD = """\
Generated from Cargo.lock by `make notices`; do not edit.

The compiled core of matterapi for Linux contains the crates below, and the standard library of Rust
(https://www.rust-lang.org, MIT OR Apache-2.0, Copyright (c) The Rust Project Contributors). Their licences
follow, each text once, under the names of the crates that bear it.
"""


@dataclass
class Text:
    """A text of a licence or notice, and the crates that have it.

    Args:
        content: The text.
        crates: Names and versions, in order.
    """

    content: str
    crates: list[str] = field(default_factory=list)


def texts_of(crate: Crate) -> list[str]:
    """The texts that a crate has beside its source, and beside sources of others in it.

    Raises:
        ValueError: It has none, so that somebody has to find it.
    """
    files = sorted(
        one for one in crate.folder.rglob("*") if one.is_file() and one.name.upper().startswith(_NAMES)
    )
    if not files:
        raise ValueError(
            f"{crate.name} {crate.version} ({crate.licence}) comes without the text of its licence"
        )
    return [one.read_text(encoding="utf-8", errors="replace") for one in files]


def grouped(crates: Iterable[Crate]) -> list[Text]:
    """Each text once; those that differ in nothing but line breaks are one."""
    found: dict[str, Text] = {}
    for crate in crates:
        for content in texts_of(crate):
            text = found.setdefault(" ".join(content.split()), Text(_tidy(content)))
            named = f"{crate.name} {crate.version}"
            if named not in text.crates:
                text.crates.append(named)
    return list(found.values())


def _tidy(content: str) -> str:
    return "\n".join(line.rstrip() for line in content.strip("\n").splitlines())


def render(crates: list[Crate]) -> str:
    """The whole file."""
    others = [one for one in crates if not one.is_ours]
    lines = [_HEAD, *(f"{one.name} {one.version}: {one.licence}" for one in others), ""]
    for text in grouped(others):
        lines += [_RULE, *text.crates, _RULE, "", text.content, ""]
    return "\n".join(lines)
