"""The walk through the posts of a channel, in both directions, from a post or a time on."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from .paging import Ask, Listing, Walk
from .time_walk import TimeWalk

_SIZE = "per_page"
_LISTING = Listing()
_MOST_SEARCHES = 3

Search: TypeAlias = Generator[Ask | list[Any], Any, "Neighbours"]


@dataclass(frozen=True)
class Span:
    """Which posts are wanted: see `SyncChannelPosts.iter_channel`."""

    after: str | None = None
    before: str | None = None
    since: int | datetime | None = None
    until: int | datetime | None = None


@dataclass(frozen=True)
class Neighbours:
    """Two posts beside a time; None where there is none.

    `newer` is the oldest found that is not before it, `older` is before it.
    """

    newer: Any = None
    older: Any = None


def walk(span: Span, newest_first: bool, size: int) -> Walk:
    """The walk; its questions are of `GET /channels/{channel_id}/posts`.

    Args:
        span: Which posts are wanted.
        newest_first: The direction.
        size: Posts on a page.
    """
    low, high = _ms(span.since, 0), _ms(span.until, None)
    if span.after is not None:
        nearest = yield from _nearest({"after": span.after})
        if nearest is None:
            return
        low = max(low, nearest.create_at)
    if span.before is not None:
        nearest = yield from _nearest({"before": span.before})
        if nearest is None:
            return
        high = min(high or nearest.create_at + 1, nearest.create_at + 1)
    inner = _back(span, high, size) if newest_first else _forward(span, low, size)
    yield from _within(inner, low, high, newest_first)


def _ms(time: int | datetime | None, default: Any) -> Any:
    if isinstance(time, datetime):
        return round(time.timestamp() * 1000)
    return default if time is None else time


def _nearest(anchor: Ask) -> Generator[Ask | list[Any], Any, Any]:
    """The post beside another one: its time says where the walk ends, also if the other is gone."""
    posts = _LISTING.of((yield {_SIZE: 1, **anchor}))
    return posts[0] if posts else None


def _within(inner: Walk, low: int, high: int | None, newest_first: bool) -> Walk:
    """A walk without what lies outside of a span of time, and that ends where it ends."""
    answer = None
    while True:
        try:
            step = inner.send(answer)
        except StopIteration:
            return
        if isinstance(step, dict):
            answer = yield step
            continue
        answer = None
        if wanted := [
            post for post in step if low <= post.create_at and (high is None or post.create_at < high)
        ]:
            yield wanted
        last = step[-1].create_at
        if last < low if newest_first else high is not None and last >= high:
            return


def _back(span: Span, high: int | None, size: int) -> Walk:
    way = _way(size, is_back=True)
    if span.before is not None:
        yield from way.walk(span.before)
    for _ in range(0 if span.before is not None else _MOST_SEARCHES):
        time = high if way.reached is None else way.reached
        # Of no use but to begin nearer: the walk leaves out what it is not asked for, or has handed out.
        found = (yield from _search(time)) if time is not None else Neighbours()
        if (yield from way.walk(found.newer.id if found.newer else None)) or found.older is None:
            break
    if rest := way.rest():
        yield rest


def _forward(span: Span, low: int, size: int) -> Walk:
    way = _way(size, is_back=False)
    if span.after is not None:
        yield from way.walk(span.after)
    for _ in range(0 if span.after is not None else _MOST_SEARCHES):
        found = yield from _search(low if way.reached is None else way.reached)
        if found.newer is None:
            break
        anchor, is_last = found.older, False
        if anchor is None:
            following = yield from _nearest({"after": found.newer.id})
            begin = yield from _before(following, size)
            way.hold(begin)
            anchor, is_last = max(begin, key=_time, default=None), following is None
        # Gone for good is what was found: once more.
        if anchor is not None and ((yield from way.walk(anchor.id)) or is_last):
            break
    if rest := way.rest():
        yield rest


def _before(post: Any, size: int) -> Generator[Ask | list[Any], Any, list[Any]]:
    """All posts before a post, or all of the channel; none if the post is gone."""
    way, found, answer = _way(size, is_back=True), list[Any](), None
    walk = way.walk(post.id if post else None)
    while True:
        try:
            step = walk.send(answer)
        except StopIteration as end:
            return found + way.rest() if end.value else []
        if isinstance(step, dict):
            answer = yield step
        else:
            found, answer = found + step, None


def _time(post: Any) -> int:
    return int(post.create_at)


def _way(size: int, *, is_back: bool) -> TimeWalk:
    def goes_on(answer: Any, is_full: bool) -> bool:
        # A full page says that there is nothing more where what follows is of the same millisecond.
        neighbour = answer.prev_post_id if is_back else answer.next_post_id
        return is_full or neighbour != ""

    return TimeWalk(
        _LISTING,
        "create_at",
        _SIZE,
        size,
        anchor_name="before" if is_back else "after",
        is_back=is_back,
        is_numbered=True,
        goes_on=goes_on,
    )


def _search(time: int) -> Search:
    """Where in a channel a time is: by halves, with pages of one post."""
    low, high, step = -1, None, 1
    newer = older = None
    while high is None or high - low > 1:
        middle = low + step if high is None else (low + high) // 2
        posts = _LISTING.of((yield {"page": middle, _SIZE: 1}))
        is_older = not posts or posts[0].create_at < time
        # The same post again: posts were written meanwhile, or the server does not look at the number.
        if is_older or (newer is not None and posts[0].id == newer.id):
            high, older = middle, posts[0] if posts and is_older else None
        else:
            low, newer, step = middle, posts[0], step * 2
    return Neighbours(newer, older)
