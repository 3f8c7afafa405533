"""A short run of the fuzzing of addresses, and that it sees what it is there for."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.fuzz.fuzz_url import HOST, PREFIX, Case, _client, _other_base, complaint, make_case, read, work
from tests.fuzz.recorder import Request, recording


def test_a_short_run_of_odd_addresses_finds_nothing() -> None:
    outcomes = list(work(11, iter(range(200))))
    assert [outcome.finding for outcome in outcomes if outcome.finding] == []
    sorts = Counter(outcome.sort for outcome in outcomes)
    for sort in ("sent", "refused", "base sent", "base refused"):
        assert sorts[sort] > 3, sorts


def asked(url: str) -> Request:
    return Request(f"GET {url} HTTP/1.1", {}, b"")


def checks(kind: str) -> Case:
    """A case of a kind, of the seed's first ones."""
    cases = (make_case(random.Random(f"1:{number}")) for number in range(100))
    return next(case for case in cases if case.what.startswith(kind))


@pytest.mark.parametrize("kind", ["get_user(", "get_users(", "request("])
@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/api/v4/users/x",
        f"http://{HOST}{PREFIX}/api/v4/teams/x",
        f"http://{HOST}{PREFIX}/api/v4/users/../x",
        f"http://{HOST}{PREFIX}/api/v4/users/%2e%2e",
        f"http://{HOST}{PREFIX}/api/v4/users?page=0&per_page=60&in_team=other&sort=other&more=x",
    ],
)
def test_another_route_and_other_values_are_findings(kind: str, url: str) -> None:
    assert checks(kind).check(read(asked(url)))


def test_another_host_is_a_finding() -> None:
    with recording() as recorder, _client(f"http://evil.example{PREFIX}", recorder) as client:
        case = Case("", lambda client: client.users.get_user("x"), lambda _sent: None)
        assert "another host" in (complaint(case, client, recorder)[1] or "")
    for base in (f"http://{HOST}", f"http://{HOST}:8065/x", f"http://{HOST}@evil.example"):
        found = _other_base(base, [asked("http://other.example/api/v4/users/me")])
        assert found, base
        assert "where urllib finds" in found


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x")])
def test_an_untyped_error_is_a_finding(error: Exception) -> None:
    def fail(_client: object) -> object:
        raise error

    with recording() as recorder, _client(f"http://{HOST}", recorder) as client:
        assert "untyped" in (complaint(Case("", fail, lambda _sent: None), client, recorder)[1] or "")
