from importlib.util import find_spec

import pytest

from benches.cases.measure import Amount
from benches.plan import FULL, SMOKE, Case, Lengths, cases
from benches.served import Events

NEWEST, OLDEST = (3, 13), (3, 11)


def by_name(lengths: Lengths = FULL, version: tuple[int, int] = OLDEST) -> dict[str, Case]:
    return {case.name: case for case in cases(lengths, version)}


def target_texts(case: Case, library: str) -> list[str]:
    return [target.text for one in case.contestants if one.name.startswith(library) for target in one.targets]


def test_no_two_cases_and_no_two_libraries_of_a_case_have_one_name() -> None:
    every = cases(FULL, OLDEST)

    assert len({case.name for case in every}) == len(every)
    assert len({case.title for case in every}) == len(every)
    for case in every:
        assert len({one.name for one in case.contestants}) == len(case.contestants), case.name


def test_ours_comes_first_and_every_program_is_there() -> None:
    for case in cases(FULL, OLDEST):
        assert case.contestants[0].environment == "ours", case.name
        for one in case.contestants:
            assert find_spec(one.module) is not None, one.module


def test_who_is_of_the_peers_and_no_floor_says_what_it_needs() -> None:
    for case in cases(FULL, OLDEST):
        for one in case.contestants:
            assert one.floor or one.environment == "ours" or one.needs, (case.name, one.name)


@pytest.mark.parametrize(
    ("case", "library", "targets"),
    [
        ("sync", "pycurl", ["1.1x", "1x CPU"]),
        ("sync", "httpr", ["1.1x", "1x CPU"]),
        ("sync", "primp", ["1.1x", "1x CPU"]),
        ("sync", "matterapi 0.5.0", ["10x"]),
        ("sync", "a socket", ["1.3x CPU"]),
        ("sync-tls", "wreq", ["1.1x"]),
        ("threads16", "pycurl", ["1.2x"]),
        ("async64", "wreq", ["2x", "0.5x CPU"]),
        ("async64", "matterapi 0.5.0", ["150x"]),
        ("async64-uvloop", "a hand-written protocol", ["1x CPU"]),
        ("async64-tls", "wreq", ["1.5x"]),
        ("async64-busy", "wreq", ["3x"]),
        ("async1", "aiohttp", ["1.2x"]),
        ("async1000", "matterapi, 1,000", ["p99 5x p50"]),
        ("async1000", "matterapi, 64", ["1x"]),
        ("session", "pycurl + pydantic", ["4.5x"]),
        ("session", "matterapi 0.5.0", ["11x"]),
        ("create", "httpr", ["3x"]),
        ("create-model", "pycurl", ["3x"]),
        ("growth", "matterapi, sync", ["2 MiB"]),
        ("scale-decode", "matterapi, 200", ["1.15x CPU"]),
        ("keep", "our models, by pydantic", ["3x", "0.45x memory"]),
        ("decode", "msgspec", ["1x"]),
        ("client", "pydantic", ["+20 ms"]),
    ],
)
def test_the_targets_are_the_promised_ones(case: str, library: str, targets: list[str]) -> None:
    assert target_texts(by_name()[case], library) == targets


def test_less_is_asked_of_decoding_where_the_old_one_is_quicker() -> None:
    assert target_texts(by_name(version=OLDEST)["decode"], "matterapi 0.5.0") == ["9x"]
    assert target_texts(by_name(version=NEWEST)["decode"], "matterapi 0.5.0") == ["7x"]


def test_a_smoke_run_has_every_case_and_all_of_them_are_short() -> None:
    full, smoke = by_name(), by_name(SMOKE)

    assert full.keys() == smoke.keys()
    assert Amount.read(SMOKE.amount).seconds <= 0.1
    for case in smoke.values():
        if isinstance(case.server, Events):
            assert case.server.count <= 2_000, case.name
