"""Typed calls of an async session: `python -m benches.cases.async_calls URL SECONDS IN_FLIGHT`."""

from __future__ import annotations

import asyncio
import sys
import time

from benches.cases.measure import WARM_UP, Clock, Sample, model_fingerprint, print_sample
from matterapi import ApiClientOptions, AsyncClient
from matterapi.models import User


async def measure(url: str, seconds: float, in_flight: int) -> Sample:
    options = ApiClientOptions.model_validate({"url": url, "auth": {"token": "bench"}})
    async with AsyncClient(options=options).session() as session:
        user = await session.users.get_user("me")
        assert isinstance(user, User)
        await _call_for(session, WARM_UP, in_flight)
        clock = Clock()
        calls = await _call_for(session, seconds, in_flight)
        clock.stop()
        return clock.sample(calls, model_fingerprint(user))


async def _call_for(session: AsyncClient, seconds: float, in_flight: int) -> int:
    """Calls that `in_flight` tasks together complete in `seconds`."""
    end = time.perf_counter() + seconds

    async def work() -> int:
        calls = 0
        while time.perf_counter() < end:
            await session.users.get_user("me")
            calls += 1
        return calls

    return sum(await asyncio.gather(*(work() for _ in range(in_flight))))


if __name__ == "__main__":
    print_sample(asyncio.run(measure(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))))
