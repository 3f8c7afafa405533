"""A client for these tests that shares no code with ours: http.client, and a websocket over a socket."""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from matterapi.testing import MattermostServer

ID = "a" * 26


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error_id(self) -> str:
        return str(self.json["id"])


class Peer:
    """Talks to a server as one user, or as nobody without a token."""

    def __init__(self, server: MattermostServer, token: str | None = None) -> None:
        self.server = server
        self.token = token

    def call(
        self,
        verb: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent.update(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(verb, path, body, sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.call(
            "GET", f"/api/v4{path}", headers={key.replace("_", "-"): one for key, one in headers.items()}
        )

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", f"/api/v4{path}", body)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.call("PUT", f"/api/v4{path}", body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", f"/api/v4{path}")

    def socket(self, query: str = "") -> Socket:
        return Socket(self.server.port, self.token, query)


class Socket:
    """A bare websocket client."""

    def __init__(self, port: int, token: str | None, query: str = "") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET /api/v4/websocket{query} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()

    def send(self, request: Any) -> None:
        self.send_frame(0x1, request if isinstance(request, bytes) else json.dumps(request).encode())

    def send_frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = bytes((0x80 | opcode,))
        head += bytes((0x80 | size,)) if size < 126 else bytes((0xFE,)) + struct.pack(">H", size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self._socket.sendall(head + mask + masked)

    def frame(self) -> tuple[int, bytes] | None:
        """Return the next (opcode, payload), None at the end of the stream."""
        head = self._file.read(2)
        if len(head) < 2:
            return None
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self._file.read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._file.read(8))
        return head[0] & 0x0F, self._file.read(size)

    def text(self) -> str:
        """Return the next text frame as it is, passing over control frames."""
        while True:
            got = self.frame()
            assert got is not None, "the stream ended"
            if got[0] == 0x1:
                return got[1].decode()

    def message(self) -> Any:
        return json.loads(self.text())

    def event(self, name: str) -> Any:
        """Return the next event of that name, passing over others."""
        while (got := self.message()).get("event") != name:
            pass
        return got
