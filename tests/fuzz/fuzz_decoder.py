"""Fuzzing of the decoder: `python -m tests.fuzz.fuzz_decoder --seconds N [--seed S] [--first N]`.

Each case is a damaged body, read as the answer of an operation.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from matterapi.calls.operation import Operation

from .bodies import generated_body, operations, recorded_bodies
from .mutations import mutate
from .oracle import complaint, is_taken, shown, shrunk
from .runner import Outcome, main

_SAME_OPERATION = 0.8


class Case(NamedTuple):
    """A body and the id of the operation whose answer it is taken for."""

    operation: str
    content: bytes

    @property
    def line(self) -> Operation[Any]:
        """The operation's line of the tables."""
        return operations()[self.operation]


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


def work(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    """Decode the bodies of a seed; see `runner.Work`."""
    recorded_bodies()
    for number in numbers:
        case = make_case(seed, number)
        if complaint(case.line, case.content) is not None:
            shortest = shrunk(case.line, case.content)
            found = f"{case.operation}: {complaint(case.line, shortest)}\n  {shown(shortest)}"
            yield Outcome("", found)
        elif is_taken(case.line, case.content):
            yield Outcome("decoded by the core")
        else:
            yield Outcome("left to pydantic")


if __name__ == "__main__":
    sys.exit(main(work, "Fuzz the core's decoder against pydantic."))
