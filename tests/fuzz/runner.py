"""What all fuzzing has in common: numbered cases, run for a time in a process of their own, and a report.

A case follows from the seed and its number alone, so that it can be seen again. The process is a child, so
that a crash or a hang of it is one more finding.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.sharedctypes import Synchronized
from typing import Any, NamedTuple, TypeAlias

_MOST_FINDINGS = 10
_PATIENCE = 60.0


class Outcome(NamedTuple):
    """How a case ended.

    Attributes:
        sort: What is counted, such as `decoded by the core`.
        finding: What was wrong, if anything was.
    """

    sort: str
    finding: str | None = None


Work: TypeAlias = Callable[[int, Iterator[int]], Iterator[Outcome]]
"""Runs the cases of a seed by their numbers; defined at the top of a module, so that a child can have it."""


@dataclass
class Report:
    """What a run found.

    Attributes:
        passed: Cases without a finding.
        sorts: How many of them were of which sort.
        findings: What was wrong.
    """

    passed: int = 0
    sorts: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        sorts = ", ".join(f"{count} {sort}" for sort, count in self.sorts.most_common())
        return "\n".join([*self.findings, sorts, f"{self.passed} passed, {len(self.findings)} failed"])


def run(work: Work, seconds: float, seed: int, first: int = 0, most: int | None = None) -> Report:
    """Run cases for a time, in a child process.

    Args:
        work: Runs them.
        seconds: How long; a case that has begun is finished.
        seed: Where the cases come from.
        first: Number of the first case.
        most: How many cases; by default as many as there is time for.
    """
    context = multiprocessing.get_context("spawn")
    number = context.Value("q", first)
    answer, send = context.Pipe(duplex=False)
    child = context.Process(target=_report, args=(work, seed, (seconds, most), number, send))
    child.start()
    send.close()
    report = Report()
    try:
        if answer.poll(seconds + _PATIENCE):
            report = answer.recv()
        else:
            report.findings.append(f"case {number.value} of seed {seed} does not end")
            child.kill()
    except EOFError:
        pass
    child.join()
    if child.exitcode and not report.findings:
        report.passed = number.value - first
        report.findings.append(f"case {number.value} of seed {seed} ended the process: {child.exitcode}")
    return report


def _report(
    work: Work, seed: int, limits: tuple[float, int | None], number: Synchronized[int], send: Any
) -> None:
    seconds, most = limits
    # What the library logs of odd things is not looked at; what Python warns of is a finding.
    logging.getLogger("matterapi").addHandler(logging.NullHandler())
    logging.getLogger("matterapi").propagate = False
    warnings.simplefilter("error")
    report = Report()
    for sort, finding in work(seed, islice(_numbers(seconds, number), most)):
        if finding is None:
            report.passed += 1
            report.sorts[sort] += 1
            continue
        report.findings.append(f"case {number.value} of seed {seed}, {finding}")
        if len(report.findings) == _MOST_FINDINGS:
            break
    send.send(report)


def _numbers(seconds: float, number: Synchronized[int]) -> Iterator[int]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield number.value
        number.value += 1


def main(work: Work, description: str) -> int:
    """Run from the command line; the exit status says whether something was found."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to see one again")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:g} s", flush=True)
    report = run(work, arguments.seconds, arguments.seed, arguments.first)
    print(report)
    return 1 if report.findings else 0
