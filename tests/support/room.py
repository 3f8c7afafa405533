"""A channel of an embedded server, what is posted in it, and who listens to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from matterapi.events import (
    Connected,
    Event,
    Posted,
)
from matterapi.testing import MattermostServer
from matterapi.testing.faults import (
    CutSocket,
)
from tests.support.heard import Heard, hearing
from tests.survival.rest import Rest

UPGRADE = "GET /api/v4/websocket"


class Room:
    """A channel of the embedded server, whose admin posts in it and listens to it."""

    def __init__(self, kind: str, server: MattermostServer) -> None:
        self.server = server
        self.kind = kind
        self.rest = Rest(server.url, server.admin.token)
        self.channel_id = server.factory.channel()["id"]
        # A stream may begin a little earlier than its hello: that the admin joined is long before.
        server.clock.advance(60_000)
        self.posted: list[str] = []

    def options(self) -> dict[str, Any]:
        # Without waits that only cost time here.
        auth = {"token": self.server.admin.token}
        return {"url": self.server.url, "auth": auth, "ws_reconnect_wait_time": 0}

    def post(self, count: int = 1, filler: str = "") -> None:
        for _ in range(count):
            message = f"post {len(self.posted)}{filler}"
            self.rest.call("POST", "/posts", {"channel_id": self.channel_id, "message": message})
            self.posted.append(message)

    @contextmanager
    def heard(self, *classes: type[Event], **choice: Any) -> Iterator[Heard]:
        """A connected stream, which has brought a first post."""
        with hearing(self.kind, self.options(), *classes, **choice) as (heard, _):
            self.connected(heard)
            self.post()
            self.all_come(heard)
            yield heard

    def all_come(self, heard: Heard, connections: int = 1) -> None:
        """Wait for all posts, by that many connections at least; none is there twice."""
        missing, looked_at = set(self.posted), 0

        def have_come() -> bool:
            # Asked after each of hundreds of posts: what was looked at is not looked at again.
            nonlocal looked_at
            came = heard.messages[looked_at:]
            looked_at += len(came)
            missing.difference_update(came)
            return not missing and len(heard.of(Connected)) >= connections

        heard.until(have_come)
        how = [(event.seq, event.recovered) for event in heard.of(Posted)]
        assert sorted(heard.messages) == sorted(self.posted), (heard.messages, how)

    def connected(self, heard: Heard, connections: int = 1) -> None:
        """Wait for a connection: the first, or one after a cut."""
        heard.until(lambda: len(heard.of(Connected)) >= connections)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that no event tells of."""
    changed = threading.Event()
    for _ in range(600):
        if holds():
            return
        changed.wait(0.1)
    raise TimeoutError


def cut(room: Room) -> None:
    """End all sockets, with streams that can be resumed."""
    with room.server.faults.add(CutSocket(0), times=len(room.server.connections)) as rule:
        rule.wait_fired(len(room.server.connections))
