from dataclasses import replace

from benches.cases.measure import Sample
from benches.plan import Case, Contestant
from benches.report import HEADINGS, Block, block, duration, lined, size, table, tally
from benches.targets import faster, memory_below, within

OURS = Contestant("ours", "ours", "module", ())
THEIRS = Contestant("theirs", "peer", "module", (), (faster(5),))
OTHERS = Contestant("others", "peer", "module", ())


def sample(calls: int, memory: float = 0) -> Sample:
    return Sample(calls, seconds=1.0, cpu_seconds=1.0, outcome="same", memory=memory)


def cells(case: Case, samples: dict[str, list[Sample]]) -> list[dict[str, str]]:
    """The rows of a case: what is in them, by heading."""
    shown = block(case, case.contestants, samples, "rust").rows
    return [{name: cell for name, cell in zip(HEADINGS, row, strict=True) if cell} for row in shown]


def test_ratios_of_rates_are_ours_to_each_of_the_others() -> None:
    case = Case("c", "a case", (OURS, THEIRS, OTHERS))
    samples = {"ours": [sample(1000)], "theirs": [sample(100)], "others": [sample(500)]}

    ours, theirs, others = cells(case, samples)

    assert (ours["case"], ours["server"], ours["library"]) == ("a case", "rust", "ours")
    assert ours["per second (best)"] == "1,000 (1,000)"
    assert {"throughput x", "CPU x", "target"}.isdisjoint(ours)
    assert (theirs["throughput x"], theirs["CPU x"], theirs["target"]) == ("10.00x", "0.10x", "5x: met")
    assert (others["throughput x"], others["CPU x"]) == ("2.00x", "0.50x")
    assert "target" not in others


def test_ratios_of_costs_are_speed_and_memory() -> None:
    ours = Contestant("ours", "ours", "module", (), (within(1),))
    theirs = Contestant("theirs", "peer", "module", (), (faster(5), memory_below(0.1)))
    samples = {"ours": [sample(1000, memory=500)], "theirs": [sample(200, memory=2_000)]}

    first, second = cells(Case("c", "a case", (ours, theirs), shown="costs"), samples)

    assert first["CPU (best)"] == "1.0 ms (1.0 ms)"
    assert first["memory (best)"] == "500 B (500 B)"
    assert first["target"] == "1 MiB: met"
    assert (second["speed x"], second["memory x"]) == ("5.00x", "0.25x")
    assert second["target"] == "5x: met, 0.1x memory: MISSED"
    assert "per second (best)" not in first


def test_memory_that_was_not_measured_is_not_shown() -> None:
    case = Case("c", "a case", (OURS, OTHERS), shown="costs")

    first, second = cells(case, {"ours": [sample(1)], "others": [sample(1)]})

    assert "memory (best)" not in first
    assert "memory x" not in second


def test_ratios_of_delays_are_those_of_the_middle_and_of_the_worst_of_a_hundred() -> None:
    samples = {
        "ours": [Sample(1, 1.0, 2e-6, "same", p50=0.001, p99=0.004)],
        "others": [Sample(1, 1.0, 1e-6, "same", p50=0.002, p99=0.004)],
    }

    first, second = cells(Case("c", "a case", (OURS, OTHERS), shown="delays"), samples)

    assert (first["p50 (best)"], first["p99 (best)"]) == ("1.0 ms (1.0 ms)", "4.0 ms (4.0 ms)")
    assert (second["p50 x"], second["p99 x"], second["CPU x"]) == ("0.50x", "1.00x", "2.00x")


def test_the_rounds_say_how_far_they_are_apart() -> None:
    case = Case("c", "a case", (OURS, OTHERS))
    samples = {"ours": [sample(90), sample(100), sample(120)], "others": [sample(1)]}

    ours, others = cells(case, samples)

    assert ours["per second (best)"] == "100 (120) ±15%"
    assert others["per second (best)"] == "1 (1)"


def test_we_are_led_by_libraries_that_are_faster_and_not_by_the_floor() -> None:
    floor = replace(OTHERS, floor=True)
    samples = {"ours": [sample(100)], "others": [sample(101)]}

    assert block(Case("c", "a case", (OURS, OTHERS)), (OURS, OTHERS), samples, "").led
    assert not block(Case("c", "a case", (OURS, floor)), (OURS, floor), samples, "").led
    samples = {"ours": [sample(101)], "others": [sample(100)]}
    assert not block(Case("c", "a case", (OURS, OTHERS)), (OURS, OTHERS), samples, "").led


def test_we_are_led_by_who_is_cheaper_where_costs_count_and_earlier_where_delays_do() -> None:
    cheap = {"ours": [sample(100)], "others": [Sample(1_000, 1_000.0, 1.0, "same")]}
    early = {
        "ours": [Sample(1, 1.0, 1.0, "same", p50=2, p99=2)],
        "others": [Sample(1, 1.0, 1.0, "same", p50=1, p99=9)],
    }

    assert not block(Case("c", "a case", (OURS, OTHERS)), (OURS, OTHERS), cheap, "").led
    assert block(Case("c", "a case", (OURS, OTHERS), shown="costs"), (OURS, OTHERS), cheap, "").led
    assert block(Case("c", "a case", (OURS, OTHERS), shown="delays"), (OURS, OTHERS), early, "").led


def row(case: str, library: str, target: str = "") -> tuple[str, ...]:
    return (case, "", library, *("",) * (len(HEADINGS) - 4), target)


def test_cases_in_which_another_library_leads_come_first() -> None:
    blocks = [Block([row("won", "ours")], led=False), Block([row("lost", "ours")], led=True)]

    text = table(blocks)

    assert text.index("lost") < text.index("won")


def test_columns_that_are_empty_everywhere_are_left_out() -> None:
    heading, *_ = table([Block([row("a case", "ours", "5x: met")], led=False)]).splitlines()

    assert [name.strip() for name in heading.split("|")[1:-1]] == ["case", "library", "target"]


def test_every_missed_target_is_named() -> None:
    ours = row("a case", "ours", "1 MiB: met")
    theirs = row("", "theirs", "5x: met, 0.5x CPU: MISSED")
    another = row("another", "ours", "28 MiB: MISSED")

    text = tally([Block([ours, theirs], led=False), Block([another], led=True)])

    assert text.splitlines() == [
        "2 targets met, 2 missed:",
        "* a case, theirs: 0.5x CPU: MISSED",
        "* another, ours: 28 MiB: MISSED",
    ]
    assert tally([Block([ours], led=False)]) == "1 targets met, 0 missed"


def test_figures_are_in_the_unit_that_suits_them() -> None:
    assert duration(2.1e-6) == "2.10 µs"
    assert duration(0.062) == "62.0 ms"
    assert size(2_611) == "2,611 B"
    assert size(28 * 2**20) == "28.0 MiB"


def test_the_lines_of_a_table_are_equally_long() -> None:
    lines = lined([("a", "heading"), ("cell", "b"), ("", "longer than all")]).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
