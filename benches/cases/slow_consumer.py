"""By how much a process grows whose handler is too slow.

`python -m benches.cases.slow_consumer URL EVENTS KIND`.

`KIND` is `stream` for typed events, `dicts` for `start_ws`, which 0.5.0 has, too.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
from typing import Any

from benches.cases.event_work import Work, drive
from benches.cases.measure import Sample, print_sample
from benches.cases.memory import resident
from matterapi import ApiClientOptions, AsyncClient

TAKES = 200e-6
"""Seconds of an event: ten times what one takes on its way here."""

LOOK_EVERY = 100
"""Events between two looks at the memory."""


class SlowWork(Work):
    """Takes its time for each event.

    Attributes:
        growth: Bytes by which the process grew since the first event, at most.
    """

    def __init__(self, expected: int) -> None:
        super().__init__(expected, lambda _: None)
        self._taken = 0
        self._at_first = 0
        self.growth = 0

    def take(self, seq: int, item: Any) -> None:
        """An event with its number."""
        if self._taken == 0:
            self._at_first = resident()
        if self._taken % LOOK_EVERY == 0:
            self.growth = max(self.growth, resident() - self._at_first)
        self._taken += 1
        time.sleep(TAKES)
        super().take(seq, item)


async def program(url: str, events: int, kind: str) -> Sample:
    work = SlowWork(events)
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})

    async def stream() -> None:
        from matterapi.events import Posted

        async with AsyncClient(options=options) as client, client.events(Posted) as stream:
            async for event in stream:
                work.take(event.seq or 0, None)

    async def handle(event: dict[str, Any]) -> None:
        if event.get("event") == "posted":
            work.take(event["seq"], None)

    async def dicts() -> None:
        async with AsyncClient(options=options).session() as session:
            await session.start_ws(handle)

    sample = await drive(stream() if kind == "stream" else dicts(), work, events)
    return replace(sample, memory=work.growth)


if __name__ == "__main__":
    print_sample(asyncio.run(program(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
