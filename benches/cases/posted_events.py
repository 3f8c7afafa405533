"""Events as dicts for an async handler: `python -m benches.cases.posted_events URL EVENTS`.

The clock runs from before the connection is made until the last event was handled, so all work on the
events is counted, whichever thread does it.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Any

from benches.cases.measure import Clock, Sample, fingerprint, print_sample
from matterapi import ApiClientOptions, AsyncClient

KEEP_EVERY = 997
"""A prime, so that over time every kind of event is among those compared."""


class Handler:
    """Counts events and keeps some of them."""

    def __init__(self, expected: int) -> None:
        self.seen = bytearray(expected + 1)
        self.kept: list[dict[str, Any]] = []
        self.left = expected
        self.finished = asyncio.Event()

    async def handle(self, event: dict[str, Any]) -> None:
        seq = event["seq"]
        self.seen[seq] += 1
        if seq % KEEP_EVERY == 0:
            self.kept.append(event)
        self.left -= 1
        if self.left == 0:
            self.finished.set()

    def outcome(self) -> str:
        """Fingerprint of the events kept; they may have been handled in any order.

        Raises:
            AssertionError: An event was missing or came twice.
        """
        assert self.seen == b"\0" + b"\1" * (len(self.seen) - 1)
        return fingerprint(sorted(self.kept, key=lambda event: int(event["seq"])))


async def measure(url: str, events: int) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    handler = Handler(events)
    async with AsyncClient(options=options).session() as session:
        clock = Clock()
        listener = asyncio.create_task(session.start_ws(handler.handle))
        finished = asyncio.create_task(handler.finished.wait())
        await asyncio.wait({listener, finished}, return_when=asyncio.FIRST_COMPLETED)
        clock.stop()
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
    return clock.sample(events, handler.outcome())


if __name__ == "__main__":
    print_sample(asyncio.run(measure(sys.argv[1], int(sys.argv[2]))))
