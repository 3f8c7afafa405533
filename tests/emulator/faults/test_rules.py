"""How often a fault happens: `times`, `skip` and `probability`, counted by happenings and by occasions."""

from __future__ import annotations

from matterapi.testing.faults import Status
from matterapi.testing.faults.rules import Faults


def drawn(occasions: int, **options: float) -> list[bool]:
    """Whether a fault happens on each of so many occasions."""
    rule = Faults(lambda: iter(())).add(Status(503), **options)  # type: ignore[arg-type]
    return [rule.draw() for _ in range(occasions)]


def test_times_counts_happenings_and_not_occasions() -> None:
    happened = drawn(200, probability=0.25, times=7, seed=3)
    assert sum(happened) == 7
    last = len(happened) - 1 - happened[::-1].index(True)
    assert last >= 7


def test_times_begins_after_what_is_skipped() -> None:
    assert drawn(6, skip=2, times=3) == [False, False, True, True, True, False]


def test_without_times_there_is_no_end() -> None:
    assert drawn(50) == [True] * 50


def test_a_rule_is_active_until_it_is_used_up_or_removed() -> None:
    faults = Faults(lambda: iter(()))
    rule = faults.add(Status(503), times=2, probability=0.5, seed=1)
    while rule.is_active:
        rule.draw()
    other = faults.add(Status(503))
    assert other.is_active
    other.remove()
    assert not other.is_active
