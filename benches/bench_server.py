"""The server under the measured clients: `benches/server`, built on demand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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


@contextmanager
def running(program: Path, events: int) -> Iterator[str]:
    """Run the server and give its URL.

    Args:
        program: What `build` returned.
        events: Events on each websocket.
    """
    with subprocess.Popen(
        [program, str(events)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            # The server ends when its standard input does.
            server.stdin.close()
