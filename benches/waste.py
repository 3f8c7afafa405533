"""What a call takes: system calls, allocations and switches, ours beside the floor's.

Every program runs twice under `strace -c -f`, with few calls and with many; the difference is what the
calls made. Tracing slows a program down, and threads wait for each other more often then: such counts are
an upper bound. In the same way glibc's `libmemusage` counts allocations, but none of an allocator that a
library brings. Switches are counted without either.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benches.environments import Environments
from benches.plan import Contestant
from benches.report import Cells
from benches.rounds import RunError, command, plain_environment, run_process
from benches.served import Address

FEW, MANY = 500, 2_500

HEADINGS = ("work", "library", "system calls a call", "allocations a call", "switches a call", "which")

SYNC, ASYNC = "sync call, typed User", "64 async calls in flight, typed User"

WORK: tuple[tuple[str, Contestant], ...] = (
    (SYNC, Contestant("matterapi", "ours", "benches.cases.sync_call", ("user",))),
    (
        SYNC,
        Contestant(
            "pycurl, bytes", "peer", "benches.cases.peer_calls", ("pycurl", "user"), needs=("pycurl",)
        ),
    ),
    (SYNC, Contestant("a socket, bytes", "peer", "benches.cases.peer_calls", ("socket", "user"), floor=True)),
    (
        ASYNC,
        Contestant("matterapi", "ours", "benches.cases.async_calls", ("matterapi", "64", "asyncio", "plain")),
    ),
    (
        ASYNC,
        Contestant(
            "wreq, bytes",
            "peer",
            "benches.cases.async_peers",
            ("wreq", "64", "asyncio", "plain"),
            needs=("wreq",),
        ),
    ),
    (
        ASYNC,
        Contestant(
            "a hand-written protocol, bytes",
            "peer",
            "benches.cases.async_peers",
            ("protocol", "64", "asyncio", "plain"),
            floor=True,
        ),
    ),
)
"""What is counted; the number of calls is the last argument."""


COUNTING = {"LD_PRELOAD": "libmemusage.so", "PYTHONMALLOC": "malloc"}
"""What has glibc count allocations, those of Python's objects among them."""


def strace() -> str | None:
    """The program, if it is installed."""
    return shutil.which("strace")


def read_counts(summary: str) -> Counter[str]:
    """The system calls by name of what `strace -c` wrote."""
    row = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", re.MULTILINE)
    return Counter({name: int(calls) for calls, name in row.findall(summary) if name != "total"})


def read_allocations(summary: str) -> Counter[str]:
    """The allocations by function of what `libmemusage` wrote; none where it is not to be had."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", summary)
    row = re.compile(r"^\s*(malloc|realloc|calloc)\|\s+(\d+)", re.MULTILINE)
    return Counter({name: int(calls) for name, calls in row.findall(plain)})


def a_call(few: Counter[str], many: Counter[str]) -> dict[str, float]:
    """What one call takes by name, the most frequent first; what rounds to nothing is left out."""
    calls = (MANY - FEW) * 1.1  # The warm-up is a tenth more.
    each = {name: (count - few[name]) / calls for name, count in many.items()}
    return {name: number for name, number in sorted(each.items(), key=lambda one: -one[1]) if number >= 0.005}


def rows(
    environments: Environments, root: Path, address: Address, available: Callable[[Contestant], bool]
) -> list[Cells]:
    """The table's rows; without strace only the allocations and switches.

    Raises:
        RunError: A program failed.
    """

    def row(work: str, contestant: Contestant) -> Cells:
        def program(calls: int) -> list[Path | str]:
            return command(_of(contestant, calls), environments, address)

        many = run_process(_of(contestant, MANY), environments, root, address)
        system, memory = (
            a_call(*(count(program(calls), root, address) for calls in (FEW, MANY)))
            for count in (_system_calls, _allocations)
        )
        return (
            work,
            contestant.name,
            _sum(system),
            _sum(memory),
            f"{many.switches / MANY:.2f}",
            ", ".join(f"{name} {number:.2f}" for name, number in system.items()),
        )

    return [row(work, contestant) for work, contestant in WORK if available(contestant)]


def _sum(each: dict[str, float]) -> str:
    return f"{sum(each.values()):.2f}" if each else ""


def _of(contestant: Contestant, calls: int) -> Contestant:
    return replace(contestant, arguments=(*contestant.arguments, str(calls)))


def _system_calls(program: list[Path | str], root: Path, address: Address) -> Counter[str]:
    tracer = strace()
    if tracer is None:
        return Counter()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "summary")
        _run([tracer, "-c", "-f", "-o", file, *program], root, plain_environment(address))
        return read_counts(file.read_text())


def _allocations(program: list[Path | str], root: Path, address: Address) -> Counter[str]:
    return read_allocations(_run(program, root, plain_environment(address) | COUNTING))


def _run(program: list[Path | str], root: Path, environment: dict[str, str]) -> str:
    """What a program writes to its standard error."""
    done = subprocess.run(
        program,
        cwd=root,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RunError(f"{program} failed:\n{done.stderr}")
    return done.stderr
