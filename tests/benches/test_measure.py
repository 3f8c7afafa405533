from pydantic import BaseModel

from benches.cases.measure import Clock, fingerprint, measure_calls, model_fingerprint


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

    sample = measure_calls(lambda: calls.append(1), seconds=0.01, outcome="done")

    assert 0 < sample.calls < len(calls)
    assert sample.outcome == "done"
