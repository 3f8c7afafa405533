import math

from tests.attacks.apart import read_growth


def test_the_last_line_is_the_growth_and_may_be_a_little_below_nothing() -> None:
    assert read_growth("True\n2048\n") == ("True", 2.0)
    assert read_growth("True\n-512\n") == ("True", -0.5)


def test_a_process_that_ended_early_has_no_growth_and_all_it_printed_is_kept() -> None:
    said, growth = read_growth("Traceback\n")

    assert said == "Traceback\n"
    assert math.isnan(growth)
