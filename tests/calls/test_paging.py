"""The walks by number and by cursor, against lists that change on the way."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from matterapi.calls.paging import (
    REMEMBERED,
    Ask,
    Listing,
    Recent,
    by_cursor,
    by_page,
    by_plain_page,
    overlapping,
)
from tests.support.effort import usually

from .listed_server import ByNumber, named, walked


def numbers(count: int) -> list[str]:
    return [f"{number:05}" for number in range(0, count * 10, 10)]


def names_of(server: Any, size: int = 200) -> list[str]:
    return [item.id for item in walked(by_page(Listing(), "per_page", size), server.answer)]


@pytest.mark.parametrize("size", [3, 5, 60, 200])
def test_the_next_page_begins_in_what_is_covered_and_reaches_beyond_it(size: int) -> None:
    for covered in range(1, 5_000):
        page, per_page = overlapping(covered, size)
        assert 0 < per_page <= size
        assert page * per_page <= covered < (page + 1) * per_page
        if size >= 60:
            assert page * per_page < covered


def test_overlapping_costs_a_tenth_more_requests() -> None:
    covered = requests = 0
    while covered < 50_000:
        page, per_page = overlapping(covered, 200) if covered else (0, 200)
        covered, requests = (page + 1) * per_page, requests + 1
    assert requests <= 275  # 250 without an overlap


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 199, 200, 201, 400, 999, 1_000])
@pytest.mark.parametrize("cap", [1, 2, 60, 200])
def test_all_items_come_in_order_whatever_the_server_gives_at_once(count: int, cap: int) -> None:
    server = ByNumber(numbers(count), cap=cap)
    assert names_of(server) == server.names


def test_a_short_list_takes_two_requests() -> None:
    server = ByNumber(numbers(50))
    assert len(names_of(server)) == 50
    assert len(server.asked) == 2


@pytest.mark.parametrize("seed", range(usually(60, 2_000)))
def test_what_stays_comes_once_while_others_come_and_go(seed: int) -> None:
    random = Random(seed)  # noqa: S311
    there = numbers(random.randint(0, 900))
    stays = set(there)

    def change(server: ByNumber) -> None:
        for _ in range(random.randint(0, 40)):
            if server.names and random.random() < 0.5:
                gone = server.names.pop(random.randrange(len(server.names)))
                stays.discard(gone)
            else:
                server.names = sorted([*server.names, f"{random.randrange(9_000):05}-{random.random()}"])

    found = names_of(ByNumber(list(there), between=change), random.choice([20, 60, 200]))
    assert len(found) == len(set(found))
    assert stays <= set(found)


def test_many_deletions_at_once_lose_nothing() -> None:
    def delete(server: ByNumber) -> None:
        if len(server.asked) == 10:
            del server.names[:700]

    server = ByNumber(numbers(3_000), between=delete)
    assert names_of(server) == numbers(3_000)


def test_many_creations_at_once_end_no_walk() -> None:
    def create(server: ByNumber) -> None:
        if len(server.asked) == 3:
            server.names = [f"0-{number}" for number in range(900)] + server.names

    found = names_of(ByNumber(numbers(1_000), between=create))
    assert len(found) == len(set(found))
    assert set(numbers(1_000)) <= set(found)


@pytest.mark.parametrize("count", [1, 50, 200, 1_000])
def test_a_server_that_does_not_look_at_the_page_is_not_asked_for_ever(count: int) -> None:
    items, asked = [named(name) for name in numbers(count)], list[Ask]()

    def answer(ask: Ask) -> list[Any]:
        asked.append(ask)
        return items

    assert walked(by_page(Listing(), "per_page", 200), answer) == items
    assert walked(by_plain_page(Listing(), "per_page", 200), answer) == items
    assert len(asked) <= 20


def test_items_without_ids_come_as_they_are_listed() -> None:
    lines = ["a", "b", "a", "a", "c"]

    def answer(ask: Ask) -> list[str]:
        return lines[ask["page"] * 2 : ask["page"] * 2 + 2]

    assert walked(by_plain_page(Listing(key=""), "logs_per_page", 2), answer) == lines


def test_a_page_of_which_the_server_dropped_some_is_not_the_end() -> None:
    server = ByNumber(numbers(30))

    def answer(ask: Ask) -> list[Any]:
        return [item for item in server.answer(ask) if item.id not in server.names[2:9]]

    found = walked(by_plain_page(Listing(), "per_page", 10), answer)
    assert [item.id for item in found] == server.names[:2] + server.names[9:]


def after_id(_answer: Any, items: list[Any]) -> Ask:
    return {"after": items[-1].id} if items else {}


@pytest.mark.parametrize("count", [0, 1, 4, 5, 23])
def test_a_cursor_goes_on_from_the_last_item_until_there_is_nothing_new(count: int) -> None:
    names = numbers(count)

    def answer(ask: Ask) -> list[Any]:
        return [named(name) for name in names if name > ask.get("after", "")][:5]

    found = walked(by_cursor(Listing(), "limit", 5, after_id), answer)
    assert [item.id for item in found] == names


def test_a_server_that_does_not_look_at_the_cursor_is_asked_twice() -> None:
    asked = list[Ask]()

    def answer(ask: Ask) -> list[Any]:
        asked.append(ask)
        return [named("one"), named("two")]

    assert len(walked(by_cursor(Listing(), "limit", 5, after_id), answer)) == 2
    assert len(asked) == 2


def test_what_was_remembered_longest_is_forgotten_first() -> None:
    recent = Recent()
    recent.add([(number,) for number in range(REMEMBERED + 1)])
    assert not recent.knows((0,))
    assert recent.knows((1,))


def test_items_are_found_where_the_answer_has_them() -> None:
    rows = [SimpleNamespace(team_id="t", user_id=user) for user in ("a", "b")]
    listing = Listing("rows", "team_id user_id")
    assert listing.of(SimpleNamespace(rows=[*rows, None])) == rows
    assert listing.of(SimpleNamespace(rows=None)) == []
    assert listing.of(rows) == rows
    assert listing.keys(rows) == [("t", "a"), ("t", "b")]
    assert Listing(key="group.id").keys([SimpleNamespace(group=None), {}]) == [None, None]
