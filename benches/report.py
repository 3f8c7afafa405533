"""From figures to the table. Pure functions: no clock and no process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benches.figures import Figures, figures
from benches.plan import Case, Contestant, Shown
from benches.rounds import Samples
from benches.targets import MEBIBYTE

Cells = tuple[str, ...]

Show = Callable[[Figures], str]
Compare = Callable[[Figures, Figures], float]


@dataclass(frozen=True)
class Block:
    """A case's rows of the table.

    Args:
        rows: Its cells: ours, then those of each of the others with our ratio to it.
        led: Whether another library is ahead of us; the floor is none.
    """

    rows: list[Cells]
    led: bool


def _rate(shown: Figures) -> str:
    return f"{shown.rate:,.0f} ({shown.best_rate:,.0f}){_spread(shown.rate_spread)}"


def _cpu(shown: Figures) -> str:
    return f"{duration(shown.cpu)} ({duration(shown.best_cpu)}){_spread(shown.cpu_spread)}"


def _spread(part: float) -> str:
    """Nothing after a single round."""
    return f" ±{part / 2:.0%}" if part else ""


def _memory(shown: Figures) -> str:
    return f"{size(shown.memory)} ({size(shown.best_memory)})" if shown.memory else ""


def _p50(shown: Figures) -> str:
    return f"{duration(shown.p50)} ({duration(shown.best_p50)})"


def _p99(shown: Figures) -> str:
    return f"{duration(shown.p99)} ({duration(shown.best_p99)})"


FIGURES: dict[str, Show] = {
    "per second (best)": _rate,
    "CPU (best)": _cpu,
    "memory (best)": _memory,
    "p50 (best)": _p50,
    "p99 (best)": _p99,
}
"""What is said about a library, by heading."""

RATIOS: dict[str, Compare] = {
    "throughput x": lambda ours, theirs: ours.rate / theirs.rate,
    "speed x": lambda ours, theirs: theirs.cpu / ours.cpu,
    "CPU x": lambda ours, theirs: ours.cpu / theirs.cpu,
    "memory x": lambda ours, theirs: ours.memory / theirs.memory if theirs.memory else 0,
    "p50 x": lambda ours, theirs: ours.p50 / theirs.p50,
    "p99 x": lambda ours, theirs: ours.p99 / theirs.p99,
}
"""Of our figures, the first, to another's, the second, by heading; 0 if there is none."""

SHOWN: dict[Shown, frozenset[str]] = {
    "rates": frozenset({"per second (best)", "CPU (best)", "throughput x", "CPU x"}),
    "timed": frozenset(
        {
            "per second (best)",
            "CPU (best)",
            "p50 (best)",
            "p99 (best)",
            "throughput x",
            "CPU x",
            "p50 x",
            "p99 x",
        }
    ),
    "costs": frozenset({"CPU (best)", "memory (best)", "speed x", "memory x"}),
    "delays": frozenset({"CPU (best)", "p50 (best)", "p99 (best)", "CPU x", "p50 x", "p99 x"}),
}
"""Which of them a case shows."""

HEADINGS = ("case", "server", "library", *FIGURES, *RATIOS, "target")


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them: `2.10 µs`, `62.0 ms`."""
    return f"{seconds * 1e6:.2f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def size(count: float) -> str:
    """Bytes in the unit that suits them: `2,611 B`, `28.0 MiB`."""
    return f"{count:,.0f} B" if count < MEBIBYTE else f"{count / MEBIBYTE:.1f} MiB"


def block(case: Case, contestants: tuple[Contestant, ...], samples: Samples, server: str) -> Block:
    """The case's rows.

    A throughput or speed of 5.00x says that ours is five times theirs; a processor time or memory of
    0.20x says that ours is a fifth of theirs.

    Args:
        case: The case.
        contestants: Who took part: we first.
        samples: What was measured.
        server: The name of the server, "" if there was none.
    """
    ours, *others = contestants
    mine = figures(samples[ours.name])
    shown = SHOWN[case.shown]
    said = _figures(shown, mine)
    rows = [(case.title, server, ours.name, *said, *("",) * len(RATIOS), _verdicts(ours, mine, mine))]
    led = False
    for other in others:
        theirs = figures(samples[other.name])
        ratios = (
            f"{ratio:.2f}x" if name in shown and (ratio := compare(mine, theirs)) else ""
            for name, compare in RATIOS.items()
        )
        rows.append(("", "", other.name, *_figures(shown, theirs), *ratios, _verdicts(other, mine, theirs)))
        led = led or (other.environment == "peer" and not other.floor and _ahead(shown, mine, theirs))
    return Block(rows, led)


def _figures(shown: frozenset[str], of: Figures) -> Cells:
    return tuple(show(of) if name in shown else "" for name, show in FIGURES.items())


def _ahead(shown: frozenset[str], ours: Figures, theirs: Figures) -> bool:
    """Whether theirs are better than ours in what counts most in the case."""
    if "throughput x" in shown:
        return theirs.rate > ours.rate
    return theirs.cpu < ours.cpu if "speed x" in shown else theirs.p50 < ours.p50


def _verdicts(contestant: Contestant, ours: Figures, theirs: Figures) -> str:
    return ", ".join(target.verdict(ours, theirs) for target in contestant.targets)


def table(blocks: list[Block]) -> str:
    """A Markdown table whose columns line up in a terminal too.

    The cases in which another library is ahead come first; columns without any figure are left out.
    """
    ordered = [*(one for one in blocks if one.led), *(one for one in blocks if not one.led)]
    return lined([HEADINGS, *(row for one in ordered for row in one.rows)])


def lined(lines: list[Cells]) -> str:
    """The same for any lines, headings first."""
    used = [any(column[1:]) for column in zip(*lines, strict=True)]
    lines = [tuple(cell for cell, keep in zip(line, used, strict=True) if keep) for line in lines]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [_line(line, widths) for line in lines]
    text.insert(1, "|".join(["", *("-" * (width + 2) for width in widths), ""]))
    return "\n".join(text)


def _line(cells: Cells, widths: list[int]) -> str:
    padded = (f" {cell:<{width}} " for cell, width in zip(cells, widths, strict=True))
    return "|".join(["", *padded, ""])


def tally(blocks: list[Block]) -> str:
    """How many targets were met, and which were not, by case and library."""
    met, missed, title = 0, [], ""
    for one in blocks:
        for case, _, library, *_, verdicts in one.rows:
            title = case or title
            met += verdicts.count(": met")
            missed += [f"{title}, {library}: {text}" for text in verdicts.split(", ") if "MISSED" in text]
    lines = [f"{met} targets met, {len(missed)} missed" + (":" if missed else "")]
    return "\n".join([*lines, *(f"* {text}" for text in missed)])
