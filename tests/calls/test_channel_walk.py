"""The walk through a channel: complete in spite of ties, in both directions, while posts come and go."""

from __future__ import annotations

from datetime import datetime, timezone
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from matterapi.calls.channel_walk import Span, walk
from matterapi.calls.paging import Listing
from matterapi.calls.time_walk import older
from tests.support.effort import usually

from .listed_server import Channel, walked

FIRST = 1_700_000_000_000


def posts(*times: int) -> list[Any]:
    return [SimpleNamespace(id=f"p{number:05}", create_at=FIRST + at) for number, at in enumerate(times)]


def ids(channel: Channel, span: Span, newest_first: bool, size: int = 200) -> list[str]:
    return [post.id for post in walked(walk(span, newest_first, size), channel.answer)]


def in_order(found: list[Any], newest_first: bool) -> list[str]:
    return [p.id for p in sorted(found, key=lambda p: (p.create_at, p.id), reverse=newest_first)]


def tied(random: Random, count: int) -> list[Any]:
    """Posts of which many share a millisecond, also more than a page."""
    times, at = list[int](), 0
    while len(times) < count:
        times += [at] * random.choice([1, 1, 1, 2, 3, 7, 25])
        at += random.choice([1, 1, 5])
    found = posts(*times[:count])
    random.shuffle(found)
    return found


both_ways = pytest.mark.parametrize("newest_first", [True, False], ids=["back", "forward"])


@both_ways
@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 60, 400])
def test_every_post_comes_once_whatever_shares_a_millisecond(count: int, newest_first: bool) -> None:
    for seed in range(usually(6, 200)):
        channel = Channel(tied(Random(seed), count))  # noqa: S311
        assert ids(channel, Span(), newest_first, 10) == in_order(channel.posts, newest_first)


@both_ways
@pytest.mark.parametrize("around", [(), (-5,), (5,), (-5, 5)], ids=["alone", "behind", "before", "between"])
def test_a_thousand_posts_of_one_millisecond_are_all_there(
    newest_first: bool, around: tuple[int, ...]
) -> None:
    channel = Channel(posts(*around, *[0] * 1_000))
    assert ids(channel, Span(), newest_first) == in_order(channel.posts, newest_first)


@both_ways
@pytest.mark.parametrize("size", [1, 2, 3])
def test_small_pages_lose_nothing(newest_first: bool, size: int) -> None:
    channel = Channel(tied(Random(1), 60))  # noqa: S311
    assert ids(channel, Span(), newest_first, size) == in_order(channel.posts, newest_first)


@both_ways
@pytest.mark.parametrize("seed", range(usually(20, 500)))
def test_bounds_leave_out_what_lies_outside(newest_first: bool, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    channel = Channel(tied(random, 150))
    one, other = sorted(random.sample(channel.posts, 2), key=lambda post: post.create_at)
    wanted = [post for post in channel.posts if one.create_at < post.create_at < other.create_at]
    assert ids(channel, Span(after=one.id, before=other.id), newest_first, 10) == in_order(
        wanted, newest_first
    )
    wanted = [post for post in channel.posts if one.create_at <= post.create_at < other.create_at]
    found = ids(channel, Span(since=one.create_at, until=other.create_at), newest_first, 10)
    assert found == in_order(wanted, newest_first)


@both_ways
def test_a_time_is_searched_for_and_not_walked_to(newest_first: bool) -> None:
    channel = Channel(posts(*range(5_000)))
    span = Span(since=FIRST + 2_000, until=FIRST + 2_100)
    assert len(ids(channel, span, newest_first)) == 100
    assert len(channel.asked) <= 32
    assert sum(ask["per_page"] > 1 for ask in channel.asked) <= 2


def test_times_may_be_given_as_datetime() -> None:
    channel = Channel(posts(0, 1_000, 2_000))
    since = datetime.fromtimestamp((FIRST + 1_000) / 1000, tz=timezone.utc)
    assert ids(channel, Span(since=since), True) == ["p00002", "p00001"]


@both_ways
@pytest.mark.parametrize("seed", range(usually(40, 1_000)))
def test_what_stays_comes_once_while_posts_come_and_go(newest_first: bool, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    channel = Channel(tied(random, 200))
    stays = {post.id for post in channel.posts}
    now = max(post.create_at for post in channel.posts)

    def change(server: Channel) -> None:
        nonlocal now
        if random.random() < 0.6:
            gone = server.posts.pop(random.randrange(len(server.posts)))
            stays.discard(gone.id)
        # Written now and then, not faster than they can be read.
        if random.random() < 0.3:
            now += random.choice([0, 1])
            server.posts.append(SimpleNamespace(id=f"n{len(server.asked):05}", create_at=now))

    channel.between = change
    found = ids(channel, Span(), newest_first, 10)
    assert len(found) == len(set(found))
    assert stays <= set(found)


@both_ways
def test_a_server_that_looks_at_no_parameter_is_not_asked_for_ever(newest_first: bool) -> None:
    first = posts(0, 0, 1, 2, 2)[::-1]
    answer = Channel(first).answer({"per_page": 200})
    full = Channel(first).answer({"per_page": 5})
    for listed in (answer, full):
        found = walked(walk(Span(), newest_first, 5), lambda _ask, listed=listed: listed, most=100)
        assert len({post.id for post in found}) == len(found)


def test_threads_come_by_the_time_of_their_last_reply() -> None:
    rows = [SimpleNamespace(id=f"t{number:03}", create_at=FIRST + number // 3) for number in range(95)]
    channel = Channel(rows)
    found = walked(older(Listing(), "create_at", "per_page", 10), channel.answer)
    assert [row.id for row in found] == in_order(rows, True)
    assert not any("page" in ask for ask in channel.asked)


def test_a_thread_that_is_answered_meanwhile_neither_ends_nor_repeats_the_walk() -> None:
    rows = [SimpleNamespace(id=f"t{number:03}", create_at=FIRST + number) for number in range(95)]
    channel = Channel(rows)

    def reply(server: Channel) -> None:
        if len(server.asked) < 4:
            asked = server.asked[-1].get("before")
            for row in server.posts:
                if row.id == asked or (asked is None and row.id == "t086"):
                    row.create_at = FIRST + 1_000 + len(server.asked)

    channel.between = reply
    found = [row.id for row in walked(older(Listing(), "create_at", "per_page", 10), channel.answer)]
    assert len(found) == len(set(found))
    assert {f"t{number:03}" for number in range(50)} <= set(found)
