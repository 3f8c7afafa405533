"""What our figures should be beside another library's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benches.figures import Figures

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Target:
    """A limit for one of our figures.

    Args:
        text: As in the table.
        met: Whether our figures, the first, keep it beside another's, the second.
    """

    text: str
    met: Callable[[Figures, Figures], bool]

    def verdict(self, ours: Figures, theirs: Figures) -> str:
        """The target and whether it was met."""
        return f"{self.text}: {'met' if self.met(ours, theirs) else 'MISSED'}"


def faster(factor: float) -> Target:
    """At least `factor` times as many in a second."""
    return Target(f"{factor:g}x", lambda ours, theirs: ours.rate >= factor * theirs.rate)


def quicker(factor: float) -> Target:
    """At most the `factor`th part of the processor time; 0.5 allows twice the time."""
    return Target(f"{factor:.2g}x", lambda ours, theirs: factor * ours.cpu <= theirs.cpu)


def at_cpu(part: float) -> Target:
    """At most this part of the processor time."""
    return Target(f"{part:g}x CPU", lambda ours, theirs: ours.cpu <= part * theirs.cpu)


def memory_below(factor: float) -> Target:
    """At most `factor` times the memory."""
    return Target(f"{factor:g}x memory", lambda ours, theirs: ours.memory <= factor * theirs.memory)


def later_by(milliseconds: float) -> Target:
    """At most so much more processor time than the other."""
    return Target(f"+{milliseconds:g} ms", lambda ours, theirs: ours.cpu - theirs.cpu <= milliseconds / 1e3)


def within(mebibytes: float) -> Target:
    """At most so much memory, whatever the other takes."""
    return Target(f"{mebibytes:g} MiB", lambda ours, _: ours.memory <= mebibytes * MEBIBYTE)


def ready_in(milliseconds: float) -> Target:
    """At most so long from start to end, whatever the other takes."""
    return Target(f"{milliseconds:g} ms", lambda ours, _: ours.rate * milliseconds >= 1e3)


def at_least(rate: float) -> Target:
    """At least so many in a second, whatever the other does."""
    return Target(f"{rate:,g}/s", lambda ours, _: ours.rate >= rate)


def evenly(factor: float) -> Target:
    """One of a hundred takes at most so many times as long as the middle one, whatever the other does."""
    return Target(f"p99 {factor:g}x p50", lambda ours, _: ours.p99 <= factor * ours.p50)
