"""Nothing is lost in silence or comes twice, in histories that hypothesis thinks up and makes short."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.histories.driver import Driver
from tests.histories.machine import History

pytestmark = pytest.mark.histories

USUAL = 2_000
HISTORIES = int(os.environ.get("MATTERAPI_HISTORIES", USUAL))
LENGTHS = (10, 25, 50)

unhurried = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    with Driver() as driver:
        yield driver


@pytest.mark.parametrize("length", LENGTHS)
def test_no_history_loses_a_post_or_a_revision_in_silence_or_brings_one_twice(
    driver: Driver, length: int
) -> None:
    # What has to pass does not depend on chance; who asks for more looks for what nobody has seen yet.
    run_state_machine_as_test(
        lambda: History(driver),
        settings=settings(
            unhurried,
            max_examples=-(-HISTORIES // len(LENGTHS)),
            stateful_step_count=length,
            derandomize=HISTORIES <= USUAL,
        ),
    )


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("SubscribeFirst", "LOST"),
        ("Barrier", "LOST"),
        ("VerifyResumed", "LOST"),
        ("Overlap", "LOST"),
        ("SecondRound", "LOST"),
        ("Walk", "LOST"),
        ("TieSafe", "LOST"),
        ("LimitNotice", "LOST"),
        ("SequenceCheck", "LOST"),
        ("Dedupe", "DUPLICATE"),
    ],
)
def test_a_rule_that_does_not_hold_is_noticed(driver: Driver, rule: str, wrong: str) -> None:
    with pytest.raises(AssertionError, match=f"^{wrong}"):
        run_state_machine_as_test(
            lambda: History(driver, without=rule),
            settings=settings(
                unhurried,
                max_examples=1_000,
                stateful_step_count=LENGTHS[-1],
                derandomize=True,
                phases=[Phase.generate],
            ),
        )
