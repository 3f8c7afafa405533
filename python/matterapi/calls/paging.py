"""How lists are walked from page to page: pure rules, without requests.

A walk is a generator. It yields what to ask for next (values that go into the query or the body) and is
sent the answer; it yields lists of the items that are new. Nothing here knows whether a request blocks or
is awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeAlias

Ask: TypeAlias = dict[str, Any]
Walk: TypeAlias = Generator[Ask | list[Any], Any, None]
Key: TypeAlias = Any

REMEMBERED = 10_000
"""Ids of the items that came last, by which one that comes again is known."""

_LONGEST_WAIT = 10
"""Full pages in a row without anything new, after which a walk ends whatever the server says."""

_MOST_STEPS_BACK = 5


@dataclass(frozen=True)
class Listing:
    """Where in an answer the items are, and what tells them apart.

    Args:
        items: The attribute of the answer that lists them; empty where the answer itself is the list.
        key: The attributes of an item that are its id together, separated by spaces; empty for items without.
    """

    items: str = ""
    key: str = "id"

    def of(self, answer: Any) -> list[Any]:
        """The items of an answer; null stands for none."""
        found = getattr(answer, self.items, answer) if self.items else answer
        return [item for item in found or () if item is not None]

    def keys(self, items: Iterable[Any]) -> list[Key]:
        """What tells each of them from the others; None for one that lacks it."""
        names = self.key.split()
        return [_key(item, names) for item in items]


def _key(item: Any, names: list[str]) -> Key:
    try:
        found = tuple(attrgetter(name)(item) for name in names)
    except AttributeError:
        return None
    return found if any(found) else None


class Recent:
    """Knows the items that came last again, up to `REMEMBERED`."""

    def __init__(self) -> None:
        self._keys: dict[Key, None] = {}

    def knows(self, key: Key) -> bool:
        """Whether it came before; an item without an id never did."""
        return key in self._keys

    def add(self, keys: list[Key]) -> list[bool]:
        """Which of them are new, in their order; they are known from now on."""
        new = [self._add(key) for key in keys]
        while len(self._keys) > REMEMBERED:
            del self._keys[next(iter(self._keys))]
        return new

    def _add(self, key: Key) -> bool:
        if key is None:
            return True
        is_new = key not in self._keys
        self._keys[key] = None
        return is_new


def overlapping(covered: int, size: int) -> tuple[int, int]:
    """The page that reaches furthest beyond what is covered, of those that begin before its end.

    A page begins at a multiple of its size, so that another size than the largest has to be taken for two
    pages to overlap; with sizes up to 200 that costs a tenth more requests.

    Args:
        covered: Items from the start of the list that are known, at least 1.
        size: The largest page.

    Returns:
        The page, from 0, and its size. Where no page does both, the one that reaches furthest.
    """
    sizes = range(size, size // 2, -1)
    best = max(sizes, key=lambda one: one - (covered - 1) % one)
    if best - (covered - 1) % best > 1:
        return (covered - 1) // best, best
    return covered // size, size


class Offsets:
    """Where the pages of a list begin that has no other order than the server's: by number and size.

    Items that are added or taken away during the walk shift all that is behind them. Each page is therefore
    asked for with the end of the one before it in it: if that is not where it was, the list has become
    shorter, and the walk goes back until it finds something that it knows.
    """

    def __init__(self, size: int) -> None:
        self.is_done: bool = False
        self._size = size
        self._covered = 0
        self._asked = (0, size)
        self._steps_back = 0
        self._waited = 0
        self._last: list[Key] = []
        self._known = Recent()

    @property
    def is_looking_back(self) -> bool:
        """Whether the last page was not joined to what is known: it counts for nothing."""
        return self._steps_back > 0

    def page(self) -> tuple[int, int]:
        """The number and size of the page to ask for."""
        self._asked = overlapping(self._covered, self._size) if self._covered else (0, self._size)
        return self._asked

    def take(self, keys: list[Key]) -> list[bool]:
        """Which of the items of the page that was asked for are new."""
        page, size = self._asked
        start = page * size
        is_loose = 0 < start < self._covered and not self._is_joined(keys)
        if is_loose and self._steps_back < _MOST_STEPS_BACK:
            self._covered = max(start - size * (2**self._steps_back - 1), 0)
            self._steps_back += 1
            return [False] * len(keys)
        self._steps_back = 0
        if not start and len(keys) < size:
            # All there is, or the server's own largest page: then on in pages of that size.
            self._size = max(len(keys), 1)
        new = self._known.add(keys)
        self._waited = 0 if any(new) else self._waited + 1
        # A full page without anything new is one before which much was added; a server that does not look
        # at the number gives the same page for ever.
        stands = len(keys) < size or keys == self._last or self._waited >= _LONGEST_WAIT
        self.is_done = not any(new) and stands
        self._last, self._covered = keys, start + len(keys)
        return new

    def _is_joined(self, keys: list[Key]) -> bool:
        return bool(keys) and (keys[0] is None or self._known.knows(keys[0]))


def by_page(listing: Listing, size_name: str, size: int) -> Walk:
    """Pages by number, each overlapping with the one before it.

    Args:
        listing: What an answer holds.
        size_name: The parameter for the size of a page.
        size: The largest page.
    """
    offsets = Offsets(size)
    while not offsets.is_done:
        page, per_page = offsets.page()
        items = listing.of((yield {"page": page, size_name: per_page}))
        new = offsets.take(listing.keys(items))
        if fresh := [item for item, is_new in zip(items, new, strict=True) if is_new]:
            yield fresh


def by_plain_page(listing: Listing, size_name: str, size: int) -> Walk:
    """Pages by number, one behind the other: of items without ids, or where the server drops some of a page.

    An empty page is the end, or one that is as the last.
    """
    known, last, number = Recent(), list[Any](), 0
    while True:
        items = listing.of((yield {"page": number, size_name: size}))
        if not items or items == last:
            return
        new = known.add(listing.keys(items)) if listing.key else [True] * len(items)
        if fresh := [item for item, is_new in zip(items, new, strict=True) if is_new]:
            yield fresh
        last, number = items, number + 1


def by_cursor(
    listing: Listing, size_name: str, size: int, cursor: Callable[[Any, list[Any]], Ask | None]
) -> Walk:
    """Each page from where the one before it ended.

    Args:
        listing: What an answer holds.
        size_name: The parameter for the size of a page.
        size: The largest page.
        cursor: Says of an answer and its items what to ask with next; None: that was the end.
    """
    known, values = Recent(), Ask()
    while True:
        answer = yield {size_name: size, **values}
        items = listing.of(answer)
        new = known.add(listing.keys(items))
        if fresh := [item for item, is_new in zip(items, new, strict=True) if is_new]:
            yield fresh
        following = cursor(answer, items)
        if not following or following == values or (not fresh and items):
            return
        values = following
