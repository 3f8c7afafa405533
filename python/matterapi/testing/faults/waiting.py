"""Waiting for whichever comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first(*works: Coroutine[Any, Any, object] | asyncio.Future[Any]) -> None:
    """Wait for the first of some coroutines or futures; the other coroutines are cancelled."""
    tasks = [
        wanted_work if isinstance(wanted_work, asyncio.Future) else asyncio.ensure_future(wanted_work)
        for wanted_work in works
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        begun = [task for task, work in zip(tasks, works, strict=True) if task is not work]
        for task in begun:
            task.cancel()
        await asyncio.gather(*begun, return_exceptions=True)
