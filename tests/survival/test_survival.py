"""A listener that is cut off in every way gets everything, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from matterapi.testing import MattermostServer

from .report import table
from .run import CUTS, MODES, Outcome, Plan, run
from .server import Embedded

SHORT: dict[str, float] = {"seconds": 12, "away": 3, "patience": 60}
CUT_AFTER = (1.5, 2.5)
SILENT_FOR = 2.0
"""A client takes 40 s to find out by itself. Here a machine in between has forgotten the connection and says
so to the client only; the server does not hear of it, and so refuses to go on with its stream."""


@contextmanager
def planned(mode: str, client: str) -> Iterator[Plan]:
    with MattermostServer() as server:
        yield Plan(
            url=server.url,
            token=server.admin.token,
            mode=mode,
            server=Embedded(server),
            client=client,
            cut_after=CUT_AFTER,
            silent_for=SILENT_FOR,
            kill_after=(0.5, 2.5),
            **SHORT,  # type: ignore[arg-type]
        )


def survive(mode: str, client: str) -> Outcome:
    with planned(mode, client) as plan:
        return run(plan)


def skip(client: str) -> Outcome:
    """A listener that fetches nothing; so nothing is waited for."""
    with planned("kill", client) as plan:
        return run(replace(plan, missed="skip", patience=1, settle=0))


def test_nothing_is_lost_and_nothing_comes_twice_whatever_is_cut(kind: str) -> None:
    with ThreadPoolExecutor(len(MODES) + 1) as executor:
        runs = {mode: executor.submit(survive, mode, kind) for mode in MODES}
        skipping = executor.submit(skip, kind)
        outcomes = {mode: each.result() for mode, each in runs.items()}
    shown = table(outcome.figures for outcome in outcomes.values())
    assert all(outcome.figures.is_good for outcome in outcomes.values()), (
        shown,
        {mode: outcome.verdict for mode, outcome in outcomes.items()},
    )
    for mode, outcome in outcomes.items():
        found = outcome.figures
        # What was to happen has happened.
        assert min(found.posts, found.edits, found.deletes, found.cuts) > 0, shown
        assert found.gaps == 0, shown
        if mode in CUTS:
            assert found.reconnects > 0, shown
        if mode in {"silence", "restart", "kill"}:
            assert found.recovered > 0, shown
        if mode == "client":
            assert found.processes > 1, shown
    lost = skipping.result().figures
    assert not lost.is_good, "a listener that fetches nothing loses nothing: the test sees no loss"
