from benches.cases.measure import Sample
from benches.plan import Case, Contestant
from benches.report import figures, rows, table

OURS = Contestant("ours", "ours", "module", ())
THEIRS = Contestant("theirs", "peer", "module", ())
OTHERS = Contestant("others", "peer", "module", ())


def sample(calls: int, cpu_seconds: float = 1.0) -> Sample:
    return Sample(calls, seconds=1.0, cpu_seconds=cpu_seconds, outcome="same")


def test_figures_are_medians_and_bests_of_the_rounds() -> None:
    shown = figures([sample(100), sample(900), sample(200)])

    assert (shown.rate, shown.best_rate) == (200, 900)
    assert shown.cpu == 5_000
    assert round(shown.best_cpu) == 1_111


def test_ratios_are_ours_to_each_of_the_others() -> None:
    case = Case("c", "a case", (OURS, THEIRS, OTHERS), target=5)
    samples = {"ours": [sample(1000)], "theirs": [sample(100)], "others": [sample(500)]}

    _, theirs, others = rows(case, samples)

    assert theirs[-3:] == ("10.0x", "0.10x", "5x: met")
    assert others[-3:] == ("2.0x", "0.50x", "")


def test_a_missed_target_is_said() -> None:
    case = Case("c", "a case", (OURS, THEIRS), target=5)

    _, theirs = rows(case, {"ours": [sample(400)], "theirs": [sample(100)]})

    assert theirs[-1] == "5x: MISSED"


def test_the_lines_of_a_table_are_equally_long() -> None:
    case = Case("c", "a case", (OURS, THEIRS))
    samples = {"ours": [sample(123_456)], "theirs": [sample(1)]}

    lines = table(rows(case, samples)).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
