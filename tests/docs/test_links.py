"""Every link of the pages leads somewhere, their tables have headings, and the index has every page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.links import ROOT, anchors, faults, links, local, pages, repository

INDEX = ROOT / "docs" / "README.md"
README = ROOT / "README.md"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    assert list(faults(page)) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_table_of_a_page_has_an_empty_heading(page: Path) -> None:
    """In a browser that is an empty row."""
    assert [line for line in page.read_text("utf-8").splitlines() if line and not line.strip("| ")] == []


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    linked = {target[0] for link in links(INDEX) if (target := local(INDEX, link))}
    assert sorted((ROOT / "docs").rglob("*.md")) == sorted(
        page for page in (linked | {INDEX}) if page.is_relative_to(ROOT / "docs")
    )


def test_the_readme_can_be_read_on_a_package_index() -> None:
    relative = [link for link in links(README) if not link.startswith("https://")]
    assert relative == [], f"on a package index only what begins with {repository()} leads to a file"
    assert sum(local(README, link) is not None for link in links(README)) > 10


def test_a_link_that_leads_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One `two`, three\n[a](#one-two-three) [b](#four) [c](none.md) [d](page.md#four)\n")
    assert anchors(page) == {"one-two-three"}
    assert list(faults(page)) == [
        "#four: no such heading",
        "none.md: no such file",
        "page.md#four: no such heading",
    ]
