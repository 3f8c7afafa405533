from benches.figures import Figures
from benches.targets import (
    at_cpu,
    at_least,
    evenly,
    faster,
    later_by,
    memory_below,
    quicker,
    ready_in,
    within,
)


def shown(rate: float = 1, cpu: float = 1, memory: float = 1) -> Figures:
    return Figures(rate, rate, cpu, cpu, memory, memory)


def test_a_target_says_whether_it_was_met() -> None:
    assert faster(5).verdict(shown(rate=1_000), shown(rate=200)) == "5x: met"
    assert faster(5).verdict(shown(rate=999), shown(rate=200)) == "5x: MISSED"


def test_a_speed_is_the_others_processor_time_divided_by_ours() -> None:
    assert quicker(8).verdict(shown(cpu=1), shown(cpu=8)) == "8x: met"
    assert quicker(8).verdict(shown(cpu=1), shown(cpu=7.9)) == "8x: MISSED"


def test_a_speed_below_one_allows_more_time_than_the_other_takes() -> None:
    assert quicker(1 / 1.2).verdict(shown(cpu=1.19), shown(cpu=1)) == "0.83x: met"
    assert quicker(1 / 1.2).verdict(shown(cpu=1.21), shown(cpu=1)) == "0.83x: MISSED"


def test_processor_time_is_judged_as_a_part_of_the_others() -> None:
    assert at_cpu(0.5).verdict(shown(cpu=1), shown(cpu=2)) == "0.5x CPU: met"
    assert at_cpu(0.5).verdict(shown(cpu=1.01), shown(cpu=2)) == "0.5x CPU: MISSED"


def test_memory_is_judged_as_a_part_of_the_others() -> None:
    assert memory_below(0.55).verdict(shown(memory=55), shown(memory=100)) == "0.55x memory: met"
    assert memory_below(0.55).verdict(shown(memory=56), shown(memory=100)) == "0.55x memory: MISSED"


def test_an_import_may_take_so_much_longer_than_the_other() -> None:
    assert later_by(30).verdict(shown(cpu=0.099), shown(cpu=0.07)) == "+30 ms: met"
    assert later_by(30).verdict(shown(cpu=0.101), shown(cpu=0.07)) == "+30 ms: MISSED"


def test_a_limit_of_memory_is_ours_alone() -> None:
    ours = shown(memory=28 * 2**20)

    assert within(28).verdict(ours, ours) == "28 MiB: met"
    assert within(27.9).verdict(ours, shown(memory=0)) == "27.9 MiB: MISSED"


def test_a_rate_can_be_asked_for_beside_nothing() -> None:
    ours = shown(rate=10_000)

    assert at_least(10_000).verdict(ours, ours) == "10,000/s: met"
    assert at_least(10_001).verdict(ours, shown(rate=0)) == "10,001/s: MISSED"


def test_a_start_is_judged_by_its_length() -> None:
    assert ready_in(50).verdict(shown(rate=20), shown(rate=1)) == "50 ms: met"
    assert ready_in(50).verdict(shown(rate=19), shown(rate=1)) == "50 ms: MISSED"


def test_calls_are_even_when_the_slowest_take_a_few_times_the_middle_ones() -> None:
    even = Figures(1, 1, 1, 1, p50=2, p99=10)
    uneven = Figures(1, 1, 1, 1, p50=2, p99=10.1)

    assert evenly(5).verdict(even, uneven) == "p99 5x p50: met"
    assert evenly(5).verdict(uneven, even) == "p99 5x p50: MISSED"
