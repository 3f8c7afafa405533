"""What a call wastes: system calls and switches, ours beside the floor's.

Every program runs twice under `strace -c -f`, with few calls and with many; the difference is what the calls
made. Tracing slows a program down, and threads wait for each other more often then: such counts are an upper
bound. Switches are counted without it.
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

HEADINGS = ("work", "library", "system calls a call", "switches a call", "which")

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


def strace() -> str | None:
    """The program, if it is installed."""
    return shutil.which("strace")


def read_counts(summary: str) -> Counter[str]:
    """The calls by name of what `strace -c` wrote."""
    row = re.compile(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$", re.MULTILINE)
    return Counter({name: int(calls) for calls, name in row.findall(summary) if name != "total"})


def a_call(few: Counter[str], many: Counter[str]) -> dict[str, float]:
    """System calls of one call by name, the most frequent first; what rounds to nothing is left out."""
    calls = (MANY - FEW) * 1.1  # The warm-up is a tenth more.
    each = {name: (count - few[name]) / calls for name, count in many.items()}
    return {name: number for name, number in sorted(each.items(), key=lambda one: -one[1]) if number >= 0.005}


def rows(
    environments: Environments, root: Path, address: Address, available: Callable[[Contestant], bool]
) -> list[Cells]:
    """The table's rows; without strace only the switches.

    Raises:
        RunError: A program failed.
    """
    lines: list[Cells] = []
    for work, contestant in WORK:
        if not available(contestant):
            continue
        switches = run_process(_of(contestant, MANY), environments, root, address).switches / MANY
        each = _traced(contestant, environments, root, address) if strace() else {}
        which = ", ".join(f"{name} {number:.2f}" for name, number in each.items())
        lines.append(
            (work, contestant.name, f"{sum(each.values()):.2f}" if each else "", f"{switches:.2f}", which)
        )
    return lines


def _of(contestant: Contestant, calls: int) -> Contestant:
    return replace(contestant, arguments=(*contestant.arguments, str(calls)))


def _traced(
    contestant: Contestant, environments: Environments, root: Path, address: Address
) -> dict[str, float]:
    few, many = (
        _counts(command(_of(contestant, calls), environments, address), root, address)
        for calls in (FEW, MANY)
    )
    return a_call(few, many)


def _counts(program: list[Path | str], root: Path, address: Address) -> Counter[str]:
    tracer = strace() or "strace"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "summary")
        done = subprocess.run(
            [tracer, "-c", "-f", "-o", file, *program],
            cwd=root,
            env=plain_environment(address),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise RunError(f"strace failed:\n{done.stderr}")
        return read_counts(file.read_text())
