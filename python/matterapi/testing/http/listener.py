"""The thread, the event loop and the port of a server that runs."""

import asyncio
import errno
import logging
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.web_protocol import RequestHandler

_IDLE_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 1.0
# How long a TLS connection that we close waits for the other side to say that it closes, too.
_TLS_CLOSE_TIMEOUT_S = 0.2
_BACKLOG = 4096
# How long accepting pauses when the process has no file left for a connection.
_NO_FILE_PAUSE_S = 0.01

T = TypeVar("T")


class _ServersFaults(logging.Filter):
    """Lets pass what went wrong here; not that a client breaks the rules of HTTP, or goes away."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, (BadHttpMessage, ConnectionError))


_log = logging.getLogger(__name__)
_log.addFilter(_ServersFaults())


class TcpConnection:
    """One accepted connection.

    Attributes:
        number: Ordinal on this server, from 1.
        lost: Set when it is over.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.lost: asyncio.Event = asyncio.Event()


class Handler(Protocol):
    """Answers the requests of a server."""

    async def __call__(self, request: web.BaseRequest, connection: TcpConnection) -> web.StreamResponse:
        """Answer one request."""
        ...


class Admission(Protocol):
    """What may happen to a connection before its first request."""

    async def stops(self, sock: socket.socket, number: int) -> bool:
        """Whether an accepted connection goes no further; who says so has closed the socket."""
        ...

    def certificate(self, number: int) -> ssl.SSLContext | None:
        """Return what to show instead of the server's certificate; None for no change."""
        ...


class Listener:
    """Serves HTTP on 127.0.0.1 from a thread of its own until it is stopped.

    Args:
        handler: Answers each request, on the thread.
        port: Port to listen on; 0 for a free one.
        context: For https; None for http.
        admission: Looks at each connection first.

    Raises:
        OSError: The port cannot be had.
    """

    def __init__(
        self, handler: Handler, port: int, context: ssl.SSLContext | None, admission: Admission
    ) -> None:
        listening = _bind(port)
        self.port: int = listening.getsockname()[1]
        self.loop: asyncio.AbstractEventLoop = asyncio.new_event_loop()
        self._context = context
        self._admission = admission
        self._accepted = 0
        self._accepting: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self.loop.run_forever, name="matterapi-testing", daemon=True)
        self._thread.start()
        self._web = self._await(self._serve(handler, listening))

    def run(self, function: Callable[[], T]) -> T:
        """Call `function` on the thread and return its result."""

        async def call() -> T:
            return function()

        return self._await(call())

    def stop(self) -> None:
        """Close all connections, as a server that ends does, and end the thread."""
        self._await(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def shut(self) -> None:
        """Refuse new connections and break off the open ones; `reopen` ends that."""
        self._await(self._shut())

    def reopen(self) -> None:
        """Listen again on the same port.

        Raises:
            OSError: Somebody else took the port meanwhile.
        """
        listening = _bind(self.port)
        self.run(lambda: self._listen(listening))

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def _serve(self, handler: Handler, listening: socket.socket) -> "_TrackingServer":
        server = _TrackingServer(
            handler,
            keepalive_timeout=_IDLE_TIMEOUT_S,
            access_log=None,
            logger=_log,
            auto_decompress=False,
            lingering_time=_STOP_TIMEOUT_S,
        )
        self._listen(listening)
        return server

    def _listen(self, listening: socket.socket) -> None:
        listening.setblocking(False)
        self._accepting = self.loop.create_task(self._accept(listening))

    async def _accept(self, listening: socket.socket) -> None:
        with listening:
            while True:
                await self._readable(listening)
                try:
                    sock, _ = listening.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    await asyncio.sleep(_NO_FILE_PAUSE_S)
                    continue
                self._accepted += 1
                self._web.starting.add(self.loop.create_task(self._admit(sock, self._accepted)))

    async def _readable(self, listening: socket.socket) -> None:
        """Wait for a connection, which stays to be accepted: `sock_accept` loses one when it is cancelled."""
        ready = asyncio.Event()
        self.loop.add_reader(listening, ready.set)
        try:
            await ready.wait()
        finally:
            self.loop.remove_reader(listening)

    async def _admit(self, sock: socket.socket, number: int) -> None:
        """Bring a connection to its first request."""
        try:
            sock.setblocking(False)
            if await self._admission.stops(sock, number):
                return
            context = self._context and (self._admission.certificate(number) or self._context)
            options: dict[str, Any] = {}
            if context is not None and sys.version_info >= (3, 11):
                options["ssl_shutdown_timeout"] = _TLS_CLOSE_TIMEOUT_S
            protocol = self._web.protocol(number)
            try:
                await self.loop.connect_accepted_socket(lambda: protocol, sock, ssl=context, **options)
            except OSError:
                # A handshake that fails is the client's affair.
                self._web.forget(protocol)
        except asyncio.CancelledError:
            sock.close()
            raise
        finally:
            task = asyncio.current_task()
            if task is not None:
                self._web.starting.discard(task)

    async def _shut(self) -> None:
        if self._accepting is not None:
            await _cancel({self._accepting})
        await _cancel(self._web.starting)
        await self._web.end_connections()

    async def _close(self) -> None:
        await self._shut()
        await self._web.shutdown(_STOP_TIMEOUT_S)
        await _cancel(asyncio.all_tasks() - {asyncio.current_task()})


async def _cancel(tasks: "set[asyncio.Task[Any]] | set[asyncio.Task[Any] | None]") -> None:
    ended = [task for task in tasks if task is not None]
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)


def _bind(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    except OSError as failed:
        if failed.errno == errno.EADDRINUSE:
            why = f"address already in use: choose another port than {port}, or 0 for a free one"
            raise OSError(errno.EADDRINUSE, why) from None
        raise


class _TrackingServer(web.Server):
    """aiohttp's server, with a way to wait until every connection is really gone.

    Attributes:
        starting: Tasks of the connections that have not come to their first request.
    """

    def __init__(self, handler: Handler, **options: Any) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            connection = self._known.get(request.protocol)
            if connection is None:
                raise ConnectionResetError("the connection was lost before its request was looked at")
            return await handler(request, connection)

        super().__init__(handle, **options)
        self.starting: set[asyncio.Task[Any]] = set()
        self._known: dict[RequestHandler, TcpConnection] = {}
        self._open: dict[RequestHandler, asyncio.Transport] = {}
        self._all_lost = asyncio.Event()

    def protocol(self, number: int) -> RequestHandler:
        """Return what speaks HTTP on the connection of that number."""
        protocol = self()
        self._known[protocol] = TcpConnection(number)
        return protocol

    def forget(self, protocol: RequestHandler) -> None:
        """Drop what never became a connection."""
        self._known.pop(protocol, None)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._open[handler] = transport

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._open.pop(handler, None)
        connection = self._known.pop(handler, None)
        if connection is not None:
            connection.lost.set()
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
