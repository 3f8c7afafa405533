"""The figures of a run, and tables of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from .oracle import Truth, Verdict
from .records import Record
from .writer import Written


@dataclass(frozen=True)
class Figures:
    """What a run has shown.

    Attributes:
        mode: How it was cut.
        client: `sync` or `async`.
        posts: Posts that the server has or had; those of unanswered calls are among them.
        edits: Edits that the server confirmed.
        deletes: Posts that are deleted.
        failed: The writer's calls that failed, as the server was away.
        lost_posts: See `Verdict`, and so the following.
        lost_deletes: See `Verdict`.
        lost_revisions: See `Verdict`.
        twice: See `Verdict`.
        needless: See `Verdict`.
        vanished: Posts that the server itself has lost.
        recovered: Events that came by REST.
        reconnects: Connections after the first of a process.
        resumed: Those of them that went on with the server's stream.
        processes: Listeners, one after the other.
        cuts: What was done to the connection, the server or the listener.
        gaps: Notices of what could not be proved.
        seconds: From the writer's last call until all was there; below 0 if it was there before the answer.
    """

    mode: str
    client: str
    posts: int
    edits: int
    deletes: int
    failed: int
    lost_posts: int
    lost_deletes: int
    lost_revisions: int
    twice: int
    needless: int
    vanished: int
    recovered: int
    reconnects: int
    resumed: int
    processes: int
    cuts: int
    gaps: int
    seconds: float

    @property
    def is_good(self) -> bool:
        lost = self.lost_posts + self.lost_deletes + self.lost_revisions + self.vanished
        return lost == self.twice == 0


def figures(
    *,
    mode: str,
    client: str,
    cuts: int,
    written: Written,
    truth: Truth,
    records: list[Record],
    verdict: Verdict,
) -> Figures:
    """Count."""
    connected = [record for record in records if record.kind == "Connected"]
    processes = len({record.run for record in connected})
    return Figures(
        mode=mode,
        client=client,
        posts=len(truth.messages) + len(truth.deleted),
        edits=written.edits,
        deletes=len(truth.deleted),
        failed=written.failed,
        lost_posts=len(verdict.lost_posts),
        lost_deletes=len(verdict.lost_deletes),
        lost_revisions=len(verdict.lost_revisions),
        twice=len(verdict.twice),
        needless=verdict.needless,
        vanished=len(truth.vanished),
        recovered=sum(record.recovered for record in records),
        reconnects=len(connected) - processes,
        resumed=sum(record.resumed for record in connected),
        processes=processes,
        cuts=cuts,
        gaps=sum(record.kind == "GapNotice" for record in records),
        seconds=round(verdict.complete_at - written.last_at, 1),
    )


def table(runs: Iterable[Figures]) -> str:
    """A line for each figure, a column for each run."""
    columns = [asdict(run) for run in runs]
    lines = [[name.replace("_", " "), *(str(column[name]) for column in columns)] for name in columns[0]]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]) for line in lines
    )
