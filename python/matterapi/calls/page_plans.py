"""How each operation pages: the generated `iter_*` methods name one of these classes.

The families of the server: pages by number (`ByPage`), from the id of the last item on (`ByCursor`), from a
mark that the answer brings (`ByMark`), from the time of an item on (`ByTime`), and those of a single
operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from matterapi.decoding.plain_json import parse_json
from matterapi.errors.exceptions import InvalidRequest

from .body import Body
from .codec import encode
from .json_body import dump_json
from .operation import Operation
from .paging import Ask, Listing, Walk, by_cursor, by_page, by_plain_page
from .time_walk import older

LARGEST = 200
"""Items on a page at most, for most operations of the server (web/params.go, PerPageMaximum)."""


@dataclass(frozen=True)
class PagePlan:
    """What the pages of an operation have in common.

    Args:
        key: The attributes of an item that are its id together, separated by spaces; empty for items without.
        items: The attribute of the answer that lists them; empty where the answer itself is the list.
        size: The parameter for the size of a page.
        most: The largest page.
        in_body: Whether these parameters are fields of the JSON body; they are in the query otherwise.
    """

    key: str = "id"
    items: str = ""
    size: str = "per_page"
    most: int = LARGEST
    in_body: bool = False

    @property
    def listing(self) -> Listing:
        """Where the items are."""
        return Listing(self.items, self.key)

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """The walk in pages of a size.

        Args:
            size: Items on a page, at most.
            given: What else is asked with.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class ByPage(PagePlan):
    """Pages by number. `is_sieved`: the server drops items of a page after it has cut it."""

    is_sieved: bool = False

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        pages = by_page if self.key and not self.is_sieved else by_plain_page
        return pages(self.listing, self.size, size)


@dataclass(frozen=True)
class ByCursor(PagePlan):
    """From the last item on: `cursor` says which parameter gets which attribute of it, as `from_id=id`.

    `changed` does so where the caller asks for what changed `since` a time.
    """

    cursor: str = ""
    changed: str = ""

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        names = self.changed if self.changed and given.get("since") else self.cursor
        pairs = [pair.split("=") for pair in names.split()]
        return by_cursor(self.listing, self.size, size, partial(_from_last, pairs))


def _from_last(pairs: list[list[str]], _answer: Any, items: list[Any]) -> Ask | None:
    values = Ask()
    for name, attribute in pairs if items else ():
        outer, _, inner = name.partition(".")
        value = getattr(items[-1], attribute, None)
        values[outer] = {inner: value} if inner else value
    return values


@dataclass(frozen=True)
class ByColumn(PagePlan):
    """From the last row of a report on: its id and its value in the column that sorts (`sort_column`)."""

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        column = str(given.get("sort_column") or "Username")
        field = "".join(f"_{c.lower()}" if c.isupper() else c for c in column).lstrip("_")
        pairs = [["from_column_value", field], ["from_id", "id"]]
        return by_cursor(self.listing, self.size, size, partial(_from_last, pairs))


@dataclass(frozen=True)
class ByMark(PagePlan):
    """From where the answer says: parameter `mark` gets what is at `found` in the answer."""

    mark: str = ""
    found: str = ""

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        return by_cursor(self.listing, self.size, size, self._mark)

    def _mark(self, answer: Any, _items: list[Any]) -> Ask | None:
        for name in self.found.split("."):
            answer = getattr(answer, name, None)
        return {self.mark: answer} if answer else None


@dataclass(frozen=True)
class ByReply(PagePlan):
    """The posts of a thread, oldest first: from the time and id of the last one on (post_store.go, Get)."""

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        # The post that was asked for is on every page besides: one of two posts always leads on.
        return by_cursor(self.listing, self.size, max(size, 2), partial(_from_reply, given.get("post_id")))


def _from_reply(asked: Any, answer: Any, items: list[Any]) -> Ask | None:
    if not getattr(answer, "has_next", False):
        return None
    # The post that was asked for comes first on every page, wherever it stands in the thread.
    rows = [post for post in items if post.id != asked] or items
    last = max(rows, key=lambda post: (post.create_at or 0, post.id or ""))
    return {"fromCreateAt": last.create_at, "fromPost": last.id}


@dataclass(frozen=True)
class ByTime(PagePlan):
    """From the id of an item on, of which the server compares the time only: `time` is the attribute."""

    time: str = ""

    def walk(self, size: int, given: Mapping[str, Any]) -> Walk:
        """See `PagePlan.walk`."""
        return older(self.listing, self.time, self.size, size)


@dataclass(frozen=True)
class Listed:
    """A list that is about to be walked: how to ask for it, and the way.

    Args:
        op: The operation.
        plan: How it pages.
        limit: The most items that are wanted.
        per_page: Items to ask for at once; by default as many as the server gives.
        values: Path and query values.
        body: The JSON body.
    """

    op: Operation[Any]
    plan: PagePlan
    limit: int | None
    per_page: int | None
    values: dict[str, Any]
    body: Any = None

    def walk(self) -> Walk:
        """The way from page to page.

        Raises:
            InvalidRequest: A number cannot be.
        """
        return self.plan.walk(page_size(self.op, self.plan.most, self.limit, self.per_page), self.values)

    def call(self, ask: Ask) -> tuple[dict[str, Any], Body | None]:
        """The path and query values of a question, and the body."""
        if not self.plan.in_body:
            return {**self.values, **ask}, encode(self.op, self.body, None, None)
        given = self.body if isinstance(self.body, Mapping) else parse_json(dump_json(self.body))
        return self.values, encode(self.op, {**given, **ask}, None, None)


def page_size(op: Operation[Any], most: int, limit: int | None, per_page: int | None) -> int:
    """The size of a page: as the caller wants it, and not much more than the items that are wanted.

    Raises:
        InvalidRequest: A number cannot be.
    """
    if per_page is not None and per_page < 1:
        raise InvalidRequest(f"per_page cannot be {per_page}: it is 1 or more", route=op.route)
    if limit is not None and limit < 0:
        raise InvalidRequest(f"limit cannot be {limit}: it is 0 or more", route=op.route)
    wanted = most if limit is None else limit + 1
    return max(min(per_page or most, wanted, most), 1)
