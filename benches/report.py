"""From samples to the table. Pure functions: no clock and no process."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benches.cases.measure import Sample
from benches.plan import Case
from benches.rounds import Samples

HEADINGS = ("case", "library", "per second (best)", "CPU µs (best)", "throughput", "CPU", "target")


@dataclass(frozen=True)
class Figures:
    """What is said about one contestant.

    Args:
        rate: Calls or events in a second, the median of the rounds.
        best_rate: The highest of them.
        cpu: Processor time of a call or event in microseconds, the median of the rounds.
        best_cpu: The lowest of them.
    """

    rate: float
    best_rate: float
    cpu: float
    best_cpu: float


def figures(samples: list[Sample]) -> Figures:
    """The figures of one contestant's rounds."""
    rates = [sample.calls / sample.seconds for sample in samples]
    costs = [sample.cpu_seconds / sample.calls * 1e6 for sample in samples]
    return Figures(median(rates), max(rates), median(costs), min(costs))


def rows(case: Case, samples: Samples) -> list[tuple[str, ...]]:
    """The case's rows of the table: ours, then one for each of the others with our ratio to it.

    A throughput of 5.0x says that ours is five times theirs; a processor time of 0.20x says that ours
    is a fifth of theirs.
    """
    ours, *others = (contestant.name for contestant in case.contestants)
    mine = figures(samples[ours])
    lines: list[tuple[str, ...]] = [(case.title, *_cells(ours, mine), "", "", "")]
    for index, other in enumerate(others):
        theirs = figures(samples[other])
        ratio = mine.rate / theirs.rate
        verdict = _verdict(ratio, case.target if index == 0 else None)
        cells = _cells(other, theirs)
        lines.append(("", *cells, f"{ratio:.1f}x", f"{mine.cpu / theirs.cpu:.2f}x", verdict))
    return lines


def _cells(name: str, shown: Figures) -> tuple[str, str, str]:
    return (
        name,
        f"{shown.rate:,.0f} ({shown.best_rate:,.0f})",
        f"{shown.cpu:,.1f} ({shown.best_cpu:,.1f})",
    )


def _verdict(ratio: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"{target:g}x: {'met' if ratio >= target else 'MISSED'}"


def table(body: list[tuple[str, ...]]) -> str:
    """A Markdown table whose columns line up in a terminal too."""
    lines = [HEADINGS, *body]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "|".join(["", *("-" * (width + 2) for width in widths), ""]))
    return "\n".join(text)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|".join(["", *padded, ""])
