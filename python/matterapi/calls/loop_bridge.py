"""Awaiting what the core does: one bridge for each event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

from matterapi._core import Bridge

from .fork import in_child

_bridges: WeakKeyDictionary[asyncio.AbstractEventLoop, Bridge] = WeakKeyDictionary()
_latest: tuple[Callable[[], asyncio.AbstractEventLoop | None], Callable[[], Bridge | None]]


async def complete(submit: Callable[..., int], *arguments: Any) -> Any:
    """Hand a job to the core and wait for its outcome.

    Args:
        submit: Starts the job; it is given the loop's bridge, the future to resolve and `arguments`, and
            returns the token under which the job can be cancelled.
        *arguments: What the job is about.

    Raises:
        MatterapiError: What the job failed with.
        TypeError: No asyncio loop runs here, as under trio.
    """
    bridge, future = awaited_here()
    token = submit(bridge, future, *arguments)
    try:
        return await future
    except BaseException:
        # Cancelled, or dropped with its loop: the request ends too, and its connection is closed.
        bridge.cancel(token)
        raise


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop that the caller runs in.

    Raises:
        TypeError: It runs in none of asyncio.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise TypeError(
            "AsyncClient needs an event loop of asyncio, such as uvloop's or anyio's asyncio backend; "
            "under trio call a SyncClient in trio.to_thread.run_sync"
        ) from None


def awaited_here() -> tuple[Bridge, asyncio.Future[Any]]:
    """The bridge of the loop that the caller runs in, and a new future of it.

    Raises:
        TypeError: It runs in none of asyncio.
    """
    global _latest  # noqa: PLW0603 - mostly there is one loop, and finding its bridge again costs more
    loop = running_loop()
    if _latest[0]() is not loop or (bridge := _latest[1]()) is None:
        bridge = _bridges.get(loop) or _connect(loop)
        # Neither is kept alive by that.
        _latest = ref(loop), ref(bridge)
    return bridge, loop.create_future()


def _connect(loop: asyncio.AbstractEventLoop) -> Bridge:
    release_closed_loops()
    try:
        bridge = Bridge(True)
        loop.add_reader(bridge.fileno(), _draining(bridge, loop))
    except (NotImplementedError, OSError):
        # Windows' default loop watches no descriptors: a thread of its own passes the wake-ups on.
        bridge = Bridge(False)
        threading.Thread(target=_pass_on, args=(bridge, loop), name="matterapi-wake", daemon=True).start()
    _bridges[loop] = bridge
    return bridge


def _draining(bridge: Bridge, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
    def drain() -> None:
        if (pause := bridge.drain()) is not None:
            loop.call_later(pause, drain)

    return drain


def _pass_on(bridge: Bridge, loop: asyncio.AbstractEventLoop) -> None:
    while bridge.wait():
        try:
            loop.call_soon_threadsafe(bridge.drain)
        except RuntimeError:  # the loop is closed
            return


def release_closed_loops() -> None:
    """Give up the jobs of loops that were closed while they ran."""
    # Other threads connect loops of theirs meanwhile: `keyrefs` and `pop` are one step each, `items` is not.
    for reference in _bridges.keyrefs():
        loop = reference()
        if loop is not None and loop.is_closed() and (bridge := _bridges.pop(loop, None)) is not None:
            bridge.close()


def _forget() -> None:
    global _latest  # noqa: PLW0603 - see `awaited_here`
    _latest = (lambda: None), (lambda: None)
    _bridges.clear()


_forget()
in_child(_forget)
