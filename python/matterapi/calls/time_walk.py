"""The walk through items that the server lists from the time of one on, such as the posts of a channel.

The server compares times only, and leaves out what has the same as the item that it is asked to go on from
(post_store.go, getPostsAround). So the walk goes on from an item whose millisecond is complete, and hands
out a millisecond only when all of it is here. A millisecond of more items than a page holds is read by the
number of the page, from the same item on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from operator import attrgetter
from typing import Any, TypeAlias

from .paging import Ask, Listing, Offsets, Walk

Way: TypeAlias = Generator[Ask | list[Any], Any, bool]

_MOST_FRESH_STARTS = 3


class TimeWalk:
    """One direction through the time.

    Args:
        listing: What an answer holds.
        time: The attribute of an item that the server compares.
        size_name: The parameter for the size of a page.
        size: The largest page.
        anchor_name: The parameter for the item to go on from.
        is_back: Whether from new to old.
        is_numbered: Whether the server gives pages by number under an anchor as well.
        goes_on: Says of an answer, and of whether its page is full, whether there is more in this direction.
    """

    def __init__(
        self,
        listing: Listing,
        time: str,
        size_name: str,
        size: int,
        *,
        anchor_name: str,
        is_back: bool,
        is_numbered: bool,
        goes_on: Callable[[Any, bool], bool],
    ) -> None:
        self._listing = listing
        self._time = attrgetter(time)
        self._size_name = size_name
        self._size = size
        self._anchor_name = anchor_name
        self._sign = -1 if is_back else 1
        self._is_numbered = is_numbered
        self._goes_on = goes_on
        self._handed_out: int | None = None
        self._held: dict[str, Any] = {}

    def _at(self, item: Any) -> int:
        """How far in the direction of the walk an item is."""
        return self._sign * int(self._time(item) or 0)

    @property
    def reached(self) -> int | None:
        """The time of the last item that was handed out."""
        return None if self._handed_out is None else self._sign * self._handed_out

    def walk(self, anchor: str | None) -> Way:
        """What comes behind an item, or from the end of the list on, without what is still held.

        Args:
            anchor: Id of the item.

        Returns:
            Whether that was the end. False: nothing comes behind the item, or it is gone for good, which the
            server answers in the same way.
        """
        first, last_at, starts = anchor, None, 0
        offsets, is_promised = Offsets(self._size), False
        while starts <= _MOST_FRESH_STARTS:
            page, size = offsets.page()
            answer = yield self._ask(anchor, page, size)
            # Newest first whatever the direction (AddCursorIdsForPostList); here in that of the walk.
            items = self._listing.of(answer)[:: -self._sign]
            if self._is_numbered:
                offsets.take([item.id for item in items])
                if offsets.is_looking_back:
                    continue
            if not items and (page or anchor == first):
                return page > 0 or first is None
            if not items and is_promised:
                # The item to go on from is gone for good, and with it the way: once more from where it began.
                anchor, last_at, starts, offsets = first, None, starts + 1, Offsets(self._size)
                is_promised = False
                continue
            is_promised = bool(items) and self._goes_on(answer, len(items) >= size)
            furthest = max(map(self._at, items), default=0)
            if fresh := self._take(items, furthest if is_promised else None):
                starts = 0
                yield fresh
            if not is_promised:
                return True
            before = [item for item in items if self._at(item) < furthest]
            if before:
                nearest = max(before, key=self._at)
                if last_at is not None and self._at(nearest) <= last_at:
                    starts += 1
                anchor, last_at, offsets = nearest.id, self._at(nearest), Offsets(self._size)
            elif not self._is_numbered:
                anchor, is_promised = items[-1].id, False
            elif offsets.is_done:
                return True
        return True

    def rest(self) -> list[Any]:
        """What is held, after the end."""
        return self._take([], None)

    def _ask(self, anchor: str | None, page: int, size: int) -> Ask:
        ask: Ask = {self._size_name: size}
        if self._is_numbered:
            ask["page"] = page
        return {**ask, self._anchor_name: anchor} if anchor else ask

    def hold(self, items: list[Any]) -> None:
        """Have items that are handed out when their millisecond is complete."""
        for item in items:
            if self._handed_out is None or self._at(item) > self._handed_out:
                self._held[item.id] = item

    def _take(self, items: list[Any], furthest: int | None) -> list[Any]:
        """What is complete: all that is held before the time of the furthest item; None: just all."""
        self.hold(items)
        ready = [item for item in self._held.values() if furthest is None or self._at(item) < furthest]
        if not ready:
            return []
        for item in ready:
            del self._held[item.id]
        ready.sort(key=lambda item: (self._sign * self._at(item), item.id), reverse=self._sign < 0)
        self._handed_out = self._at(ready[-1])
        return ready


def older(listing: Listing, time: str, size_name: str, size: int) -> Walk:
    """All items of a list without numbered pages, from the newest to the oldest."""
    walk = TimeWalk(
        listing,
        time,
        size_name,
        size,
        anchor_name="before",
        is_back=True,
        is_numbered=False,
        goes_on=lambda _answer, _is_full: True,
    )
    yield from walk.walk(None)
    if rest := walk.rest():
        yield rest
