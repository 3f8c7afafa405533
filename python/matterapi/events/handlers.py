"""The loops of `start_ws`: frames become dicts, dicts go to the user's handler."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Semaphore
from typing import Any, cast

from matterapi._core import EventStream
from matterapi.calls.loop_bridge import complete, running_loop
from matterapi.errors.exceptions import InvalidRequest
from matterapi.logs import library_logger

from .frames import Event, Reader

logger: logging.Logger = library_logger("matterapi.client")

Handler = Callable[[Event], Any]
Batch = list[Any] | None

MAX_HANDLERS = 1024
"""Events handled at the same time with `ws_concurrent`; more wait in the core's queue."""

MAX_THREADS = min(32, (os.cpu_count() or 1) + 4)
"""Threads for handlers that are plain functions, as many as asyncio's default executor has."""


def is_coroutine_function(handler: Handler) -> bool:
    """Whether calling `handler` gives a coroutine: also for partials, bound methods and callable objects."""
    while isinstance(handler, partial):
        handler = handler.func
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        getattr(handler, "__call__", None)  # noqa: B004 - the method itself is looked at
    )


def in_running_loop() -> bool:
    """Whether an event loop runs on this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def check_handler(handler: Handler) -> None:
    """Refuse what cannot be called.

    Raises:
        InvalidRequest: It is nothing that events can be given to.
    """
    if not callable(handler):
        raise InvalidRequest(
            "event_handler must be a function or an object that can be called like one, "
            f"not {type(handler).__name__}"
        )


def _log_failure(failure: BaseException | None) -> None:
    if failure is not None:
        logger.error("Websocket task failed: %r", failure, exc_info=failure)


def handle_sync(stream: EventStream, handler: Handler, concurrent: bool) -> None:
    """Call a plain function with every event until the stream ends."""
    reader = Reader()
    if not concurrent:
        while (batch := stream.next_batch()) is not None:
            for event in reader.events(batch):
                handler(event)
        return
    free = Semaphore(MAX_HANDLERS)
    exits: list[BaseException] = []

    def finished(future: Future[Any]) -> None:
        free.release()
        failure = None if future.cancelled() else future.exception()
        if failure is None or isinstance(failure, Exception):
            _log_failure(failure)
            return
        # SystemExit or KeyboardInterrupt: it is meant for the program, which waits on another thread.
        exits.append(failure)
        stream.close()

    executor = ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="matterapi-event")
    try:
        while (batch := stream.next_batch()) is not None:
            for event in reader.events(batch):
                free.acquire()
                if exits:
                    raise exits[0]
                executor.submit(handler, event).add_done_callback(finished)
        if exits:
            raise exits[0]
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


async def handle_async(stream: EventStream, handler: Handler, concurrent: bool) -> None:
    """Call a function or coroutine function with every event until the stream ends or we are cancelled."""
    with ThreadPoolExecutor(MAX_THREADS, thread_name_prefix="matterapi-event") as executor:
        call = _coroutine(handler, executor)
        try:
            await (_handle_concurrently if concurrent else _handle_in_order)(stream, call)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)


def _coroutine(handler: Handler, executor: ThreadPoolExecutor) -> Callable[[Event], Awaitable[Any]]:
    if is_coroutine_function(handler):
        return handler
    loop = running_loop()

    async def call(event: Event) -> None:
        result = await loop.run_in_executor(executor, handler, event)
        if inspect.isawaitable(result):
            await result

    return call


async def _next_batch(stream: EventStream) -> Batch:
    # Where more comes than is handled, other tasks have their turn all the same.
    await asyncio.sleep(0)
    batch = stream.next_batch(0)
    # Mostly empty where events are rare: then the core wakes us.
    return cast("Batch", await complete(stream.submit_next_batch)) if batch == [] else batch


async def _handle_in_order(stream: EventStream, call: Callable[[Event], Awaitable[Any]]) -> None:
    reader = Reader()
    while (batch := await _next_batch(stream)) is not None:
        for event in reader.events(batch):
            await call(event)


async def _handle_concurrently(stream: EventStream, call: Callable[[Event], Awaitable[Any]]) -> None:
    loop = asyncio.get_running_loop()
    reader = Reader()
    free = asyncio.Semaphore(MAX_HANDLERS)
    running: set[asyncio.Task[None]] = set()

    def finished(task: asyncio.Task[None]) -> None:
        running.discard(task)
        free.release()
        if not task.cancelled():
            # SystemExit or KeyboardInterrupt, which the loop has raised already: asking keeps it from being
            # logged a second time as "never retrieved".
            task.exception()

    try:
        while (batch := await _next_batch(stream)) is not None:
            rest = reader.events(batch)
            turn = _Turn()
            while not turn.took_all:
                await free.acquire()
                turn = _Turn()
                task = loop.create_task(turn.handle(rest, call))
                running.add(task)
                task.add_done_callback(finished)
                await asyncio.sleep(0)
    finally:
        for task in list(running):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)


class _Turn:
    """One task's turn: it handles event after event until a handler has to wait for something.

    A task for each event costs more than most handlers do. While a handler waits, the next event gets a
    new task; who is done first goes on.
    """

    def __init__(self) -> None:
        self.took_all = False

    async def handle(self, rest: Iterator[Event], call: Callable[[Event], Awaitable[Any]]) -> None:
        for event in rest:
            try:
                await call(event)
            except Exception as failure:  # noqa: BLE001 - a handler's failure ends nothing
                _log_failure(failure)
        self.took_all = True
