from __future__ import annotations

import json
from pathlib import Path

import pytest

from supply.__main__ import stale, wanted
from supply.crates import ROOT, Crate, linked
from supply.notices import NOTICES, grouped, texts_of
from supply.sbom import SBOM


def _crate(folder: Path, name: str, **texts: str) -> Crate:
    place = folder / name
    place.mkdir()
    for file, text in texts.items():
        (place / file).write_text(text)
    return Crate(name, "1.0.0", "MIT", place)


def test_notices_and_sbom_are_those_of_the_lock_file(tmp_path: Path) -> None:
    files = wanted()
    assert stale(files) == [], "run `make notices`"
    assert stale({file: text + "x" for file, text in files.items()}) == [NOTICES.name, SBOM.name]
    assert stale({tmp_path / "missing": ""}) == ["missing"]


def test_the_sbom_has_every_crate_and_what_it_uses() -> None:
    bill = json.loads(SBOM.read_text(encoding="utf-8"))
    components = {one["bom-ref"]: one for one in bill["components"]}
    assert len(components) == len(linked()) - 1
    edges = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert set(edges) == {*components, bill["metadata"]["component"]["bom-ref"]}
    assert {used for one in edges.values() for used in one} <= set(components)
    others = [one for one in components.values() if one["name"] != "matterapi-core"]
    assert all(len(one["hashes"][0]["content"]) == 64 and one["purl"] for one in others)


def test_what_is_linked_is_neither_macros_nor_tools() -> None:
    names = {one.name for one in linked()}
    assert {"bytes", "rustls", "pyo3", "aws-lc-sys", "tungstenite"} <= names
    assert not names & {"serde_derive", "pyo3-build-config", "cc", "bolero", "windows-sys", "ring"}


def test_each_text_is_there_once(tmp_path: Path) -> None:
    crates = [
        _crate(tmp_path, "first", LICENSE="Do as\nyou like.\n"),
        _crate(tmp_path, "second", COPYING="Do as you like.", NOTICE="By somebody."),
    ]
    assert [(one.content, one.crates) for one in grouped(crates)] == [
        ("Do as\nyou like.", ["first 1.0.0", "second 1.0.0"]),
        ("By somebody.", ["second 1.0.0"]),
    ]


def test_a_crate_without_a_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"bare 1\.0\.0 \(MIT\)"):
        texts_of(_crate(tmp_path, "bare", README="hello"))


@pytest.mark.parametrize("file", [NOTICES, SBOM], ids=lambda file: str(file.name))
def test_no_place_of_the_machine_is_named(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not [one for one in (str(Path.home()), str(ROOT), "file:", "/registry/") if one in text]
