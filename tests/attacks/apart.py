"""Attacks on the memory, met by a process of its own: its peak is the only respond measure."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import NamedTuple


class End(NamedTuple):
    """How a process ended.

    Attributes:
        code: Its exit code; negative: the signal that ended it.
        said: What it printed, without the last line.
        growth: MiB by which `tests.support.memory.peak` grew, as the last line says.
        errors: What it printed to stderr.
    """

    code: int
    said: str
    growth: float
    errors: str


def run_apart(module: str, *arguments: str, address_space: int | None = None, seconds: float = 60) -> End:
    """Run `python -m module arguments`, which prints what happened and, last, the growth of its peak in KiB.

    Args:
        module: The program, one of this folder.
        *arguments: Its arguments.
        address_space: Bytes of address space it may have; for what happens when memory ends.
        seconds: After which it is killed, which fails the test.
    """

    def limit() -> None:
        if address_space is not None:
            resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))

    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        timeout=seconds,
        preexec_fn=limit,
        check=False,
    )
    said, growth = read_growth(done.stdout)
    return End(done.returncode, said, growth, done.stderr)


def read_growth(stdout: str) -> tuple[str, float]:
    """What was said, and the MiB of growth in its last line; not a number where it has none."""
    said, _, last = stdout.rstrip().rpartition("\n")
    # The kernel counts pages on each processor and adds up roughly: without growth it may be just below 0.
    if not last.removeprefix("-").isdigit():
        return stdout, float("nan")
    return said, int(last) / 1024
