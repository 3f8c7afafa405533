"""The server under the measured clients: `benches/server`, built on demand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class SetupError(Exception):
    """Something that the benchmarks need is missing; the message says what to do."""


def build(root: Path) -> Path:
    """Compile the server, if its source changed, and return the program.

    Raises:
        SetupError: There is no Rust toolchain, or the build failed.
    """
    cargo = shutil.which("cargo")
    if cargo is None:
        raise SetupError("The benchmark server needs a Rust toolchain (cargo); install one with rustup")
    target = root / "target" / "bench-server"
    manifest = root / "benches" / "server" / "Cargo.toml"
    command = [cargo, "build", "--release", "--locked", "--quiet"]
    done = subprocess.run([*command, "--manifest-path", manifest, "--target-dir", target], check=False)
    if done.returncode:
        raise SetupError("The benchmark server does not build")
    return target / "release" / "bench-server"


@dataclass(frozen=True)
class Events:
    """What each websocket gets.

    Args:
        count: How many events.
        kind: Posts alone, or a mixture in which every fourth is a post and the others are of people typing.
        rate: Events in a second; `None` for as many as are taken.
    """

    count: int = 50_000
    kind: Literal["posted", "mixed"] = "posted"
    rate: int | None = None


@contextmanager
def running(program: Path, events: Events) -> Iterator[str]:
    """Run the server and give its URL.

    Args:
        program: What `build` returned.
        events: What each websocket gets.
    """
    arguments = [str(events.count), events.kind, *([] if events.rate is None else [str(events.rate)])]
    with subprocess.Popen(
        [program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            # The server ends when its standard input does.
            server.stdin.close()
