"""The objects that `iter_*` methods give: items, pages, the first one, a limit, and the fetching ahead."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from matterapi.calls.pages import AsyncPageIterator, PageIterator
from matterapi.calls.paging import Ask, Listing, by_page
from tests.support.faces import AwaitablePages

from .listed_server import ByNumber

NAMES = [f"{number:03}" for number in range(25)]


class Fetched:
    """A server that both kinds of iterators ask, with errors and waits on command.

    Attributes:
        server: What answers.
        errors: Raised by the next requests.
        may_answer: Waited for before an answer, in the async kind.
        cancelled: Requests that were cancelled.
    """

    def __init__(self) -> None:
        self.server = ByNumber(list(NAMES))
        self.errors: list[Exception] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.cancelled = 0

    def answer(self, ask: Ask) -> Any:
        if self.errors:
            raise self.errors.pop()
        return self.server.answer(ask)

    async def wait(self, ask: Ask) -> Any:
        found = self.answer(ask)
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return found

    def asynchronous(self, limit: int | None = None) -> AsyncPageIterator[Any]:
        return AsyncPageIterator(self.wait, by_page(Listing(), "per_page", 10), limit)

    def iterator(self, kind: str, limit: int | None = None) -> Any:
        if kind == "async":
            return self.asynchronous(limit)
        return AwaitablePages(PageIterator(self.answer, by_page(Listing(), "per_page", 10), limit))


@pytest.fixture
async def fetched() -> Fetched:
    return Fetched()


async def ids(items: AsyncIterator[Any]) -> list[str]:
    return [item.id async for item in items]


async def test_items_come_one_by_one(fetched: Fetched, kind: str) -> None:
    assert await ids(fetched.iterator(kind)) == NAMES


async def test_pages_come_as_they_came_from_the_server(fetched: Fetched, kind: str) -> None:
    pages = [[item.id for item in page] async for page in fetched.iterator(kind).pages()]
    assert [name for page in pages for name in page] == NAMES
    assert len(pages) == 4
    assert all(pages)


async def test_pages_go_on_where_items_were_taken(fetched: Fetched, kind: str) -> None:
    found = fetched.iterator(kind)
    async for item in found:
        assert item.id == "000"
        break
    pages = [[item.id for item in page] async for page in found.pages()]
    assert [name for page in pages for name in page] == NAMES[1:]


@pytest.mark.parametrize(("limit", "requests"), [(0, 0), (1, 1), (10, 1), (11, 2), (25, 4), (100, 5)])
async def test_a_limit_ends_the_walk_and_asks_for_no_more(
    fetched: Fetched, kind: str, limit: int, requests: int
) -> None:
    assert await ids(fetched.iterator(kind, limit)) == NAMES[:limit]
    assert len(fetched.server.asked) == requests
    pages = [page async for page in fetched.iterator(kind, limit).pages()]
    assert [item.id for page in pages for item in page] == NAMES[:limit]


async def test_the_first_item_takes_one_request_and_closes(fetched: Fetched, kind: str) -> None:
    found = fetched.iterator(kind)
    assert (await found.first()).id == "000"
    assert len(fetched.server.asked) == 1
    assert await ids(found) == []


async def test_there_may_be_no_first_item(fetched: Fetched, kind: str) -> None:
    fetched.server.names = []
    assert await fetched.iterator(kind).first() is None


async def test_nothing_is_asked_before_an_item_is_wanted(fetched: Fetched, kind: str) -> None:
    async with fetched.iterator(kind):
        pass
    await asyncio.sleep(0)
    assert fetched.server.asked == []


async def test_a_closed_iterator_gives_nothing_more(fetched: Fetched, kind: str) -> None:
    async with fetched.iterator(kind) as found:
        assert (await found.__anext__()).id == "000"
    assert await ids(found) == []
    asked = len(fetched.server.asked)
    await found.aclose()
    assert len(fetched.server.asked) == asked


async def test_an_error_comes_where_its_page_would_and_the_walk_can_go_on(
    fetched: Fetched, kind: str
) -> None:
    found, seen = fetched.iterator(kind), list[str]()
    fetched.errors = [OSError("first")]
    with pytest.raises(OSError, match="first"):
        await found.__anext__()
    with pytest.raises(OSError, match="second"):
        async for item in found:
            # Of the page that is asked for next: at once, or when this one is at its end.
            if len(seen) == (0 if kind == "async" else 9):
                fetched.errors = [OSError("second")]
            seen.append(item.id)
    assert seen == NAMES[:10]
    assert seen + await ids(found) == NAMES


async def test_the_next_page_is_fetched_while_one_is_handed_out(fetched: Fetched) -> None:
    found = fetched.asynchronous()
    assert (await found.__anext__()).id == "000"
    await asyncio.sleep(0)
    assert len(fetched.server.asked) == 2
    await found.aclose()


def test_the_sync_kind_asks_for_a_page_when_it_is_needed() -> None:
    server = ByNumber(list(NAMES))
    found: Iterator[Any] = PageIterator(server.answer, by_page(Listing(), "per_page", 10), None)
    assert [next(found).id for _ in range(10)] == NAMES[:10]
    assert len(server.asked) == 1


async def test_closing_cancels_what_is_being_fetched(fetched: Fetched) -> None:
    found = fetched.asynchronous()
    await found.__anext__()
    fetched.may_answer.clear()
    await asyncio.sleep(0)
    await found.aclose()
    assert fetched.cancelled == 1
    assert len(asyncio.all_tasks()) == 1


async def test_a_cancelled_step_loses_no_item(fetched: Fetched) -> None:
    found = fetched.asynchronous()
    seen = [(await found.__anext__()).id]
    fetched.may_answer.clear()
    await asyncio.sleep(0)
    seen += [(await found.__anext__()).id for _ in range(9)]
    step = asyncio.ensure_future(found.__anext__())
    await asyncio.sleep(0)
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    fetched.may_answer.set()
    assert seen + await ids(found) == NAMES


async def test_leaving_an_iterator_leaves_no_noise(
    fetched: Fetched, caplog: pytest.LogCaptureFixture
) -> None:
    found = fetched.asynchronous()
    async for _ in found:
        fetched.errors = [OSError("of nobody's interest")]
        break
    await asyncio.sleep(0)
    del found
    gc.collect()
    await asyncio.sleep(0)
    assert caplog.records == []
