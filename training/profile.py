"""Makes the profile: a build with counters, some work, and what the counters say."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from training.toolchain import Compiler

SOURCES = ("Cargo.toml", "Cargo.lock", "rust/**/*.rs", "rust/**/Cargo.toml", "training/*.py")

AS_FOR_THE_WHEEL = {
    "CARGO_TARGET_APPLIES_TO_HOST": "false",
    "CARGO_UNSTABLE_TARGET_APPLIES_TO_HOST": "true",
    "__CARGO_TEST_CHANNEL_OVERRIDE_DO_NOT_USE_THIS": "nightly",
}
"""What maturin tells cargo when zig links for the machine's own target.

Counts are found again by the names of functions, which depend on the target, the build's profile and this.
"""


def profile_name(root: Path, compiler: Compiler) -> str:
    """A file name that changes with what the profile depends on: the sources, the work and the compiler.

    Cargo compares flags, not files: with one name for all profiles it would not build again.
    """
    digest = hashlib.sha256(compiler.version.encode())
    for path in sorted({path for pattern in SOURCES for path in root.glob(pattern)}):
        digest.update(f"\n{path.relative_to(root)}\n".encode())
        digest.update(path.read_bytes())
    return f"core-{digest.hexdigest()[:16]}.profdata"


def make_profile(root: Path, compiler: Compiler, tool: Path) -> Path:
    """The profile of the sources as they are, made anew only if it is not there.

    Args:
        root: The project.
        compiler: Builds the core with counters.
        tool: Sums up what they wrote.

    Raises:
        subprocess.CalledProcessError: A step failed; it said why.
    """
    folder = root / "target" / "training"
    profile = folder / profile_name(root, compiler)
    if not profile.exists():
        package = _build(root, compiler, folder)
        counts = folder / "counts"
        shutil.rmtree(counts, ignore_errors=True)
        # One file for each process; `%m` tells builds apart.
        environment = {"PYTHONPATH": str(package), "LLVM_PROFILE_FILE": str(counts / "%p-%m.profraw")}
        _run([sys.executable, "-m", "training.work"], root, environment)
        for old in folder.glob("core-*.profdata"):
            old.unlink()
        _run([tool, "merge", "--output", profile, counts], root, {})
    return profile


def _build(root: Path, compiler: Compiler, folder: Path) -> Path:
    """A folder with the package, whose core counts."""
    command = ["cargo", "build", "--quiet", "--locked", "--release", "--package", "matterapi-py", "--lib"]
    environment = {"RUSTFLAGS": "-Cprofile-generate", "CARGO_TARGET_DIR": str(folder / "build")}
    _run([*command, "--target", compiler.host], root, environment | AS_FOR_THE_WHEEL)
    package = folder / "python"
    shutil.rmtree(package, ignore_errors=True)
    leave = shutil.ignore_patterns("_core*.so", "__pycache__")
    shutil.copytree(root / "python" / "matterapi", package / "matterapi", ignore=leave)
    core = folder / "build" / compiler.host / "release" / "lib_core.so"
    shutil.copy(core, package / "matterapi" / "_core.abi3.so")
    return package


def _run(command: list[Path | str], root: Path, environment: dict[str, str]) -> None:
    # Standard output is for the flag alone.
    subprocess.run(command, check=True, cwd=root, env=os.environ | environment, stdout=sys.stderr)
