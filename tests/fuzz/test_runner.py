"""What is said of a run, and that nothing ends unnoticed."""

import os
from collections import Counter
from collections.abc import Iterator

from tests.fuzz.runner import Outcome, Report, run


def test_the_closing_lines_count_what_passed_and_failed() -> None:
    report = Report(passed=7, sorts=Counter(good=4, fair=3), findings=["case 3"])
    assert str(report).splitlines() == ["case 3", "4 good, 3 fair", "7 passed, 1 failed"]


def every_third_is_wrong(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    for number in numbers:
        yield Outcome("right", f"{seed} and {number}" if number % 3 == 0 else None)


def test_findings_name_their_case_and_ten_of_them_are_enough() -> None:
    report = run(every_third_is_wrong, 60, seed=5, first=1)
    assert report.findings == [f"case {n} of seed 5, 5 and {n}" for n in range(3, 33, 3)]
    assert report.passed == 20
    assert report.sorts == {"right": 20}


def test_a_run_ends_after_so_many_cases() -> None:
    report = run(every_third_is_wrong, 60, seed=5, first=4, most=2)
    assert report.passed == 2


def fourth_ends_the_process(seed: int, numbers: Iterator[int]) -> Iterator[Outcome]:
    for count, _ in enumerate(numbers):
        if count == 3:
            os.abort()
        yield Outcome("right")


def test_a_crash_of_the_process_is_a_finding_with_its_case() -> None:
    report = run(fourth_ends_the_process, 60, seed=9, first=4)
    assert report.passed == 3
    assert report.findings == ["case 7 of seed 9 ended the process: -6"]
