"""Every websocket fault, seen by a plain socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typing_extensions import Self

from matterapi.testing import MattermostServer
from matterapi.testing.faults import (
    BadUpgrade,
    Bandwidth,
    CloseFrame,
    CutSocket,
    Deaf,
    Duplicate,
    Fault,
    Fragmented,
    Gap,
    InvalidFrame,
    Late,
    LostEvents,
    MissingPong,
    OddHead,
    Oversized,
    PingFlood,
    RefusedResume,
    Renumbered,
    Reordered,
    Status,
    Text,
)

from .raw import connect, frames, read_end

if TYPE_CHECKING:
    from tests.emulator.peer import Peer

ROUTE = "GET /api/v4/websocket"
UPGRADE = (
    "GET /api/v4/websocket{query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    "Authorization: Bearer {token}\r\n\r\n"
)


class Stream:
    """A websocket, byte by byte."""

    def __init__(self, server: MattermostServer, query: str = "") -> None:
        self.sock = connect(server)
        self.sock.sendall(UPGRADE.format(query=query, token=server.admin.token).encode())
        self.data = b""
        while b"\r\n\r\n" not in self.data:
            self._read()
        self.head, _, self.data = self.data.partition(b"\r\n\r\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def _read(self) -> None:
        got = self.sock.recv(1 << 20)
        assert got, "the stream ended"
        self.data += got

    def frames(self, count: int) -> list[tuple[int, bytes]]:
        while len(found := frames(self.data)) < count:
            self._read()
        return found

    def sequences(self, count: int) -> list[Any]:
        return [json.loads(payload).get("seq") for _, payload in self.frames(count)]

    def send(self, opcode: int, payload: bytes) -> None:
        self.sock.sendall(bytes((0x80 | opcode, 0x80 | len(payload), 0, 0, 0, 0)) + payload)

    def rest(self) -> tuple[bytes, str]:
        got, ending = read_end(self.sock)
        self.data += got
        return self.data, ending


def tell(server: MattermostServer, number: int) -> None:
    data = {"user_id": server.admin.id, "status": f"status-{number}"}
    server.emit("status_change", data, user_id=server.admin.id)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500, 502, 503])
def test_w2_an_upgrade_is_refused(server: MattermostServer, status: int) -> None:
    with server.faults.add(Status(status), route=ROUTE), Stream(server) as stream:
        assert stream.head.startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(
    ("fault", "sign"),
    [
        (BadUpgrade("accept"), lambda head: b"Sec-WebSocket-Accept: AAAA" in head),
        (BadUpgrade("no-accept"), lambda head: b"Accept" not in head),
        (BadUpgrade("no-upgrade"), lambda head: b"Upgrade: websocket" not in head),
        (BadUpgrade("subprotocol"), lambda head: b"Sec-WebSocket-Protocol: fault" in head),
        (BadUpgrade("extension"), lambda head: b"permessage-deflate" in head),
        (OddHead("huge-header", size=70 * 1024), lambda head: len(head) > 70 * 1024),
        (Bandwidth(20_000), lambda head: b"Sec-WebSocket-Accept" in head),
    ],
)
def test_a_101_is_wrong_large_or_in_pieces(server: MattermostServer, fault: Fault, sign: Any) -> None:
    with server.faults.add(fault, route=ROUTE), Stream(server) as stream:
        assert stream.head.startswith(b"HTTP/1.1 101 ")
        assert sign(stream.head)
        assert json.loads(stream.frames(1)[0][1])["event"] == "hello"


CODES = (0, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014)


@pytest.mark.parametrize("code", [None, *CODES, 1015, 1016, 1100, 3000, 4999])
def test_w4_a_close_frame_has_any_code(server: MattermostServer, code: int | None) -> None:
    with server.faults.add(CloseFrame(code, after_frames=1)), Stream(server) as stream:
        data, ending = stream.rest()
    assert frames(data)[-1] == (0x88, b"" if code is None else code.to_bytes(2, "big"))
    assert (len(frames(data)), ending) == (2, "fin")


def test_a_close_frame_comes_to_a_socket_that_is_open(server: MattermostServer) -> None:
    with Stream(server) as stream:
        stream.frames(2)
        rule = server.faults.add(CloseFrame(payload=b"\x03"))
        assert frames(stream.rest()[0])[-1] == (0x88, b"\x03")
        assert len(rule.fired) == 1


def test_a_socket_is_cut_at_every_byte_of_two_frames() -> None:
    # Its user goes offline so late that only the first socket is told that he is online.
    with MattermostServer(time_scale=100) as server:
        with Stream(server) as stream:
            stream.frames(2)
        with Stream(server) as stream:
            tell(server, 1)
            stream.frames(2)
            size = len(stream.data)
        for at in range(size):
            with server.faults.add(CutSocket(after_bytes=at, resets=at % 2 == 0)), Stream(server) as stream:
                tell(server, 1)
                data, ending = stream.rest()
            assert (len(data), ending) == (at, "fin" if at % 2 else "reset")


def test_pings_are_not_answered(server: MattermostServer) -> None:
    with server.faults.add(MissingPong(of_requests=True)) as rule, Stream(server) as stream:
        stream.frames(2)
        stream.send(0x9, b"x")
        stream.send(0x1, b'{"action":"ping","seq":1}')
        rule.wait_fired(2)
        stream.send(0x1, b'{"action":"get_statuses","seq":2}')
        assert json.loads(stream.frames(3)[2][1])["seq_reply"] == 2


def test_a_socket_goes_deaf_and_stays_open(server: MattermostServer) -> None:
    with server.faults.add(Deaf(after_frames=2), times=1) as rule, Stream(server) as stream:
        stream.frames(2)
        tell(server, 1)
        stream.send(0x9, b"x")
        with Stream(server) as other:
            other.frames(1)
        rule.remove()
        tell(server, 2)
        assert stream.sequences(3)[2] == 3


def test_a_restart_loses_all_sockets_and_streams(server: MattermostServer, admin: Peer) -> None:
    with Stream(server) as stream:
        hello = json.loads(stream.frames(1)[0][1])
        with server.down():
            data, ending = stream.rest()
            assert not [first for first, _ in frames(data) if first == 0x88]
    assert ending in ("fin", "reset")
    assert admin.get("/users/me").status == 200
    query = f"?connection_id={hello['data']['connection_id']}&sequence_number=1"
    with Stream(server, query) as stream:
        assert json.loads(stream.frames(1)[0][1])["data"]["connection_id"] != hello["data"]["connection_id"]


def resumable(server: MattermostServer) -> str:
    """The query that resumes a stream which the server has just ended."""
    with server.faults.add(CutSocket(after_frames=2, resets=False), times=1), Stream(server) as stream:
        connection_id = json.loads(stream.frames(1)[0][1])["data"]["connection_id"]
        stream.rest()
    return f"?connection_id={connection_id}&sequence_number=2"


def test_a_resume_is_refused(server: MattermostServer) -> None:
    query = resumable(server)
    with server.faults.add(RefusedResume()) as rule, Stream(server, query) as stream:
        assert json.loads(stream.frames(1)[0][1])["event"] == "hello"
    assert len(rule.fired) == 1


def test_events_are_lost_between_lookup_and_registration(server: MattermostServer) -> None:
    query = resumable(server)
    with server.faults.add(LostEvents(2)) as rule, Stream(server, query) as stream:
        rule.wait_fired()
        for number in range(3):
            tell(server, number)
        last = [json.loads(payload) for _, payload in stream.frames(1)]
    assert last[0]["seq"] == 2
    assert "status-0" not in json.dumps(last)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Gap(count=2, skip=2, event="status_change"), [0, 1, 2, 5]),
        (Duplicate(skip=1, event="status_change"), [0, 1, 2, 2]),
        (Reordered(count=2, skip=1), [0, 1, 3, 2]),
        (Renumbered(to=0, skip=1), [0, 1, 0, 3]),
        (Renumbered(to=2**53 + 1, skip=1), [0, 1, 2**53 + 1, 3]),
        (Renumbered(to=-1, skip=1), [0, 1, -1, 3]),
        (Renumbered(to=None, skip=1), [0, 1, None, 3]),
        (Duplicate(kind="hello"), [0, 0, 1, 2]),
        (Gap(kind="hello"), [1, 2, 3, 4]),
    ],
)
def test_w12_numbers_miss_repeat_or_jump(server: MattermostServer, fault: Fault, expected: list[Any]) -> None:
    with server.faults.add(fault), Stream(server) as stream:
        stream.frames(1)
        for number in range(5):
            tell(server, number)
        assert stream.sequences(4)[:4] == expected


def test_hello_comes_late_and_strange_messages_come(server: MattermostServer) -> None:
    with server.faults.add(Late(kind="hello", seconds=0.01), Text({"event": "unknown"})):
        with Stream(server) as stream:
            told = [json.loads(payload) for _, payload in stream.frames(3)]
    assert {"event": "unknown"} in told
    assert told[0].get("event") != "hello"
    assert "hello" in [one.get("event") for one in told]


def test_a_frame_is_oversized_or_says_so(server: MattermostServer) -> None:
    with server.faults.add(Oversized((8 << 20) + 1), times=1), Stream(server) as stream:
        assert (8 << 20) + 1 in [len(payload) for _, payload in stream.frames(2)]
    with server.faults.add(Oversized(1 << 63, sent=0)), Stream(server) as stream:
        while b"\x81\x7f" + (1 << 63).to_bytes(8, "big") not in stream.data:
            stream._read()


@pytest.mark.parametrize("with_pings", [True, False])
def test_a_message_comes_in_fragments(server: MattermostServer, with_pings: bool) -> None:
    with server.faults.add(Fragmented(kind="hello", size=1, with_pings=with_pings)), Stream(server) as stream:
        while 0x80 not in [first for first, _ in frames(stream.data)]:
            stream._read()
        got = frames(stream.data)
    pieces = [payload for first, payload in got if first in (0x01, 0x00, 0x80)]
    assert json.loads(b"".join(pieces))["event"] == "hello"
    assert all(len(piece) == 1 for piece in pieces)
    assert bool([first for first, _ in got if first == 0x89]) == with_pings


def test_a_message_is_never_finished(server: MattermostServer) -> None:
    fault = Fragmented(kind="hello", size=50, finished=False)
    with server.faults.add(fault, CutSocket(after_frames=1, resets=False)), Stream(server) as stream:
        got = [first for first, _ in frames(stream.rest()[0])]
    assert got[0] == 0x01
    assert 0x80 not in got


FIRST_BYTES = {
    "utf8": 0x81,
    "masked": 0x81,
    "rsv1": 0xC1,
    "rsv2": 0xA1,
    "rsv3": 0x91,
    "opcode": 0x83,
    "control-opcode": 0x8B,
    "long-control": 0x89,
    "fragmented-control": 0x09,
    "continuation": 0x80,
    "interrupted": 0x01,
    "long-length": 0x81,
    "binary": 0x82,
}


@pytest.mark.parametrize("kind", sorted(FIRST_BYTES))
def test_a_frame_breaks_the_protocol(server: MattermostServer, kind: str) -> None:
    wanted = InvalidFrame(kind, after_frames=0).data()
    assert wanted[0] == FIRST_BYTES[kind]
    faults = (InvalidFrame(kind, after_frames=0), CutSocket(resets=False))
    with server.faults.add(*faults), Stream(server) as stream:
        assert stream.rest() == (wanted, "fin")


def test_pings_flood_and_events_still_flow(server: MattermostServer) -> None:
    with server.faults.add(PingFlood(10_000)), Stream(server) as stream:
        got = stream.frames(10_002)
    assert [first for first, _ in got].count(0x89) == 10_000
    assert json.loads(got[-1][1])["event"] == "status_change"
