from benches.cases.measure import Sample
from benches.plan import Case, Contestant
from benches.report import LAYOUTS, duration, rows, size, table
from benches.targets import faster, memory_below, within

OURS = Contestant("ours", "ours", "module", ())
THEIRS = Contestant("theirs", "peer", "module", (), (faster(5),))
OTHERS = Contestant("others", "peer", "module", ())


def sample(calls: int, memory: float = 0) -> Sample:
    return Sample(calls, seconds=1.0, cpu_seconds=1.0, outcome="same", memory=memory)


def test_ratios_of_rates_are_ours_to_each_of_the_others() -> None:
    case = Case("c", "a case", (OURS, THEIRS, OTHERS))
    samples = {"ours": [sample(1000)], "theirs": [sample(100)], "others": [sample(500)]}

    _, theirs, others = rows(case, samples)

    assert theirs[-3:] == ("10.0x", "0.10x", "5x: met")
    assert others[-3:] == ("2.0x", "0.50x", "")


def test_ratios_of_costs_are_speed_and_memory() -> None:
    ours = Contestant("ours", "ours", "module", (), (within(1),))
    theirs = Contestant("theirs", "peer", "module", (), (faster(5), memory_below(0.1)))
    samples = {"ours": [sample(1000, memory=500)], "theirs": [sample(200, memory=2_000)]}

    first, second = rows(Case("c", "a case", (ours, theirs), shown="costs"), samples)

    assert first[2:] == ("1.0 ms (1.0 ms)", "500 B (500 B)", "", "", "1 MiB: met")
    assert second[-3:] == ("5.00x", "0.25x", "5x: met, 0.1x memory: MISSED")


def test_memory_that_was_not_measured_is_not_shown() -> None:
    case = Case("c", "a case", (OURS, OTHERS), shown="costs")

    first, second = rows(case, {"ours": [sample(1)], "others": [sample(1)]})

    assert first[3] == second[3] == ""
    assert second[-2] == ""


def test_ratios_of_delays_are_those_of_the_middle_and_of_the_worst_of_a_hundred() -> None:
    samples = {
        "ours": [Sample(1, 1.0, 2e-6, "same", p50=0.001, p99=0.004)],
        "others": [Sample(1, 1.0, 1e-6, "same", p50=0.002, p99=0.004)],
    }

    first, second = rows(Case("c", "a case", (OURS, OTHERS), shown="delays"), samples)

    assert first[2:] == ("1.0 ms (1.0 ms)", "4.0 ms (4.0 ms)", "2.0 (2.0)", "", "", "")
    assert second[-3:] == ("0.50x", "1.00x", "")


def test_figures_are_in_the_unit_that_suits_them() -> None:
    assert duration(2.1e-6) == "2.10 µs"
    assert duration(0.062) == "62.0 ms"
    assert size(2_611) == "2,611 B"
    assert size(28 * 2**20) == "28.0 MiB"


def test_the_lines_of_a_table_are_equally_long() -> None:
    case = Case("c", "a case", (OURS, THEIRS))
    samples = {"ours": [sample(123_456)], "theirs": [sample(1)]}

    lines = table(LAYOUTS["rates"], rows(case, samples)).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
