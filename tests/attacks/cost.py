"""How the cost of work grows with its input: attacks live on growth that is not linear."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input")

MOST = 3.0
"""Twice the input may cost this many times as much: 2 is linear, 4 quadratic."""

_NOTHING = 0.002
"""Seconds of work too short to be compared."""

_PAGE = 8e-6
"""Seconds that a page of memory may cost which the kernel gives: how many it gives grows in steps."""

_MEMORY = 32
"""Bytes that work takes at most for each byte of its input, if it is linear."""

_TRIES = 7


def cost(work: Callable[[Input], object], given: Input, runs: int = 1) -> float:
    """Seconds of processor time of this thread, the best of the runs: what else runs does not count.

    Without garbage collection, which costs what the whole process holds.
    """
    best = float("inf")
    gc.disable()
    try:
        for _ in range(runs):
            start = time.thread_time()
            work(given)
            best = min(best, time.thread_time() - start)
    finally:
        gc.enable()
    return best


def assert_linear(work: Callable[[Input], object], make: Callable[[int], Input], size: int) -> None:
    """Fail if twice the input costs much more than twice the work.

    Noise only ever adds to a measurement, and rarely to all: one linear pair of several tries is proof.

    Args:
        work: What is judged; what it raises is the test's business, so it should raise nothing.
        make: The worst input of a size.
        size: Of the smaller input.
    """
    small, large = make(size), make(2 * size)
    found = []
    for _ in range(_TRIES):
        before = _pages()
        if (twice := cost(work, large)) <= _NOTHING:
            return
        # What takes more memory than by the size of its input is not excused.
        pages = min(_pages() - before, 2 * size * _MEMORY // resource.getpagesize())
        if twice <= MOST * (once := cost(work, small, runs=2)) + _PAGE * pages:
            return
        found.append(f"{once:.4f} s, then {twice:.4f} s")
    raise AssertionError(f"twice the input costs more than {MOST:g} times as much: {found}")


def _pages() -> int:
    """How many pages the kernel has given to this thread, or to the process where it does not tell."""
    return resource.getrusage(getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)).ru_minflt
