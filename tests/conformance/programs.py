"""A program on loopback that a server calls: what webhooks, commands and buttons lead to."""

from __future__ import annotations

import json
import queue
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Asked:
    """One request that the program got."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[str]]:
        """The fields of a form, in the body or in the query."""
        return parse_qs(self.body.decode() or self.query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Program:
    """Answers every request with what it was told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.content_type = "application/json"
        self.body = b""
        self.asked: queue.Queue[Asked] = queue.Queue()
        program = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                program.asked.put(Asked(self.command, parts.path, parts.query, headers, body))
                self.send_response(program.status)
                self.send_header("Content-Type", program.content_type)
                self.send_header("Content-Length", str(len(program.body)))
                self.end_headers()
                self.wfile.write(program.body)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answers(self, value: Any, status: int = 200) -> None:
        """Answer with JSON from now on."""
        self.status, self.content_type, self.body = status, "application/json", json.dumps(value).encode()

    def next(self) -> Asked:
        """Wait for a request and return it."""
        return self.asked.get(timeout=20)

    @contextmanager
    def running(self) -> Iterator[Program]:
        """Listen until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
