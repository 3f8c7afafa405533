"""The two virtual environments: our wheel in one, the peers in the other, same Python and pydantic."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benches.bench_server import SetupError

PYDANTIC = "pydantic==2.14.4"
"""The same on both sides: it is a part of every typed call."""

ORJSON = "orjson==3.13.0"
"""The same on both sides, too: our dicts and the peers' are made by it."""

PEERS = (
    "matterapi==0.5.0",
    "httpx==0.28.1",
    "msgspec==0.23.0",
    "picows==2.3.1",
    "mattermostautodriver==11.11.1",
    PYDANTIC,
    ORJSON,
)

EMULATOR = ("aiohttp>=3.11", "msgpack>=1.1", "trustme>=1.2")
"""What the extra `testing` names."""

SHOWN = (
    "matterapi",
    "pydantic",
    "orjson",
    "httpx",
    "websockets",
    "msgspec",
    "picows",
    "mattermostautodriver",
    "aiohttp",
)


@dataclass(frozen=True)
class Environments:
    """Interpreters by environment.

    Args:
        ours: Has the matterapi that is measured.
        peer: Has the libraries it is compared with.
    """

    ours: Path
    peer: Path


def prepare(root: Path, ours: Path | None) -> Environments:
    """Make both environments, or reuse them if nothing changed.

    Args:
        root: The project.
        ours: An interpreter to measure instead of the newest wheel.

    Raises:
        SetupError: There is no wheel, or an installation failed.
    """
    benches = root / "benches"
    return Environments(
        ours=ours or _install(benches / ".venv-ours", (_newest_wheel(root), PYDANTIC, ORJSON, *EMULATOR)),
        peer=_install(benches / ".venv-peer", PEERS),
    )


def _newest_wheel(root: Path) -> Path:
    wheels = [*root.glob("dist/matterapi-*.whl"), *root.glob("target/wheels/matterapi-*.whl")]
    if not wheels:
        raise SetupError("No wheel in dist/ or target/wheels/: run `make wheel` first")
    return max(wheels, key=lambda wheel: wheel.stat().st_mtime)


def _install(folder: Path, packages: tuple[Path | str, ...]) -> Path:
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = "\n".join([sys.version, *map(_identity, packages)])
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    _run([sys.executable, "-m", "venv", "--clear", folder])
    _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    stamp.write_text(wanted)
    return python


def _identity(package: Path | str) -> str:
    # A wheel that was built again has the old name.
    return package if isinstance(package, str) else hashlib.sha256(package.read_bytes()).hexdigest()


def _run(command: list[Path | str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise SetupError(f"This failed: {' '.join(map(str, command))}")


def versions(python: Path) -> str:
    """The interpreter's version and those of the libraries that matter, in one line."""
    code = (
        "import importlib.metadata as m, platform, sys; print(f'Python {platform.python_version()}', *("
        "f'{d.name} {d.version}' for d in m.distributions() if d.name in sys.argv[1:]), sep=', ')"
    )
    done = subprocess.run([python, "-c", code, *SHOWN], check=True, capture_output=True, text=True)
    return done.stdout.strip()
