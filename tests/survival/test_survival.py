"""A listener that is cut off in every way gets everything, once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from matterapi.testing import MattermostServer
from tests.support.effort import usually

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


def killed(share: int, seed: int) -> list[Outcome]:
    """Runs with that many kills of the listener at least."""
    outcomes: list[Outcome] = []
    while sum(outcome.figures.cuts for outcome in outcomes) < share:
        with planned("client", "async" if seed % 2 else "sync") as plan:
            often = replace(plan, seconds=15, kill_after=(0.3, 1.5), seed=seed + 1000 * len(outcomes))
            outcomes.append(run(often))
    return outcomes


@pytest.mark.timeout(usually(120, 900))
def test_w21_a_listener_that_is_killed_at_random_loses_nothing() -> None:
    kills, together = usually(50, 200), 5
    with ThreadPoolExecutor(together) as executor:
        runs = executor.map(killed, [kills // together] * together, range(together))
        figures = [outcome.figures for outcomes in runs for outcome in outcomes]
    assert all(found.is_good for found in figures), table(figures)
    assert sum(found.cuts for found in figures) >= kills


def silence(peer: str) -> Outcome:
    with planned("silence", peer) as plan:
        return run(replace(plan, patience=5, settle=0))


def test_other_libraries_lose_posts_to_a_silence() -> None:
    peers = ("mattermostdriver", "mattermostautodriver")
    with ThreadPoolExecutor(len(peers)) as executor:
        figures = [outcome.figures for outcome in executor.map(silence, peers)]
    # Each was connected, and got what it could.
    assert all(0 < found.lost_posts < found.posts for found in figures), table(figures)
