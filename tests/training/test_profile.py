"""When a profile is made, and of what."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from training.profile import make_profile, profile_name
from training.toolchain import Compiler

COMPILER = Compiler("host: a\nrelease: 1.90.0\n", Path("/"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("Cargo.toml", "rust/core/src/lib.rs", "training/work.py", "python/matterapi/types.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    return tmp_path


@pytest.mark.parametrize("name", ["Cargo.toml", "rust/core/src/lib.rs", "training/work.py"])
def test_another_source_is_another_profile(root: Path, name: str) -> None:
    before = profile_name(root, COMPILER)
    (root / name).write_text("# changed\n")
    assert profile_name(root, COMPILER) != before


def test_a_moved_source_is_another_profile(root: Path) -> None:
    before = profile_name(root, COMPILER)
    (root / "rust/core/src/lib.rs").rename(root / "rust/core/src/other.rs")
    assert profile_name(root, COMPILER) != before


def test_another_compiler_is_another_profile(root: Path) -> None:
    other = Compiler("host: a\nrelease: 1.91.0\n", Path("/"))
    assert profile_name(root, COMPILER) != profile_name(root, other)


def test_what_the_core_is_not_built_from_changes_nothing(root: Path) -> None:
    before = profile_name(root, COMPILER)
    (root / "python/matterapi/types.py").write_text("# changed\n")
    assert profile_name(root, COMPILER) == before


def test_a_profile_that_is_there_is_not_made_again(root: Path) -> None:
    profile = root / "target" / "training" / profile_name(root, COMPILER)
    profile.parent.mkdir(parents=True)
    profile.write_text("counts")
    # Any step would fail here: there is nothing to build.
    assert make_profile(root, COMPILER, Path("/nowhere")) == profile
    assert profile.read_text() == "counts"


def test_a_build_that_fails_leaves_no_profile(root: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        make_profile(root, COMPILER, Path("/nowhere"))
    assert not list(root.glob("target/training/*.profdata"))
