"""Many calls of an event loop at once, the same whichever library makes them.

Only the standard library is used here, so that every environment can run it; uvloop where it is asked for.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from benches.cases.event_work import beside_a_busy_thread
from benches.cases.measure import Amount, Clock, Sample, print_sample

Call = Callable[[], Awaitable[object]]


async def measure_flight(call: Call, in_flight: int, how: str, amount: Amount, outcome: str) -> Sample:
    """Make the same call again and again, so many of them at once, after a warm-up.

    Args:
        call: Makes one.
        in_flight: How many tasks make calls, one after the other.
        how: `busy`: another thread computes meanwhile, and its time counts; `timed`: each call is timed.
        amount: For how long, or how many together.
        outcome: Fingerprint of what a call returned.
    """
    took: list[float] = []

    async def timed() -> None:
        start = time.perf_counter()
        await call()
        took.append(time.perf_counter() - start)

    made = timed if how == "timed" else call
    await _call_for(made, amount.warm_up, in_flight)
    took.clear()
    if how == "busy":
        beside_a_busy_thread()
    clock = Clock()
    calls = await _call_for(made, amount, in_flight)
    clock.stop()
    sample = clock.sample(calls, outcome)
    if how != "timed":
        return sample
    took.sort()
    return replace(sample, p50=took[len(took) // 2], p99=took[len(took) * 99 // 100])


async def _call_for(call: Call, amount: Amount, in_flight: int) -> int:
    """How many calls the tasks together completed."""
    end = time.perf_counter() + amount.seconds
    left = amount.calls

    async def work() -> int:
        nonlocal left
        calls = 0
        while left > 0 if amount.calls else not calls or time.perf_counter() < end:
            left -= 1
            await call()
            calls += 1
        return calls

    return sum(await asyncio.gather(*(work() for _ in range(in_flight))))


def run(program: Callable[..., Coroutine[Any, Any, Sample]]) -> None:
    """Run a program with the arguments of the command line.

    They are `URL LIBRARY IN_FLIGHT LOOP HOW AMOUNT`: the loop is `asyncio` or `uvloop`, `HOW` as in
    `measure_flight` or `plain`.
    """
    url, library, in_flight, loop, how, amount = sys.argv[1:]
    started = program(url, library, int(in_flight), how, Amount.read(amount))
    if loop == "uvloop":
        import uvloop

        print_sample(uvloop.run(started))
    else:
        print_sample(asyncio.run(started))
