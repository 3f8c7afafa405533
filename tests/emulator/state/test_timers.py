"""Time limits: in order, by a scale, and when a test lets time pass."""

from __future__ import annotations

import asyncio

from matterapi.testing.state.timers import Timers


async def test_what_is_skipped_falls_due_in_its_order() -> None:
    timers, seen = Timers(), list[str]()
    timers.call_later(100, lambda: seen.append("second"))
    timers.call_later(60, lambda: seen.append("first"))
    timers.call_later(300, lambda: seen.append("third"))
    timers.skip(120)
    assert seen == ["first", "second"]
    timers.skip(180)
    assert seen == ["first", "second", "third"]


async def test_a_limit_that_sets_itself_anew_falls_due_again_within_one_skip() -> None:
    timers, at = Timers(), list[float]()

    def again() -> None:
        at.append(round(timers.now(), 1))
        timers.call_later(60, again)

    timers.call_later(60, again)
    timers.skip(200)
    assert at == [60.0, 120.0, 180.0]
    assert timers.now() >= 200


async def test_what_is_cancelled_is_never_called() -> None:
    timers, seen = Timers(), list[str]()
    kept = timers.call_later(1, lambda: seen.append("kept"))
    timers.call_later(1, lambda: seen.append("cancelled")).cancel()
    timers.skip(2)
    kept.fire()
    assert seen == ["kept"]


async def test_limits_fall_due_by_themselves_on_their_scale() -> None:
    timers, done = Timers(scale=1e-6), asyncio.Event()
    timers.call_later(10_000, lambda: None)
    timers.call_later(5_000, done.set)
    await asyncio.wait_for(done.wait(), 30)
    assert timers.now() >= 5_000
