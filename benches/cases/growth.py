"""By how much a process grows over many calls: `python -m benches.cases.growth URL sync|async AMOUNT`.

A tenth of the calls goes before, to fill what is filled once.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from benches.cases.flight import measure_flight
from benches.cases.measure import Amount, Sample, measure_calls, model_fingerprint, print_sample
from benches.cases.memory import resident
from benches.cases.options import options
from matterapi import AsyncClient, SyncClient

LOOK_EVERY = 1_000
"""Calls between two looks at the memory."""

IN_FLIGHT = 64


class Growth:
    """Bytes by which the process grew since the end of the warm-up, at most.

    Args:
        after: How many calls are the warm-up.
    """

    def __init__(self, after: int) -> None:
        self._calls = 0
        self._after = after
        self._base = 0
        self.bytes = 0

    def count(self) -> None:
        """A call was made."""
        self._calls += 1
        if self._calls == self._after:
            self._base = resident()
        elif self._calls > self._after and self._calls % LOOK_EVERY == 0:
            self.bytes = max(self.bytes, resident() - self._base)


def sync_calls(url: str, amount: Amount) -> Sample:
    growth = Growth(amount.warm_up.calls)
    with SyncClient(options=options(url)).session() as session:
        known = session.users.get_user("me")

        def call() -> None:
            if session.users.get_user("me").id != known.id:
                raise RuntimeError("not the user")
            growth.count()

        sample = measure_calls(call, amount, model_fingerprint(known))
    return replace(sample, memory=growth.bytes)


async def async_calls(url: str, amount: Amount) -> Sample:
    growth = Growth(amount.warm_up.calls)
    async with AsyncClient(options=options(url)).session() as session:
        known = await session.users.get_user("me")

        async def call() -> None:
            if (await session.users.get_user("me")).id != known.id:
                raise RuntimeError("not the user")
            growth.count()

        sample = await measure_flight(call, IN_FLIGHT, "plain", amount, model_fingerprint(known))
    return replace(sample, memory=growth.bytes)


if __name__ == "__main__":
    url, kind, amount = sys.argv[1], sys.argv[2], Amount.read(sys.argv[3])
    print_sample(sync_calls(url, amount) if kind == "sync" else asyncio.run(async_calls(url, amount)))
