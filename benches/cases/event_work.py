"""What a program does with events, the same whichever library brings them.

Only the standard library is used here, so that every environment can run it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from benches.cases.measure import Clock, Sample, fingerprint, print_sample

KEEP_EVERY = 997
"""A prime, so that over time every kind of event is among those compared."""

COMPARED = (
    "id",
    "create_at",
    "edit_at",
    "user_id",
    "channel_id",
    "root_id",
    "message",
    "type",
    "file_ids",
)
"""Fields of a post that every library's model has."""


class Work:
    """Counts events and keeps some of them.

    Args:
        expected: How many come.
        kept: What is compared of an event that is kept.

    Attributes:
        finished: Set when all have come.
    """

    def __init__(self, expected: int, kept: Callable[[Any], Any]) -> None:
        self._kept = kept
        self._seen: set[int] = set()
        self._sample: list[tuple[int, Any]] = []
        self._left = expected
        self.finished = asyncio.Event()

    def take(self, seq: int, item: Any) -> None:
        """An event with its number."""
        self._seen.add(seq)
        if len(self._seen) % KEEP_EVERY == 0:
            self._sample.append((seq, item))
        self._left -= 1
        if self._left == 0:
            self.finished.set()

    def outcome(self) -> str:
        """Fingerprint of what was kept; libraries may hand events over in any order.

        Raises:
            AssertionError: An event came twice, and so another one not at all.
        """
        assert self._left == 0, f"{-self._left} too many"
        numbers = sorted(self._seen)
        return fingerprint(
            [len(numbers), numbers[-1], [(seq, self._kept(item)) for seq, item in self._sample]]
        )


def compared_post(post: Any) -> dict[str, Any]:
    """What is compared of a post, a model of whichever library."""
    return {name: getattr(post, name) for name in COMPARED}


class Delays(Work):
    """Notes how late each post is.

    Of a server at a pace, a post's id ends in when it was sent: the last digits of the microseconds since
    1970.
    """

    DIGITS = 10

    def __init__(self, expected: int) -> None:
        super().__init__(expected, lambda _: None)
        self._delays: list[int] = []

    def take(self, seq: int, item: Any) -> None:
        """A post with its event's number."""
        modulus = 10**self.DIGITS
        self._delays.append((time.time_ns() // 1000 - int(item.id[-self.DIGITS :])) % modulus)
        super().take(seq, item)

    def percentile(self, part: float) -> float:
        """Seconds that this part of the posts took at most."""
        return sorted(self._delays)[int(len(self._delays) * part)] / 1e6


def beside_a_busy_thread() -> None:
    """Start a thread that computes in Python until the process ends."""

    def compute() -> None:
        number = 0
        while True:
            number = (number * 31 + 7) % 1_000_003

    threading.Thread(target=compute, daemon=True).start()


async def measure(listen: Callable[[Work], Any], expected: int, how: str = "") -> Sample:
    """Time from before the connection is made until the last post was handled.

    Args:
        listen: Gives the coroutine that brings the posts to some work; it is cancelled at the end.
        expected: How many come.
        how: `busy`: another thread computes meanwhile, and its time counts; `delays`: each post is timed.
    """
    delays = Delays(expected)
    work = delays if how == "delays" else Work(expected, compared_post)
    if how == "busy":
        beside_a_busy_thread()
    sample = await drive(listen(work), work, expected)
    if how == "delays":
        sample = replace(sample, p50=delays.percentile(0.5), p99=delays.percentile(0.99))
    return sample


async def drive(listening: Coroutine[Any, Any, Any], work: Work, expected: int) -> Sample:
    """The same for any work."""
    clock = Clock()
    listener = asyncio.ensure_future(listening)
    finished = asyncio.ensure_future(work.finished.wait())
    await asyncio.wait({listener, finished}, return_when=asyncio.FIRST_COMPLETED)
    clock.stop()
    listener.cancel()
    # What the listener failed with, if it did, says more than events that are missing.
    failures = await asyncio.gather(listener, return_exceptions=True)
    if isinstance(failures[0], Exception) and not work.finished.is_set():
        raise failures[0]
    return clock.sample(expected, work.outcome())


def run(program: Callable[..., Any]) -> None:
    """Run `program(url, posts, how)` with the arguments of the command line: `URL POSTS [busy|delays]`."""
    url, posts, *how = sys.argv[1:]
    print_sample(asyncio.run(program(url, int(posts), *how)))
