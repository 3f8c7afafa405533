"""The two virtual environments: our wheel in one, the peers in the other, same Python and pydantic."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benches.served import SetupError

PYDANTIC = "pydantic==2.14.4"
"""The same on both sides: it is a part of every typed call."""

ORJSON = "orjson==3.13.0"
"""The same on both sides, too: our dicts and the peers' are made by it."""

UVLOOP = "uvloop==0.23.0"
"""The same on both sides."""

PEERS = (
    "matterapi==0.5.0",
    "mattermostautodriver==11.11.1",
    "httpx==0.28.1",
    "aiohttp==3.14.5",
    "pyreqwest==0.15.1",
    "wreq==0.13.0",
    "httpr==0.7.8",
    "primp==2.0.1",
    "pycurl==7.49.0",
    "msgspec==0.23.0",
    "picows==2.3.1",
    # What 0.5.0 asks for.
    "websockets==10.4",
    PYDANTIC,
    ORJSON,
    UVLOOP,
)

EMULATOR = ("aiohttp>=3.11", "msgpack>=1.1", "trustme>=1.2")
"""What the extra `testing` names."""


@dataclass(frozen=True)
class Environments:
    """Interpreters by environment.

    Args:
        ours: Has the matterapi that is measured.
        peer: Has the libraries it is compared with.
    """

    ours: Path
    peer: Path


def prepare(root: Path, ours: Path | None, python: str | None = None) -> Environments:
    """Make both environments, or reuse them if nothing changed.

    Args:
        root: The project.
        ours: An interpreter to measure instead of the newest wheel.
        python: The Python to make them with; the one that runs this if left out.

    Raises:
        SetupError: There is no wheel or no such Python, or an installation failed.
    """
    benches, base = root / "benches", _base(python)
    suffix = f"-{python_version(base)}" if python else ""
    wheel = () if ours else (_newest_wheel(root),)
    return Environments(
        ours=ours
        or _install(base, benches / f".venv-ours{suffix}", (*wheel, PYDANTIC, ORJSON, UVLOOP, *EMULATOR)),
        peer=_install(base, benches / f".venv-peer{suffix}", PEERS, optional=True),
    )


def _base(python: str | None) -> Path:
    if python is None:
        return Path(sys.executable)
    found = shutil.which(python)
    if found is None:
        raise SetupError(f"There is no Python {python!r}: give a command or a path")
    return Path(found)


def python_version(python: Path) -> str:
    """As `3.13`.

    Raises:
        SetupError: It is no Python that runs.
    """
    code = "import sys; print('{}.{}'.format(*sys.version_info))"
    done = subprocess.run([python, "-c", code], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"{python} does not run: {done.stderr.strip()}")
    return done.stdout.strip()


def _newest_wheel(root: Path) -> Path:
    wheels = [*root.glob("dist/matterapi-*.whl"), *root.glob("target/wheels/matterapi-*.whl")]
    if not wheels:
        raise SetupError("No wheel in dist/ or target/wheels/: run `make wheel` first")
    return max(wheels, key=lambda wheel: wheel.stat().st_mtime)


def _install(base: Path, folder: Path, packages: tuple[Path | str, ...], *, optional: bool = False) -> Path:
    """The interpreter of a folder with these packages; of optional ones those that have a wheel for it."""
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = "\n".join([_full_version(base), *map(_identity, packages)])
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    _run([base, "-m", "venv", "--clear", folder])
    pip: list[Path | str] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if not optional:
        _run([*pip, *packages])
    else:
        # A library that was compiled here would not be the one that its users get. websockets 10.4
        # is older than Python 3.12, and 0.5.0 wants no other.
        names = (name for name in map(_name, PEERS) if name != "websockets")
        pip.append(f"--only-binary={','.join(names)}")
        if subprocess.run([*pip, *packages], check=False).returncode:
            for package in packages:
                subprocess.run([*pip, package], check=False)
    stamp.write_text(wanted)
    return python


def _full_version(python: Path) -> str:
    done = subprocess.run(
        [python, "-c", "import sys; print(sys.version)"], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def _name(pin: str) -> str:
    return pin.partition("==")[0]


def _identity(package: Path | str) -> str:
    # A wheel that was built again has the old name.
    return package if isinstance(package, str) else hashlib.sha256(package.read_bytes()).hexdigest()


def _run(command: list[Path | str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise SetupError(f"This failed: {' '.join(map(str, command))}")


def installed(python: Path) -> dict[str, str]:
    """The versions of an interpreter's distributions, by name in lower case."""
    code = (
        "import importlib.metadata as m, json; "
        "print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
    )
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def described(python: Path) -> str:
    """The interpreter's version and those of the libraries that matter, in one line."""
    names = ("matterapi", *map(_name, PEERS))
    have = installed(python)
    versions = (f"{name} {have[name]}" for name in dict.fromkeys(names) if name in have)
    return ", ".join([f"Python {_full_version(python).split()[0]}", *versions])


def absent(python: Path) -> list[str]:
    """Which of the peers it has not: there is no wheel of them for its version."""
    have = installed(python)
    return [name for name in map(_name, PEERS) if name not in have]
