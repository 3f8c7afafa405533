"""The links of the project's pages: where they lead, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_DEFINITION = re.compile(r"^\[[^\]]+\]: (\S+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)


@cache
def repository() -> str:
    """The project's page, as pyproject.toml has it."""
    found = re.search(r'^Repository = "([^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def pages() -> list[Path]:
    """Every page that a reader may come to."""
    return sorted({*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("*/*.md")})


def prose(page: Path) -> str:
    """A page without its code."""
    return re.sub(r"`[^`\n]+`", "``", _FENCE.sub("", page.read_text("utf-8")))


def links(page: Path) -> list[str]:
    """The targets of a page's links, in their order."""
    return _LINK.findall(prose(page)) + _DEFINITION.findall(prose(page))


def local(page: Path, link: str) -> tuple[Path, str] | None:
    """The file and the anchor that a link leads to; `None` for one that leads elsewhere."""
    path, _, anchor = link.partition("#")
    for form in ("blob", "tree"):
        path = path.removeprefix(f"{repository()}/{form}/main/") if page == ROOT / "README.md" else path
    if re.match(r"[a-z]+:", path):
        return None
    start = ROOT if page == ROOT / "README.md" else page.parent
    return (start / unquote(path)).resolve() if path else page, anchor


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors that GitHub gives to the headings of a page."""
    found: list[str] = []
    for heading in re.findall(r"^#{1,6} (.+?)#*$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE):
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.strip().lower())
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return frozenset(found)


def faults(page: Path) -> Iterator[str]:
    """Links that lead nowhere."""
    for link in links(page):
        target = local(page, link)
        if target is None:
            continue
        path, anchor = target
        if not path.exists():
            yield f"{link}: no such file"
        elif anchor and (path.suffix != ".md" or anchor not in anchors(path)):
            yield f"{link}: no such heading"
