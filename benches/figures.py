"""From the samples of one library to what is said about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

from benches.cases.measure import Sample


@dataclass(frozen=True)
class Figures:
    """What is said about one contestant: medians of the rounds, and the best of them.

    Args:
        rate: Calls, events or posts in a second.
        best_rate: The highest of them.
        cpu: Processor time of a call, event or post in seconds.
        best_cpu: The lowest of them.
        memory: Bytes, of what the case says; 0 if not measured.
        best_memory: The lowest of them.
        p50: Seconds that half of what was timed took at most; 0 if not measured.
        best_p50: The lowest of them.
        p99: Seconds that 99 of 100 took at most.
        best_p99: The lowest of them.
        rate_spread: By how much the rounds' rates differ, as a part of the median.
        cpu_spread: The same of processor time.
    """

    rate: float
    best_rate: float
    cpu: float
    best_cpu: float
    memory: float = 0
    best_memory: float = 0
    p50: float = 0
    best_p50: float = 0
    p99: float = 0
    best_p99: float = 0
    rate_spread: float = 0
    cpu_spread: float = 0


def figures(samples: list[Sample]) -> Figures:
    """The figures of one contestant's rounds."""
    rates = [sample.calls / sample.seconds for sample in samples]
    costs = [sample.cpu_seconds / sample.calls for sample in samples]
    memory = [sample.memory for sample in samples]
    halves = [sample.p50 for sample in samples]
    most = [sample.p99 for sample in samples]
    measured = (rates, max), (costs, min), (memory, min), (halves, min), (most, min)
    shown = [figure for values, best in measured for figure in (median(values), best(values))]
    return replace(Figures(*shown), rate_spread=_spread(rates), cpu_spread=_spread(costs))


def _spread(values: list[float]) -> float:
    middle = median(values)
    return (max(values) - min(values)) / middle if middle else 0.0
