"""A short run of the fuzzing of forms, and that it sees what it is there for."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.fuzz.fuzz_multipart import Part, _read_back, make_case, work
from tests.fuzz.recorder import Request


def test_a_short_run_of_odd_forms_finds_nothing() -> None:
    outcomes = list(work(11, iter(range(60))))
    assert [outcome.finding for outcome in outcomes if outcome.finding] == []
    sorts = Counter(outcome.sort for outcome in outcomes)
    assert sorts["sent"] > 40


def test_a_case_follows_from_the_seed_and_its_number() -> None:
    assert make_case(1, 7) == make_case(1, 7)
    assert make_case(1, 7) != make_case(2, 7)


HEAD = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n'
PARTS = [Part("n", "f", b"content")]


def sent(body: bytes) -> Request:
    return Request("POST / HTTP/1.1", {"content-type": "multipart/form-data; boundary=b"}, body)


@pytest.mark.parametrize(
    "body",
    [
        HEAD % (b"n", b"f") + b"content",
        HEAD % (b"n", b"f") + b"content\r\n--b--",
        HEAD % (b"n", b"f") + b"other\r\n--b--\r\n",
        HEAD % (b"n", b"other") + b"content\r\n--b--\r\n",
        HEAD % (b'n"; x="', b"f") + b"content\r\n--b--\r\n",
        HEAD % (b"n\n", b"f") + b"content\r\n--b--\r\n",
        HEAD % (b"n\r\nX-Injected: 1", b"f") + b"content\r\n--b--\r\n",
        HEAD % (b"n", b"f") + b"con\r\n--btent\r\n--b--\r\n",
        HEAD % (b"n", b"f") + b"content\r\n" + HEAD % (b"n", b"f") + b"content\r\n--b--\r\n",
    ],
)
def test_a_form_that_is_not_the_one_given_is_a_finding(body: bytes) -> None:
    assert _read_back(sent(body), PARTS)
    assert _read_back(sent(HEAD % (b"n", b"f") + b"content\r\n--b--\r\n"), PARTS) is None
