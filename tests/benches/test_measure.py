import threading

import pytest
from pydantic import BaseModel

from benches.cases.measure import (
    Amount,
    Clock,
    fingerprint,
    measure_calls,
    measure_threads,
    model_fingerprint,
    repeat,
)


class Item(BaseModel):
    name: str
    tags: list[str] | None = None


def test_equal_json_has_the_same_fingerprint_whatever_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_a_null_list_and_an_empty_one_are_the_same_to_a_model_fingerprint() -> None:
    assert model_fingerprint(Item(name="a", tags=None)) == model_fingerprint(Item(name="a", tags=[]))
    assert model_fingerprint(Item(name="a", tags=["x"])) != model_fingerprint(Item(name="a"))


def test_work_after_the_clock_was_stopped_does_not_count() -> None:
    clock = Clock()
    clock.stop()
    first = clock.sample(1, "")
    fingerprint(list(range(10_000)))

    assert clock.sample(1, "") == first


def test_calls_of_the_warm_up_do_not_count() -> None:
    calls: list[int] = []

    sample = measure_calls(lambda: calls.append(1), Amount(seconds=0.01), outcome="done")

    assert 0 < sample.calls < len(calls)
    assert sample.outcome == "done"


def test_an_amount_is_a_time_or_a_number() -> None:
    assert Amount.read("2s") == Amount(seconds=2)
    assert Amount.read("5000") == Amount(calls=5_000)
    assert Amount(seconds=2).warm_up == Amount(seconds=0.3)
    assert Amount(seconds=0.05).warm_up == Amount(seconds=0.05)
    assert Amount(calls=50).warm_up == Amount(calls=5)
    assert Amount(calls=100).share(4) == Amount(calls=25)
    assert Amount(seconds=1).share(4) == Amount(seconds=1)


def test_a_number_of_calls_is_kept_to() -> None:
    calls: list[int] = []

    assert repeat(lambda: calls.append(1), Amount(calls=7)) == len(calls) == 7


def test_a_time_that_is_over_at_once_has_a_call() -> None:
    assert repeat(lambda: None, Amount(seconds=0.0)) == 1


def test_threads_work_at_once_and_their_calls_are_added_up() -> None:
    together = threading.Barrier(3, timeout=10)

    sample = measure_threads([together.wait] * 3, Amount(calls=300), "done")

    assert (sample.calls, sample.outcome) == (300, "done")


@pytest.mark.parametrize("after", [0, 20])
def test_a_thread_that_fails_is_no_measurement(after: int) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        if len(calls) > after:
            raise ConnectionError("cut")

    with pytest.raises(RuntimeError) as caught:
        measure_threads([fail], Amount(calls=100), "done")
    assert isinstance(caught.value.__cause__, ConnectionError)


def test_a_thread_that_waits_is_a_switch() -> None:
    clock = Clock()
    for _ in range(5):
        threading.Event().wait(0.001)
    clock.stop()

    assert clock.sample(1, "").switches >= 5
