import pytest

from benches.cases.measure import Sample
from benches.figures import figures


def sample(calls: int, memory: float) -> Sample:
    return Sample(calls, seconds=1.0, cpu_seconds=1.0, outcome="same", memory=memory)


def test_figures_are_medians_and_bests_of_the_rounds() -> None:
    shown = figures([sample(100, 30), sample(1_000, 10), sample(200, 20)])

    assert (shown.rate, shown.best_rate) == (200, 1_000)
    assert (shown.cpu, shown.best_cpu) == pytest.approx((0.005, 0.001))
    assert (shown.memory, shown.best_memory) == (20, 10)


def test_the_spread_is_from_the_lowest_to_the_highest_as_a_part_of_the_median() -> None:
    shown = figures([sample(90, 0), sample(100, 0), sample(120, 0)])

    assert shown.rate_spread == pytest.approx(0.3)
    assert shown.cpu_spread == pytest.approx((1 / 90 - 1 / 120) * 100)
    assert figures([sample(90, 0)]).rate_spread == 0


def test_delays_are_judged_by_the_middle_round_as_well() -> None:
    samples = [Sample(1, 1.0, 1.0, "same", p50=p50, p99=p50 * 3) for p50 in (0.2, 0.1, 0.4)]

    shown = figures(samples)

    assert (shown.p50, shown.best_p50) == (0.2, 0.1)
    assert (shown.p99, shown.best_p99) == pytest.approx((0.6, 0.3))
