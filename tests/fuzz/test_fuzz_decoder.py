"""A short run of the fuzzing, and that it sees what it is there for."""

from typing import Any

import pytest

from matterapi import models
from matterapi.calls.operation import Operation
from tests.fuzz import oracle
from tests.fuzz.fuzz_decoder import make_case, work
from tests.fuzz.mutations import ODD
from tests.fuzz.runner import run


def test_a_short_run_of_damaged_bodies_finds_nothing() -> None:
    report = run(work, 90, seed=5, most=600)
    assert report.findings == []
    assert report.passed == 600
    assert 0.1 < report.sorts["decoded by the core"] / report.passed < 0.9


def test_a_case_follows_from_the_seed_and_its_number() -> None:
    assert make_case(1, 7) == make_case(1, 7)
    assert len({make_case(1, number).content for number in range(20)}) > 10
    assert make_case(1, 7) != make_case(2, 7)


class WrongDecoder:
    """Takes everything and gives the same value for it."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def decode(self, content: bytes, most: int | None = None) -> Any:
        return self._value


def operation_with(value: Any, declared: Any = models.User) -> Operation[Any]:
    """An operation whose decoder gives a value of ours."""
    operation: Operation[Any] = Operation("GET /api/v4/users/me", declared)
    operation.__dict__["decoder"] = WrongDecoder(value)
    return operation


def user(values: dict[str, Any]) -> models.User:
    return models.User.model_validate(values)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"id":"a"}', models.User(id="b")),
        (b'{"id":"a"}', models.User(id="a", username=None)),
        (b'{"x":1}', user({"x": True})),
        (b'{"x":0.0}', user({"x": -0.0})),
        (b'{"x":{"a":1,"b":2}}', user({"x": {"b": 2, "a": 1}})),
        (b'{"id":5}', models.User(id="5")),
        (b"{", models.User()),
        (b"{}", models.Post()),
    ],
)
def test_a_wrong_value_is_a_finding(content: bytes, value: Any) -> None:
    assert oracle.complaint(operation_with(value), content) is not None
    assert oracle.complaint(operation_with(user({"id": "a"})), b'{"id":"a"}') is None


def test_what_the_decoder_raises_is_a_finding() -> None:
    operation: Operation[Any] = Operation("GET /api/v4/users/me", models.User)
    operation.__dict__["decoder"] = None
    assert "AttributeError" in (oracle.complaint(operation, b"{}") or "")


def test_a_finding_is_shown_with_a_short_body() -> None:
    operation = operation_with(models.User(id="a"))
    assert oracle.shrunk(operation, b'{"username":"ann","roles":"x"}') in {b"{}", b"", b"{", b"}", b"0"}


@pytest.mark.parametrize(
    ("content", "mended"),
    [
        (b'\xef\xbb\xbf"a"', b'"a"'),
        (rb'"\ud800"', rb'"\ufffd"'),
        (rb'"\ud83d\ude00"', rb'"\ud83d\ude00"'),
        (rb'"\ud800\ud83d\ude00"', rb'"\ufffd\ud83d\ude00"'),
        (rb'"\\ud800"', rb'"\\ud800"'),
        (rb'"\udc00x"', rb'"\ufffdx"'),
    ],
)
def test_only_lone_surrogates_and_a_byte_order_mark_are_mended(content: bytes, mended: bytes) -> None:
    assert oracle.mended(content) == mended


@pytest.mark.parametrize(
    "frame", [b"%s", b"[%s]", b'{"id":%s}', b'{"id":"%s"}', b'{"x":[%s,%s]}', b'{"%s":%s}']
)
def test_each_odd_token_in_each_place_is_read_or_refused_as_it_should_be(frame: bytes) -> None:
    for declared in (models.User, list[models.User], Any):
        operation = Operation("GET /api/v4/users/me", declared)
        for token in ODD:
            assert oracle.complaint(operation, frame.replace(b"%s", token)) is None, token
