"""The thread, the event loop and the port of a server that runs."""

import asyncio
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

_IDLE_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 1.0
# How long a TLS connection that we close waits for the other side to say that it closes, too.
_TLS_CLOSE_TIMEOUT_S = 0.2

Handler = Callable[[web.BaseRequest], Coroutine[Any, Any, web.StreamResponse]]
T = TypeVar("T")


class Listener:
    """Serves HTTP on 127.0.0.1 from a thread of its own until it is stopped.

    Args:
        handler: Answers each request, on the thread.
        port: Port to listen on; 0 for a free one.
        context: For https; None for http.

    Raises:
        OSError: The port cannot be had.
    """

    def __init__(self, handler: Handler, port: int, context: ssl.SSLContext | None) -> None:
        self.port: int = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="matterapi-testing", daemon=True)
        self._thread.start()
        try:
            self._web, self._server = self._await(self._listen(handler, port, context))
        except BaseException:
            self._end_thread()
            raise

    def run(self, function: Callable[[], T]) -> T:
        """Call `function` on the thread and return its result."""

        async def call() -> T:
            return function()

        return self._await(call())

    def stop(self) -> None:
        """Close all connections, as a server that ends does, and end the thread."""
        self._await(self._close())
        self._end_thread()

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(
        self, handler: Handler, port: int, context: ssl.SSLContext | None
    ) -> tuple["_TrackingServer", asyncio.Server]:
        tracking = _TrackingServer(
            handler,
            keepalive_timeout=_IDLE_TIMEOUT_S,
            access_log=None,
            auto_decompress=False,
            lingering_time=_STOP_TIMEOUT_S,
        )
        options: dict[str, Any] = {}
        if context is not None and sys.version_info >= (3, 11):
            options["ssl_shutdown_timeout"] = _TLS_CLOSE_TIMEOUT_S
        server = await self._loop.create_server(
            tracking, "127.0.0.1", port, ssl=context, family=socket.AF_INET, **options
        )
        self.port = server.sockets[0].getsockname()[1]
        return tracking, server

    async def _close(self) -> None:
        self._server.close()
        await self._web.end_connections()
        await self._web.shutdown(_STOP_TIMEOUT_S)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _TrackingServer(web.Server):
    """aiohttp's server, with a way to wait until every connection is really gone."""

    def __init__(self, handler: Handler, **options: Any) -> None:
        super().__init__(handler, **options)
        self._open: dict[RequestHandler, asyncio.Transport] = {}
        self._all_lost = asyncio.Event()

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)
        if not self._open:
            self._all_lost.set()

    async def end_connections(self) -> None:
        """Break all connections off and wait until the event loop has let go of them."""
        if not self._open:
            return
        self._all_lost.clear()
        for transport in list(self._open.values()):
            transport.abort()
        try:
            await asyncio.wait_for(self._all_lost.wait(), _STOP_TIMEOUT_S)
        except asyncio.TimeoutError:
            return
