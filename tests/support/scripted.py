"""A server that does exactly what a test says, byte by byte: for what no well-behaved server does."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue

GOOD_USER = b'{"id":"u1","username":"ann"}'


def answer(
    body: bytes = GOOD_USER, status: str = "200 OK", content_type: str = "application/json", **headers: str
) -> bytes:
    """A whole HTTP answer with a Content-Length."""
    head = {"Content-Type": content_type, "Content-Length": str(len(body))}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


class Connection:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.socket = sock
        self.number = number
        self._buffer = b""

    def read_request(self) -> tuple[str, dict[str, str], bytes] | None:
        """Request line, headers (lower case) and body of the next request; `None` at the end."""
        head = self._read_until(b"\r\n\r\n")
        if head is None:
            return None
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)}
        if headers.get("transfer-encoding") == "chunked":
            return line, headers, self._read_chunked()
        return line, headers, self.read_exactly(int(headers.get("content-length", "0")))

    def peek(self) -> str:
        """The line of the next request, which stays to be read."""
        while b"\r\n" not in self._buffer and (data := self.socket.recv(65536)):
            self._buffer += data
        return self._buffer.partition(b"\r\n")[0].decode("latin-1")

    def read_headers(self) -> None:
        """Only the head of the next request."""
        self._read_until(b"\r\n\r\n")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def wait_closed(self) -> None:
        """Return when the peer has closed or reset the connection."""
        with suppress(ConnectionError):
            while self.socket.recv(65536):
                pass

    def _read_until(self, end: bytes) -> bytes | None:
        while end not in self._buffer:
            data = self.socket.recv(65536)
            if not data:
                return None
            self._buffer += data
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def read_exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self.socket.recv(65536)
            if not data:
                break
            self._buffer += data
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _read_chunked(self) -> bytes:
        body = b""
        while True:
            size = int(self._read_until(b"\r\n") or b"0", 16)
            body += self.read_exactly(size)
            self.read_exactly(2)
            if not size:
                return body


Script = Callable[[Connection], None]


class ScriptedServer:
    """Listens on loopback or a unix socket and runs `script` for each connection, on a thread of its own.

    What a script puts into `seen` is for the test to take. A script's failure fails the test.
    """

    def __init__(
        self,
        script: Script,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        path: Path | None = None,
    ) -> None:
        self.script = script
        self.seen: Queue[object] = Queue()
        self.failures: list[BaseException] = []
        self._tls = tls
        if path is not None:
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(path))
            self._listener.listen()
        else:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listener = socket.create_server((host, 0), family=family)
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        host, port = self._listener.getsockname()[:2]
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def open_connections(self) -> int:
        """How many connections no side has closed, or only the client's."""
        return sum(sock.fileno() != -1 for sock in self._sockets)

    def start(self) -> None:
        self._spawn(self._accept)

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        # First who accepts: after that there is no socket that is not listed.
        accepts, *_ = self._threads
        accepts.join(10)
        for sock in self._sockets:
            with suppress(OSError):
                # Only the connection: an `SSLSocket` that is shut down forgets that it has TLS.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "a server script does not end"
        for sock in self._sockets:
            sock.close()

    def _spawn(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        number = 0
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if sock.family != socket.AF_UNIX:
                # What a script sends is there when the next line runs, not when the client has acknowledged.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(sock)
            number += 1
            self._spawn(lambda sock=sock, number=number: self._run(sock, number))  # type: ignore[misc]

    def _run(self, sock: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                # Before the handshake, so that `stop` ends also one that the client does not go on with.
                self._sockets.append(sock)
                sock.do_handshake()
            self.script(Connection(sock, number))
        except (ConnectionError, ssl.SSLError, OSError):
            pass  # the client went away, which is what some tests are about
        except BaseException as failure:  # noqa: BLE001 - handed to the test
            self.failures.append(failure)
        finally:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


@contextmanager
def scripted(
    script: Script,
    tls: ssl.SSLContext | None = None,
    host: str = "127.0.0.1",
    path: Path | None = None,
) -> Iterator[ScriptedServer]:
    """A running `ScriptedServer`, on a port of `host` or on the unix socket `path`."""
    server = ScriptedServer(script, tls, host, path)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        assert not server.failures, server.failures


def serve(*answers: bytes) -> Script:
    """A script that gives these answers, one for each request, the last one for all further requests."""

    def script(connection: Connection) -> None:
        left = list(answers)
        while connection.read_request() is not None:
            connection.send(left.pop(0) if len(left) > 1 else left[0])

    return script
