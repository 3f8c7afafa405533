"""Lists that are walked page by page: what an `iter_*` method gives, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from typing_extensions import Self

from .paging import Ask, Walk

if TYPE_CHECKING:
    from asyncio import Task

T = TypeVar("T")


class _Pages(Generic[T]):
    """What is left of a walk: the page that is being handed out, and the step that comes next."""

    def __init__(self, walk: Walk, limit: int | None) -> None:
        self._walk = walk
        self._left = limit
        self._rest: list[T] = []
        self._next: Ask | list[T] | None = None
        self._is_begun = False

    def _question(self) -> Ask | None:
        """What to ask the server before there is a page; None if there is one, or none will come."""
        if not self._is_begun:
            self._is_begun = True
            self._advance(None)
        return self._next if isinstance(self._next, dict) else None

    def _advance(self, answer: Any) -> None:
        try:
            self._next = self._walk.send(answer)
        except StopIteration:
            self._next = None

    def _page(self) -> list[T]:
        """The page that is here, cut to what is wanted; empty at the end."""
        page: list[T] = self._next if isinstance(self._next, list) else []
        if page:
            self._advance(None)
        if self._left is not None:
            page = page[: self._left]
            self._left -= len(page)
        if self._is_complete():
            self._end()
        return page

    def _is_complete(self) -> bool:
        return self._left == 0

    def _end(self) -> None:
        self._walk.close()
        self._next, self._is_begun = None, True

    def _drop(self) -> None:
        """Forget what has not been handed out."""
        self._end()
        self._rest = []

    def _remainder(self) -> list[T]:
        """What is left of the page that is being handed out; it counts as handed out."""
        rest, self._rest = self._rest[::-1], []
        return rest


class PageIterator(_Pages[T]):
    """The items of a list that the server gives page by page, each once.

        for user in client.users.iter_users(in_team=team.id): ...

    A page is asked for when it is needed. An exception does not end the walk: the next step asks for the same
    page again. Not for several threads at once.
    """

    def __init__(self, fetch: Callable[[Ask], Any], walk: Walk, limit: int | None) -> None:
        super().__init__(walk, limit)
        self._fetch = fetch

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if not self._rest:
            self._rest = self._take()[::-1]
        if not self._rest:
            raise StopIteration
        return self._rest.pop()

    def _take(self) -> list[T]:
        if not self._is_complete():
            while (question := self._question()) is not None:
                self._advance(self._fetch(question))
        return self._page()

    def pages(self) -> Iterator[list[T]]:
        """What is left, as lists: as many items as came at once, in their order.

        A page of the server of which all items have come before is left out.
        """
        while page := self._remainder() or self._take():
            yield page

    def first(self) -> T | None:
        """The next item, or None if there is none; then the iterator is closed."""
        item = next(self, None)
        self.close()
        return item

    def close(self) -> None:
        """End the walk: nothing more is asked for, and no item comes any more."""
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncPageIterator(_Pages[T]):
    """As `PageIterator`, for `async for`; the next page is fetched while a page is handed out.

        async for user in client.users.iter_users(in_team=team.id): ...

    The fetching is a task of the running loop. An iterator that is left before its end finishes what it
    fetches and drops it; `aclose`, or `async with`, ends it at once. A cancelled step loses no item. Not
    for several tasks at once.
    """

    def __init__(self, fetch: Callable[[Ask], Awaitable[Any]], walk: Walk, limit: int | None) -> None:
        super().__init__(walk, limit)
        self._fetch = fetch
        self._fetching: Task[None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if not self._rest:
            self._rest = (await self._take())[::-1]
        if not self._rest:
            raise StopAsyncIteration
        return self._rest.pop()

    async def _take(self, ahead: bool = True) -> list[T]:
        if self._is_complete():
            return []
        if (task := self._fetching) is not None:
            try:
                await task
            finally:
                # Cancelled or failed: the next step asks for the page again.
                self._fetching = None
        else:
            await self._come()
        page = self._page()
        if page and ahead and self._question() is not None:
            self._fetch_ahead()
        return page

    async def _come(self) -> None:
        while (question := self._question()) is not None:
            self._advance(await self._fetch(question))

    def _fetch_ahead(self) -> None:
        import asyncio  # noqa: PLC0415 - programs without a loop need none

        self._fetching = asyncio.get_running_loop().create_task(self._come())
        self._fetching.add_done_callback(_settle)

    async def pages(self) -> AsyncIterator[list[T]]:
        """As `PageIterator.pages`."""
        while page := self._remainder() or await self._take():
            yield page

    async def first(self) -> T | None:
        """As `PageIterator.first`."""
        if not self._rest:
            self._rest = (await self._take(ahead=False))[::-1]
        item = self._rest.pop() if self._rest else None
        await self.aclose()
        return item

    async def aclose(self) -> None:
        """End the walk: what is being fetched is cancelled, and no item comes any more."""
        task, self._fetching = self._fetching, None
        self._drop()
        if task is not None:
            import asyncio  # noqa: PLC0415 - see `_fetch_ahead`

            task.cancel()
            await asyncio.wait([task])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _settle(task: Task[None]) -> None:
    # Whoever leaves an iterator does not ask for its last failure, and asyncio would log it.
    if not task.cancelled():
        task.exception()
