"""Runs the tests against an installed wheel, without the source tree: `python -m tests.wheel.run --help`."""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def chosen(versions: list[str]) -> dict[str, str]:
    """Versions to test on, and their interpreters: the first of `versions`, and the next one that is there.

    Where none of them is there it is the Python that runs this.
    """
    oldest, *newer = versions
    found = {version: path for version in versions if (path := find(version))}
    if oldest not in found:
        print(f"there is no Python {oldest} on this machine", file=sys.stderr)
    picked = [
        version for version in (oldest, *[one for one in newer if one in found][:1]) if version in found
    ]
    if not picked:
        print("none of the versions is there: this Python is used instead", file=sys.stderr)
        return {platform.python_version(): sys.executable}
    return {version: found[version] for version in picked}


def find(version: str) -> str | None:
    """The interpreter of a version such as `3.10`: on the PATH, or among pyenv's."""
    candidates = [shutil.which(f"python{version}")]
    candidates += map(str, sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python")))
    for candidate in filter(None, reversed(candidates)):
        # A shim may be there without the version behind it.
        if subprocess.run([candidate, "--version"], check=False, capture_output=True).returncode == 0:
            return candidate
    return None


def run(python: str, wheel: Path, folders: list[str]) -> int:
    """Exit status of the tests under `python`, in a folder that has nothing but them."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "tests").mkdir()
        for path in (*(ROOT / "tests").glob("*.py"), *(ROOT / "tests" / folder for folder in folders)):
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, place / "tests" / path.name)
        for needed in ("examples", "tests/fixtures", "tests/fuzz", "tests/support", "tests/survival"):
            shutil.copytree(ROOT / needed, place / needed)
        shutil.copy(ROOT / "pyproject.toml", place)
        subprocess.run([python, "-m", "venv", place / "venv"], check=True)
        ours = place / "venv" / "bin" / "python"
        pip = [ours, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        for name in ("installer", "wheel-tests"):
            pinned = ROOT / "requirements" / f"{name}.txt"
            subprocess.run([*pip, "install", "--require-hashes", "-r", pinned], check=True)
        subprocess.run([*pip, "install", "--no-deps", wheel], check=True)
        # What the wheel asks for is among what is pinned.
        subprocess.run([*pip, "check"], check=True)
        tests = [f"tests/{folder}" for folder in folders]
        options = ["-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider"]
        return subprocess.run([ours, "-m", "pytest", *options, *tests], check=False, cwd=place).returncode


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.wheel.run")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--folders", type=str.split, required=True, help="folders below tests/")
    parser.add_argument(
        "--pythons", type=str.split, required=True, help="the oldest, then from the newest on"
    )
    arguments = parser.parse_args()
    failed = False
    for version, python in chosen(arguments.pythons).items():
        print(f"Python {version}: {python}", flush=True)
        failed |= run(python, arguments.wheel, arguments.folders) != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
