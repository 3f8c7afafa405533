"""What the client makes of what a websocket server may and may not send (RFC 6455), case by case.

In a usual run every seventh case, other ones with either client; `make websocket-cases` carries out all.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.rfc6455.case import AnyCase, Case, fragments, frame
from tests.rfc6455.cases import CASES, GROUPS
from tests.rfc6455.groups.framing import BORDERS
from tests.rfc6455.page import PAGE, is_up_to_date
from tests.rfc6455.trial import expected, outcomes
from tests.support.effort import usually

SMALL = 100_000
"""Bytes of the largest case of a usual run."""


def of_group(group: str) -> list[AnyCase]:
    return [case for case in CASES if case.id.partition(".")[0] == group]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: GROUPS[group].lower())
async def test_each_case_ends_as_the_rfc_says(kind: str, group: str) -> None:
    cases = [case for case in of_group(group) if case.size <= usually(SMALL, 2**30)]
    first = 0 if kind == "sync" else 3
    cases = cases[usually(first, 0) :: usually(7, 1)]
    found = await outcomes(kind, cases)
    wrong = {
        f"{case.id}, {case.what}": f"expected {expected(case)}, came {came}"
        for case, came in zip(cases, found, strict=True)
        if came != expected(case)
    }
    assert wrong == {}


async def test_another_outcome_than_the_expected_one_is_seen(kind: str) -> None:
    """The cases are worth as much as what notices that one fails."""
    broken = Case("0.1", "text with a reserved bit", (frame(1, b"{}", reserved=4),))
    silent = Case("0.2", "text that is no event", (frame(1, b"no event"),), (b"no event",))
    ping = Case("0.3", "Ping", (frame(9, b"p"),), pongs=(b"q",))
    found = await outcomes(kind, [broken, silent, ping])
    assert [str(came) for came in found] == ["Close 1002", "goes on", "Pong, goes on"]
    assert [came == expected(case) for came, case in zip(found, (broken, silent, ping), strict=True)] == [
        False
    ] * 3


def test_every_case_has_a_number_of_its_own_and_belongs_to_a_group() -> None:
    assert [number for number, count in Counter(case.id for case in CASES).items() if count > 1] == []
    assert {case.id.partition(".")[0] for case in CASES} == set(GROUPS)


def test_frames_are_made_as_the_rfc_says() -> None:
    assert [frame(1, b"*" * size)[1:4] for size in BORDERS] == [
        b"\x7d**",
        b"\x7e\x00\x7e",
        b"\x7e\x00\x7f",
        b"\x7e\x00\x80",
        b"\x7e\xff\xff",
        b"\x7f\x00\x00",
    ]
    assert fragments(b"abc", 2) == [b"\x01\x02ab", b"\x80\x01c"]
    assert fragments(b"", 2) == [b"\x81\x00"]


def test_the_page_was_made_of_the_cases_as_they_are() -> None:
    assert is_up_to_date(), f"run `make websocket-cases`: {PAGE.name} shows other cases"
    text = PAGE.read_text("utf-8")
    assert f"\n{len(CASES)} of {len(CASES)} end as expected" in text
    assert "**" not in text
    assert len([line for line in text.splitlines() if line.startswith("| ")]) == len(CASES) + len(GROUPS)
