"""A short run of the fuzzing of waits, and that it sees what it is there for."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.fuzz.fuzz_retry_after import Fields, _wrong, make_case, work


def test_a_short_run_of_odd_waits_finds_nothing() -> None:
    outcomes = list(work(11, iter(range(40))))
    assert [outcome.finding for outcome in outcomes if outcome.finding] == []
    sorts = Counter(outcome.sort for outcome in outcomes)
    assert len(sorts) > 2


def test_a_case_follows_from_the_seed_and_its_number() -> None:
    assert make_case(1, 7) == make_case(1, 7)
    assert len({make_case(1, number) for number in range(20)}) > 15


@pytest.mark.parametrize(
    ("told", "seconds", "requests"),
    [
        (None, None, 0),
        (None, None, 3),
        (float("nan"), None, 1),
        (float("inf"), None, 1),
        (-1.0, None, 1),
        (7.0, None, 2),
        (None, 7.0, 2),
    ],
)
def test_a_wait_that_is_not_kept_to_is_a_finding(
    told: float | None, seconds: float | None, requests: int
) -> None:
    assert _wrong(told, Fields((), seconds), requests, None)
    assert _wrong(7.0, Fields((), 7.0), 1, None) is None
    assert _wrong(0.0, Fields((), 0.0), 2, None) is None
