"""The seam for faults: every frame, every start and every resume of a websocket passes through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.websocket.connection import WebsocketConnection
from matterapi.testing.websocket.hooks import NoHooks
from matterapi.testing.websocket.outgoing import OutgoingFrame
from matterapi.testing.websocket.stream import Stream
from tests.emulator.peer import Peer, Socket


class Spy(NoHooks):
    """Notes everything; does what a test asks for."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []
        self.drop: set[str] = set()
        self.deaf = False
        self.ignored = 0
        self.refuses = False
        self.lose = 0

    def opened(self, connection: WebsocketConnection) -> None:
        self.seen.append(("opened", connection.number, connection.query))

    def outgoing(self, connection: WebsocketConnection, frame: OutgoingFrame) -> Iterable[bytes]:
        self.seen.append((frame.kind, frame.event, frame.sequence))
        return () if frame.event in self.drop or frame.kind in self.drop else (frame.encode(),)

    def incoming(self, connection: WebsocketConnection, opcode: int, payload: bytes) -> bool:
        if self.deaf:
            self.ignored += 1
        return not self.deaf

    def finds(self, connection: WebsocketConnection, connection_id: str, sequence: int) -> bool:
        return not self.refuses

    async def registering(self, connection: WebsocketConnection, stream: Stream) -> None:
        await stream.wait_missed(self.lose)

    def ended(self, connection: WebsocketConnection) -> None:
        self.seen.append(("ended", connection.number, connection.frames_sent))


@pytest.fixture
def spy(server: MattermostServer) -> Spy:
    found = Spy()
    server._now_running.endpoint.hooks = found
    return found


@pytest.fixture
def opened(admin: Peer, spy: Spy) -> Iterator[Socket]:
    with admin.socket("?posted_ack=true") as socket:
        yield socket


def _ping(socket: Socket, number: int) -> Any:
    socket.send({"seq": number, "action": "ping"})
    return socket.message()


def test_a_socket_is_told_of_from_its_start_to_its_end(opened: Socket, spy: Spy) -> None:
    opened.event("status_change")
    assert _ping(opened, 1)["status"] == "OK"
    opened.send_frame(0x9, b"x")
    assert opened.frame() == (0xA, b"x")
    opened.send_frame(0x8, b"")
    assert opened.frame() == (0x8, b"")
    assert opened.frame() is None
    assert spy.seen == [
        ("opened", 1, {"posted_ack": ["true"]}),
        ("event", "hello", 0),
        ("event", "status_change", 1),
        ("reply", "", None),
        ("pong", "", None),
        ("close", "", None),
        ("ended", 1, 5),
    ]


def test_a_dropped_frame_leaves_a_gap(server: MattermostServer, opened: Socket, spy: Spy) -> None:
    opened.event("status_change")
    spy.drop = {"custom_test_lost"}
    server.emit("custom_test_lost", {})
    server.emit("custom_test_kept", {})
    assert opened.event("custom_test_kept")["seq"] == 3


def test_what_is_not_taken_notice_of_has_no_answer(opened: Socket, spy: Spy) -> None:
    opened.event("status_change")
    spy.deaf = True
    opened.send({"seq": 1, "action": "ping"})
    opened.send_frame(0x9, b"")
    while spy.ignored < 2:
        pass
    spy.deaf = False
    assert _ping(opened, 2)["seq_reply"] == 2
    assert [kind for kind, *_ in spy.seen if kind in ("reply", "pong")] == ["reply"]


def _lost(server: MattermostServer, socket: Socket) -> str:
    connection_id = str(socket.event("hello")["data"]["connection_id"])
    socket.event("status_change")
    socket.__exit__(None, None, None)
    while server.connections:
        pass
    return connection_id


def test_a_resume_can_be_refused(server: MattermostServer, admin: Peer, opened: Socket, spy: Spy) -> None:
    connection_id = _lost(server, opened)
    spy.refuses = True
    with admin.socket(f"?connection_id={connection_id}&sequence_number=2") as again:
        assert again.message()["data"]["connection_id"] != connection_id


def test_events_between_lookup_and_registration_are_lost_without_a_gap(
    server: MattermostServer, admin: Peer, opened: Socket, spy: Spy
) -> None:
    connection_id = _lost(server, opened)
    spy.lose = 2
    with admin.socket(f"?connection_id={connection_id}&sequence_number=2") as again:
        while sum(kind == "opened" for kind, *_ in spy.seen) < 2:
            pass
        for number in range(2):
            server.emit("custom_test_lost", {"number": number})
        while not server.connections:
            pass
        server.emit("custom_test_seen", {})
        assert server.connections[0].missed == 2
        got = again.message()
        while got["event"] == "status_change":
            got = again.message()
        assert got["event"] == "custom_test_seen"
        assert not any(event == "custom_test_lost" for _, event, *_ in spy.seen)
