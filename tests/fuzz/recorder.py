"""A server, or an HTTP proxy of every host, that keeps the requests and gives the answer that is set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.support.scripted import GOOD_USER, Connection, answer, scripted


class Request(NamedTuple):
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


class Recorder:
    """What a running one knows.

    Attributes:
        url: Where it listens.
        answer: What it answers.
        requests: What it was asked since the last `take`.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answer = answer(GOOD_USER)
        self.requests: list[Request] = []

    def take(self) -> list[Request]:
        """The requests, which it forgets."""
        taken, self.requests = self.requests, []
        return taken

    def _serve(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            self.requests.append(Request(*request))
            if request[0].startswith("CONNECT "):
                connection.send(answer(b"", "502 Bad Gateway"))
                return
            connection.send(self.answer)


@contextmanager
def recording() -> Iterator[Recorder]:
    """A running recorder."""
    recorder = Recorder()
    with scripted(recorder._serve) as server:
        recorder.url = server.url
        yield recorder
