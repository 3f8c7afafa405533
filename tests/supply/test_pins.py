from __future__ import annotations

import re
from pathlib import Path

import pytest

from supply.crates import ROOT

PINNED = sorted((ROOT / "requirements").glob("*.txt"))
TOML = (ROOT / "pyproject.toml").read_text()


def _groups() -> dict[str, set[str]]:
    section = TOML.partition("[dependency-groups]")[2].partition("\n[")[0]
    found = re.findall(r"^([a-z-]+) = \[(.*?)\]$", section, re.MULTILINE | re.DOTALL)
    return {name: set(re.findall(r'"([A-Za-z0-9-]+)[^"]*"', text)) for name, text in found}


def _pins(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", file.read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", PINNED, ids=lambda file: str(file.stem))
def test_what_a_group_names_is_pinned_with_hashes(file: Path) -> None:
    pins = _pins(file)
    assert {one.lower() for one in _groups()[file.stem]} <= set(pins)
    entries = re.split(r"^(?=[a-z0-9])", file.read_text(), flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)


def test_every_group_that_is_installed_has_its_pins() -> None:
    assert {one.stem for one in PINNED} == set(_groups()) - {"pins"}


def test_no_pins_name_a_place() -> None:
    assert not [one.name for one in PINNED if re.search(r"https?://|file:|/home/|--index", one.read_text())]


def test_the_floor_of_orjson_is_kept() -> None:
    assert '"orjson>=3.11.6"' in TOML
    assert _pins(ROOT / "requirements" / "dev-oldest.txt")["orjson"] == "3.11.6"


@pytest.mark.parametrize("file", ["Makefile", "training/profile.py", "benches/rust_server.py"])
def test_every_build_keeps_to_the_lock_file(file: str) -> None:
    text = (ROOT / file).read_text().replace("\\\n", " ")
    builds = re.findall(
        r'^.*(?:cargo (?:build|test|clippy)|maturin (?:develop|build)|argo"?, "build").*$', text, re.MULTILINE
    )
    assert builds
    assert not [line for line in builds if "--locked" not in line]
