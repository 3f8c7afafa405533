"""Fuzzing of the decoder: `python -m tests.fuzz.fuzz_decoder --seconds N [--seed S] [--first N]`.

Each case is a damaged body, read as the answer of an operation, and follows from the seed and its number
alone. The cases run in a process of their own, so that a crash is one more finding.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from typing import Any, NamedTuple

from matterapi.endpoints.operation import Operation

from .bodies import generated_body, operations, recorded_bodies
from .mutations import mutate
from .oracle import complaint, is_taken, shown, shrunk

_MOST_FINDINGS = 10
_PATIENCE = 60.0
_SAME_OPERATION = 0.8


class Case(NamedTuple):
    """A body and the id of the operation whose answer it is taken for."""

    operation: str
    content: bytes

    @property
    def line(self) -> Operation[Any]:
        """The operation's line of the tables."""
        return operations()[self.operation]


@dataclass
class Report:
    """What a run found.

    Attributes:
        passed: Cases without a finding.
        taken: How many of the passed the core decoded without pydantic.
        findings: What was wrong, with the shortest body found that shows it.
    """

    passed: int = 0
    taken: int = 0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join(
            [
                *self.findings,
                f"{self.taken} decoded by the core, {self.passed - self.taken} left to pydantic",
                f"{self.passed} passed, {len(self.findings)} failed",
            ]
        )


def make_case(seed: int, number: int) -> Case:
    """The case of a number: the same one in every process and on every machine."""
    rng = random.Random(f"{seed}:{number}")
    source, other = _body(rng), _body(rng)
    operation = source.operation if rng.random() < _SAME_OPERATION else rng.choice(list(operations()))
    return Case(operation, mutate(rng, source.content, other.content))


def _body(rng: random.Random) -> Case:
    if rng.random() < 0.5:
        return Case(*rng.choice(recorded_bodies()))
    name = rng.choice(list(operations()))
    return Case(name, generated_body(rng, operations()[name].returns))


def run(seconds: float, seed: int, first: int = 0) -> Report:
    """Run cases for a time, in a child process.

    Args:
        seconds: How long; a case that has begun is finished.
        seed: Where the cases come from.
        first: Number of the first case.
    """
    context = multiprocessing.get_context("spawn")
    number = context.Value("q", first)
    answer, send = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(seconds, seed, number, send))
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


def _work(seconds: float, seed: int, number: Synchronized[int], send: Any) -> None:
    logging.getLogger("matterapi").addHandler(logging.NullHandler())
    warnings.simplefilter("error")
    report = Report()
    for case in _cases(seconds, seed, number):
        found = complaint(case.line, case.content)
        if found is None:
            report.passed += 1
            report.taken += is_taken(case.line, case.content)
            continue
        shortest = shrunk(case.line, case.content)
        report.findings.append(
            f"case {number.value} of seed {seed}, {case.operation}: {complaint(case.line, shortest)}\n"
            f"  {shown(shortest)}"
        )
        if len(report.findings) == _MOST_FINDINGS:
            break
    send.send(report)


def _cases(seconds: float, seed: int, number: Synchronized[int]) -> Iterator[Case]:
    recorded_bodies()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield make_case(seed, number.value)
        number.value += 1


def main() -> int:
    """Run from the command line; the exit status says whether something was found."""
    parser = argparse.ArgumentParser(description="Fuzz the core's decoder against pydantic.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--first", type=int, default=0, help="number of the first case, to see one again")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.seconds:g} s", flush=True)
    report = run(arguments.seconds, arguments.seed, arguments.first)
    print(report)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
