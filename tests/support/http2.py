"""The server side of HTTP/2 for scripted servers: requests as they arrive, answers in any order."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field

import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection

from tests.support.scripted import GOOD_USER, Connection


@dataclass
class Request:
    """A request on a stream.

    Attributes:
        stream: Number of its stream.
        headers: Its fields, those of the request line among them (`:method`, `:path`).
        body: What has come of its body.
        complete: Whether it has come as a whole.
        given_up: Whether the client has reset the stream.
    """

    stream: int
    headers: dict[str, str]
    body: bytes = b""
    complete: bool = False
    given_up: bool = False

    @property
    def name(self) -> str:
        """The last segment of its path."""
        return self.headers[":path"].rpartition("/")[2]


@dataclass
class Http2:
    """One connection.

    Attributes:
        connection: What it runs on.
        early: Whether requests are yielded when their head has come, instead of when they are complete.
        open: The requests that were not answered yet, by stream.
    """

    connection: Connection
    early: bool = False
    open: dict[int, Request] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.protocol = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.protocol.initiate_connection()
        self._flush()

    def read(self) -> Iterator[Request]:
        """Yield requests, and those that are given up once more, up to the end of the connection."""
        while data := self.connection.socket.recv(65536):
            for event in self.protocol.receive_data(data):
                request = self._take(event)
                if request is not None:
                    yield request
            self._flush()

    def answer(self, request: Request, body: bytes = GOOD_USER, status: int = 200) -> None:
        """Answer a request; when its body has not ended, ask for no more of it."""
        del self.open[request.stream]
        fields = [(":status", str(status)), ("content-type", "application/json")]
        self.protocol.send_headers(request.stream, [*fields, ("content-length", str(len(body)))])
        self.protocol.send_data(request.stream, body, end_stream=True)
        if not request.complete:
            self.protocol.reset_stream(request.stream, error_code=0)
        self._flush()

    def reset(self, request: Request, code: int) -> None:
        """End a request with RST_STREAM."""
        self.protocol.reset_stream(request.stream, error_code=code)
        self._flush()

    def go_away(self, last: Request) -> None:
        """Take no request after `last`."""
        self.protocol.close_connection(last_stream_id=last.stream)
        self._flush()

    def _take(self, event: h2.events.Event) -> Request | None:
        if isinstance(event, h2.events.RequestReceived):
            request = self.open[event.stream_id] = Request(event.stream_id, dict(event.headers))
            return request if self.early else None
        stream = getattr(event, "stream_id", None)
        if stream not in self.open:
            return None
        request = self.open[stream]
        if isinstance(event, h2.events.DataReceived):
            request.body += event.data
            self.protocol.acknowledge_received_data(event.flow_controlled_length, stream)
        elif isinstance(event, h2.events.StreamEnded):
            request.complete = True
            return None if self.early else request
        elif isinstance(event, h2.events.StreamReset):
            request.given_up = True
            return self.open.pop(stream)
        return None

    def _flush(self) -> None:
        if data := self.protocol.data_to_send():
            self.connection.send(data)


def offering(tls: ssl.SSLContext, *protocols: str) -> ssl.SSLContext:
    """A server's TLS side that offers these protocols by ALPN."""
    tls.set_alpn_protocols(list(protocols))
    return tls
