import pytest

from benches.cases.measure import Sample
from benches.plan import Case, Contestant
from benches.rounds import RunError, run_case

OURS = Contestant("ours", "ours", "module", ())
THEIRS = Contestant("theirs", "peer", "module", ())
CASE = Case("c", "a case", (OURS, THEIRS))


def sample(outcome: str) -> Sample:
    return Sample(calls=1, seconds=1.0, cpu_seconds=1.0, outcome=outcome)


def test_the_libraries_take_turns() -> None:
    order: list[str] = []

    def run(contestant: Contestant) -> Sample:
        order.append(contestant.name)
        return sample("same")

    samples = run_case(CASE, 2, run)

    assert order == ["ours", "theirs", "ours", "theirs"]
    assert {name: len(taken) for name, taken in samples.items()} == {"ours": 2, "theirs": 2}


def test_different_results_are_no_comparison() -> None:
    with pytest.raises(RunError, match="do not return the same"):
        run_case(CASE, 1, lambda contestant: sample(contestant.name))
