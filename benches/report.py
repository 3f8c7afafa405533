"""From figures to tables. Pure functions: no clock and no process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benches.figures import Figures, figures
from benches.plan import Case, Contestant, Shown
from benches.rounds import Samples
from benches.targets import MEBIBYTE

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """A kind of table. Its columns: case and library, figures, ratios, targets.

    Args:
        figures: Headings of the figures.
        ratios: Headings of the ratios, ours to each of the others.
        show: The cells of a library's figures.
        compare: The cells of the ratios of our figures, the first, to another's, the second.
    """

    figures: Cells
    ratios: Cells
    show: Callable[[Figures], Cells]
    compare: Callable[[Figures, Figures], Cells]

    @property
    def headings(self) -> Cells:
        """All headings."""
        return ("case", "library", *self.figures, *self.ratios, "target")


def _show_rates(shown: Figures) -> Cells:
    return (
        f"{shown.rate:,.0f} ({shown.best_rate:,.0f})",
        f"{shown.cpu * 1e6:,.1f} ({shown.best_cpu * 1e6:,.1f})",
    )


def _compare_rates(ours: Figures, theirs: Figures) -> Cells:
    return f"{ours.rate / theirs.rate:.1f}x", f"{ours.cpu / theirs.cpu:.2f}x"


def _show_costs(shown: Figures) -> Cells:
    return (
        f"{duration(shown.cpu)} ({duration(shown.best_cpu)})",
        f"{size(shown.memory)} ({size(shown.best_memory)})" if shown.memory else "",
    )


def _compare_costs(ours: Figures, theirs: Figures) -> Cells:
    memory = f"{ours.memory / theirs.memory:.2f}x" if theirs.memory else ""
    return f"{theirs.cpu / ours.cpu:.2f}x", memory


def _show_delays(shown: Figures) -> Cells:
    return (
        f"{duration(shown.p50)} ({duration(shown.best_p50)})",
        f"{duration(shown.p99)} ({duration(shown.best_p99)})",
        f"{shown.cpu * 1e6:,.1f} ({shown.best_cpu * 1e6:,.1f})",
    )


def _compare_delays(ours: Figures, theirs: Figures) -> Cells:
    return tuple(f"{mine / other:.2f}x" for mine, other in ((ours.p50, theirs.p50), (ours.p99, theirs.p99)))


LAYOUTS: dict[Shown, Layout] = {
    "rates": Layout(
        ("per second (best)", "CPU µs (best)"), ("throughput", "CPU"), _show_rates, _compare_rates
    ),
    "costs": Layout(
        ("CPU (best)", "memory (best)"),
        ("speed", "memory"),
        _show_costs,
        _compare_costs,
    ),
    "delays": Layout(
        ("p50 (best)", "p99 (best)", "CPU µs (best)"),
        ("p50", "p99"),
        _show_delays,
        _compare_delays,
    ),
}


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them: `2.10 µs`, `62.0 ms`."""
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def size(count: float) -> str:
    """Bytes in the unit that suits them: `2,611 B`, `28.0 MiB`."""
    return f"{count:,.0f} B" if count < MEBIBYTE else f"{count / MEBIBYTE:.1f} MiB"


def rows(case: Case, samples: Samples) -> list[Cells]:
    """The case's rows of its table: ours, then one for each of the others with our ratio to it.

    A throughput or speed of 5.0x says that ours is five times theirs; a processor time or memory of
    0.20x says that ours is a fifth of theirs.
    """
    layout = LAYOUTS[case.shown]
    ours, *others = case.contestants
    mine = figures(samples[ours.name])
    no_ratios = ("",) * len(layout.ratios)
    lines = [(case.title, ours.name, *layout.show(mine), *no_ratios, _verdicts(ours, mine, mine))]
    for other in others:
        theirs = figures(samples[other.name])
        ratios = layout.compare(mine, theirs)
        lines.append(("", other.name, *layout.show(theirs), *ratios, _verdicts(other, mine, theirs)))
    return lines


def _verdicts(contestant: Contestant, ours: Figures, theirs: Figures) -> str:
    return ", ".join(target.verdict(ours, theirs) for target in contestant.targets)


def table(layout: Layout, body: list[Cells]) -> str:
    """A Markdown table whose columns line up in a terminal too."""
    lines = [layout.headings, *body]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "|".join(["", *("-" * (width + 2) for width in widths), ""]))
    return "\n".join(text)


def _line(cells: Cells, widths: list[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|".join(["", *padded, ""])
