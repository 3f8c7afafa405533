"""A bare websocket client over a plain socket, able to break every rule."""

from __future__ import annotations

import base64
import itertools
import json
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tests.conformance.http import API

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from tests.conformance.http import Http
    from tests.conformance.target import Target

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
PATH = f"{API}/websocket"
MASK = b"\x25\x1f\xc3\x0a"
KEY = base64.b64encode(bytes(range(16))).decode()
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


@dataclass(frozen=True)
class Frame:
    """A frame of the server as it came."""

    final: bool
    reserved: int
    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int | None:
        """The code of a Close frame; None for an empty one."""
        assert self.opcode == CLOSE
        return int.from_bytes(self.payload[:2], "big") if self.payload else None


def client_frame(opcode: int, payload: bytes, *, first: int | None = None, masked: bool = True) -> bytes:
    """The bytes of a client's frame; `first` replaces its first byte."""
    size = len(payload)
    flag = 0x80 if masked else 0
    head = bytes((0x80 | opcode if first is None else first,))
    if size < 126:
        head += bytes((flag | size,))
    elif size < 65536:
        head += bytes((flag | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((flag | 127,)) + size.to_bytes(8, "big")
    if not masked:
        return head + payload
    return head + MASK + bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))


class Socket:
    """A websocket of one user, or of nobody."""

    def __init__(
        self,
        target: Target,
        token: str | None = None,
        query: str = "",
        *,
        headers: dict[str, str] | None = None,
        path: str = PATH,
        verb: str = "GET",
        behind: bytes = b"",
    ) -> None:
        address = urlsplit(target.url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=30)
        sent = {"Host": address.netloc, **UPGRADE}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        sent |= headers or {}
        lines = [f"{verb} {path}{query} HTTP/1.1", *(f"{key}: {one}" for key, one in sent.items() if one)]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + behind)
        self._file = self._socket.makefile("rb")
        line = self._file.readline().split()
        self.status = int(line[1]) if line else 0
        self.headers = self._read_headers()
        self.connection_id = ""
        self._numbers = itertools.count(1_000_000)

    def _read_headers(self) -> dict[str, str]:
        found = {}
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(":")
            found[name.strip()] = value.strip()
        return found

    def body(self) -> bytes:
        """The body of an answer that is no 101."""
        if self.headers.get("Transfer-Encoding") == "chunked":
            chunks = []
            while size := int(self._file.readline(), 16):
                chunks.append(self._file.read(size))
                self._file.readline()
            return b"".join(chunks)
        return self._file.read(int(self.headers["Content-Length"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End TCP without a Close frame."""
        self._file.close()
        self._socket.close()

    def reset(self) -> None:
        """End TCP by a reset."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.end()

    def send(self, request: Any) -> None:
        """Send a text message; bytes as they are, all else as JSON."""
        self.send_raw(
            client_frame(TEXT, request if isinstance(request, bytes) else json.dumps(request).encode())
        )

    def ask(self, action: str, data: Any = None) -> Any:
        """Send a request and return its reply; events before it are passed over."""
        number = next(self._numbers)
        self.send({"seq": number, "action": action, "data": data})
        while (got := self.message()).get("seq_reply") != number:
            pass
        return got

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def frame(self) -> Frame | None:
        """Return the next frame; None at the end of the stream, however it came."""
        try:
            head = self._file.read(2)
            if len(head) < 2:
                return None
            size = head[1] & 0x7F
            if size >= 126:
                size = int.from_bytes(self._file.read(2 if size == 126 else 8), "big")
            assert not head[1] & 0x80, "a server never masks"
            payload = self._file.read(size)
        except ConnectionError:
            return None
        return Frame(bool(head[0] & 0x80), head[0] & 0x70, head[0] & 0x0F, payload)

    def rest(self) -> list[Frame]:
        """Return all frames up to the end of the stream."""
        return list(iter(self.frame, None))

    def next_frame(self) -> Frame | None:
        """Return the next frame that is no news of a status: the server tells those in its own time."""
        while (got := self.frame()) is not None and b'"event": "status_change"' in got.payload[:30]:
            pass
        return got

    def text(self, *, statuses: bool = False) -> str:
        """Return the next text message as it came; Pings are answered, changes of status left out."""
        while True:
            got = self.frame() if statuses else self.next_frame()
            assert got is not None, "the stream ended"
            if got.opcode == PING:
                self.send_raw(client_frame(PONG, got.payload))
            elif got.opcode == TEXT:
                return got.payload.decode()

    def message(self, *, statuses: bool = False) -> Any:
        return json.loads(self.text(statuses=statuses))

    def reply(self) -> Any:
        """Return the next reply, passing over events."""
        while "event" in (got := self.message()):
            pass
        return got

    def event_text(self, name: str) -> str:
        """Return the next event of that name as it came, passing over everything else."""
        while json.loads(text := self.text(statuses=name == "status_change")).get("event") != name:
            pass
        return text

    def event(self, name: str) -> Any:
        return json.loads(self.event_text(name))

    def so_far(self, *, statuses: bool = False) -> list[Any]:
        """Return every event that came before the answer to a ping sent now; no other reply may come."""
        number = next(self._numbers)
        self.send({"seq": number, "action": "ping"})
        found = []
        while "event" in (got := self.message(statuses=statuses)):
            found.append(got)
        assert got["seq_reply"] == number, got
        return found


def names(events: list[Any]) -> list[str]:
    return [event["event"] for event in events]


def ready(target: Target, peer: Http, query: str = "", **options: Any) -> Socket:
    """Open an authenticated socket and read its hello; its id is in `connection_id`."""
    opened = Socket(target, peer.token, query, **options)
    assert opened.status == 101
    hello = opened.message()
    assert hello["event"] == "hello", hello
    opened.connection_id = hello["data"]["connection_id"]
    return opened


def resume(target: Target, peer: Http, connection_id: str, sequence: int | str) -> Socket:
    """Open a socket that asks for a known stream."""
    return Socket(target, peer.token, f"?connection_id={connection_id}&sequence_number={sequence}")
