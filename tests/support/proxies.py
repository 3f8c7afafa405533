"""Small proxies on loopback: HTTP (CONNECT and absolute URLs) and SOCKS5, both with credentials."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.scripted import Connection, ScriptedServer, answer, scripted

USER, PASSWORD = "proxy user", "p:ss/wörd"
QUOTED = "proxy%20user:p%3Ass%2Fw%C3%B6rd"
BASIC = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        url: Its URL with credentials.
        bare: Its URL without.
        asked: What it was asked for: `host:port` of a connection, the URL of a forwarded request.
    """

    url: str
    bare: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def http_proxy(tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """An HTTP proxy."""
    with _running(_http, "https" if tls else "http", tls) as proxy:
        yield proxy


@contextmanager
def socks_proxy(scheme: str = "socks5") -> Iterator[Proxy]:
    """A SOCKS5 proxy (RFC 1928, RFC 1929)."""
    with _running(_socks, scheme, None) as proxy:
        yield proxy


@contextmanager
def _running(
    serve: Callable[[Connection, list[str]], None], scheme: str, tls: ssl.SSLContext | None
) -> Iterator[Proxy]:
    asked: list[str] = []
    with scripted(lambda connection: serve(connection, asked), tls) as server:
        address = _address(server)
        yield Proxy(f"{scheme}://{QUOTED}@{address}", f"{scheme}://{address}", asked)


def _address(server: ScriptedServer) -> str:
    return server.url.partition("://")[2]


def _http(connection: Connection, asked: list[str]) -> None:
    while (request := connection.read_request()) is not None:
        line, headers, body = request
        verb, target, _ = line.split()
        if headers.pop("proxy-authorization", None) != BASIC:
            connection.send(answer(b"who are you?", "407 Proxy Authentication Required", "text/plain"))
            continue
        asked.append(target)
        if verb == "CONNECT":
            with _dial(target) as upstream:
                connection.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _pipe(connection.socket, upstream)
            return
        parts = urlsplit(target)
        fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with _dial(parts.netloc) as upstream:
            path = target.partition(parts.netloc)[2]
            upstream.sendall(f"{verb} {path} HTTP/1.1\r\n{fields}\r\n".encode("latin-1") + body)
            connection.send(upstream.recv(65536))


def _socks(connection: Connection, asked: list[str]) -> None:
    _, count = connection.read_exactly(2)
    if 2 not in connection.read_exactly(count):
        connection.send(b"\x05\xff")
        return
    connection.send(b"\x05\x02")
    user = connection.read_exactly(connection.read_exactly(2)[1]).decode()
    password = connection.read_exactly(connection.read_exactly(1)[0]).decode()
    good = (user, password) == (USER, PASSWORD)
    connection.send(b"\x01\x00" if good else b"\x01\x01")
    if not good:
        return
    kind = connection.read_exactly(4)[3]
    size = connection.read_exactly(1)[0] if kind == 3 else {1: 4, 4: 16}[kind]
    raw = connection.read_exactly(size)
    host = (
        raw.decode() if kind == 3 else socket.inet_ntop({4: socket.AF_INET, 16: socket.AF_INET6}[size], raw)
    )
    (port,) = struct.unpack(">H", connection.read_exactly(2))
    asked.append(f"{host}:{port}")
    with _dial(f"{host}:{port}") as upstream:
        connection.send(b"\x05\x00\x00\x01" + bytes(6))
        _pipe(connection.socket, upstream)


def _dial(address: str) -> socket.socket:
    """Every name leads to loopback, so that names can be used that no resolver knows."""
    return socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))


def _pipe(one: socket.socket, other: socket.socket) -> None:
    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join(10)
