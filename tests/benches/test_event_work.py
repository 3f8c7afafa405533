import asyncio
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from benches.cases.event_work import Delays, Work, drive


def posts(*numbers: int) -> Callable[[Work], Awaitable[None]]:
    """A library that hands over events with these numbers, and then listens on."""

    async def listen(work: Work) -> None:
        for number in numbers:
            work.take(number, {"n": number})
        await asyncio.Event().wait()

    return listen


def outcome(*numbers: int) -> str:
    async def run() -> str:
        work = Work(3, dict)
        return (await drive(posts(*numbers)(work), work, 3)).outcome  # type: ignore[arg-type]

    return asyncio.run(run())


def test_the_order_of_the_events_does_not_matter_and_which_came_does() -> None:
    assert outcome(1, 2, 3) == outcome(3, 1, 2)
    assert outcome(1, 2, 3) != outcome(1, 2, 4)
    assert outcome(1, 2, 3) != outcome(1, 2, 2), "one of them twice"


def test_what_the_library_fails_with_is_told() -> None:
    async def run() -> None:
        async def listen() -> None:
            raise ConnectionError("cut")

        await drive(listen(), Work(1, dict), 1)

    with pytest.raises(ConnectionError, match="cut"):
        asyncio.run(run())


def test_a_post_is_as_late_as_the_time_since_the_one_in_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_700_000_123_456_789
    monkeypatch.setattr(time, "time_ns", lambda: now * 1000)

    def late(microseconds: int) -> Any:
        return SimpleNamespace(id=f"abc{(now - microseconds) % 10**10:010}")

    async def run() -> tuple[float, float]:
        delays = Delays(4)
        for number, microseconds in enumerate((300, 100, 200, 5_000)):
            delays.take(number, late(microseconds))
        return delays.percentile(0.5), delays.percentile(0.99)

    assert asyncio.run(run()) == (300e-6, 5_000e-6)
