"""The fast server: `benches/server`, built on demand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benches.served import Events, SetupError


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
def running(program: Path, pages: Path, events: Events, *, tls: bool) -> Iterator[int]:
    """Run the server and give its port.

    Args:
        program: What `build` returned.
        pages: The folder with what it answers.
        events: What each websocket gets.
        tls: Speak TLS, with the certificate of that folder.
    """
    rate = [] if events.rate is None else [str(events.rate)]
    arguments = [str(pages), *(["--tls"] if tls else []), str(events.count), events.kind, *rate]
    with subprocess.Popen(
        [program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            if not line:
                raise SetupError("The benchmark server did not start")
            yield int(line)
        finally:
            # The server ends when its standard input does.
            server.stdin.close()
