"""A short run of the fuzzing over sockets, and that it sees what it is there for."""

import asyncio
import random
from typing import Any

import pytest

from matterapi.client.exceptions import DecodeError, MatterapiError
from tests.fuzz import fuzz_wire
from tests.fuzz.answers import make_answer
from tests.fuzz.conversations import make_conversation
from tests.fuzz.runner import run


def test_a_short_run_of_hostile_servers_finds_nothing() -> None:
    report = run(fuzz_wire.work, 90, seed=7, most=150)
    assert report.findings == []
    assert report.passed == 150
    assert report.sorts["value"] > 20
    assert len(report.sorts) > 5


def test_the_cases_go_on_with_another_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_wire, "CASES_PER_SERVER", 2)
    outcomes = list(fuzz_wire.work(3, iter(range(5))))
    assert len(outcomes) == 5
    assert [outcome.finding for outcome in outcomes] == [None] * 5


@pytest.mark.parametrize("make", [make_answer, make_conversation])
def test_a_case_follows_from_its_number(make: Any) -> None:
    assert make(random.Random("1:7")) == make(random.Random("1:7"))
    assert len({make(random.Random(f"1:{n}")) for n in range(20)}) > 15


async def raises(error: BaseException) -> None:
    raise error


class Unshowable(MatterapiError):
    def __str__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        (ValueError("x"), "untyped builtins.ValueError"),
        (KeyError("x"), "untyped builtins.KeyError"),
        (DecodeError("x"), None),
        (Unshowable("x"), "cannot be shown: ZeroDivisionError"),
    ],
)
async def test_untyped_errors_and_such_as_cannot_be_shown_are_findings(
    error: BaseException, finding: str | None
) -> None:
    ended = await fuzz_wire._ended(raises(error))
    assert ended.finding == finding or (finding and ended.finding and ended.finding.startswith(finding))


async def test_a_call_without_an_end_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz_wire, "DEADLINE", 0.01)
    ended = await fuzz_wire._ended(asyncio.Event().wait())
    assert ended.finding == "no end after 0.01 s"


class Confused:
    """A client whose calls get the answers of others."""

    class users:  # noqa: N801
        @staticmethod
        async def get_user(_name: str) -> Any:
            return type("User", (), {"id": "other"})


async def test_the_answer_of_another_call_is_a_finding() -> None:
    assert await fuzz_wire._own_answer(Confused(), "good-1") == "the next call got the answer of 'other'"
