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
