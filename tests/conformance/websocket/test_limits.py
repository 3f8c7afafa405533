"""Queues and time limits: platform/web_conn.go and platform/web_hub.go, with a clock that is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from matterapi.testing import MattermostServer
from tests.conformance.http import Http
from tests.conformance.target import Target
from tests.conformance.websocket.peer import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Socket,
    client_frame,
    names,
    ready,
    resume,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.emulator_only(reason="a real server's clock cannot be driven, nor its queues seen")

MINUTE = 60_000
BIG = {"text": "x" * 200_000}


@pytest.fixture
def target(emulator: MattermostServer) -> Target:
    return Target.of(emulator)


@pytest.fixture
def peer(emulator: MattermostServer, target: Target) -> Http:
    """A user who is no admin."""
    user = emulator.create_user("listener")
    return Http(target, emulator.create_session(user["id"]), user)


@pytest.fixture
def opened(target: Target, peer: Http) -> Iterator[Socket]:
    with ready(target, peer) as one:
        one.so_far()
        yield one


def tick(server: MattermostServer, number: int = 0, name: str = "custom_test_tick", **data: Any) -> None:
    server.emit(name, {"number": number, **data})


def wait_until_lost(server: MattermostServer) -> None:
    """Wait until the server has noticed that every socket is gone."""
    while server.connections:
        pass


def stall(server: MattermostServer, opened: Socket) -> None:
    """Write to a socket that does not read until something has to wait in its queue."""
    (connection,) = server.connections
    while connection.queued == 0:
        tick(server, **BIG)


def test_the_server_pings_every_60_s_without_payload(emulator: MattermostServer, opened: Socket) -> None:
    """web_conn.go, writePump: pingInterval."""
    for _ in range(3):
        emulator.clock.advance(MINUTE)
        frame = opened.next_frame()
        assert frame is not None
        assert (frame.opcode, frame.payload) == (PING, b"")
        opened.send_raw(client_frame(PONG, b""))
        opened.so_far()


def test_without_a_pong_the_socket_ends_after_100_s_without_a_close_frame(
    emulator: MattermostServer, opened: Socket
) -> None:
    """web_conn.go, readPump: pongWaitTime."""
    emulator.clock.advance(99_000)
    assert emulator.connections
    emulator.clock.advance(1_001)
    assert [frame.opcode for frame in opened.rest() if frame.opcode != TEXT] == [PING]


@pytest.mark.parametrize("payload", [b"", b"not what was asked"])
def test_any_pong_moves_the_deadline(emulator: MattermostServer, opened: Socket, payload: bytes) -> None:
    """web_conn.go, SetPongHandler: unsolicited ones, too."""
    emulator.clock.advance(50_000)
    opened.send_raw(client_frame(PONG, payload))
    opened.so_far()
    emulator.clock.advance(99_000)
    assert emulator.connections
    emulator.clock.advance(2_000)
    assert not emulator.connections


@pytest.mark.parametrize(
    "sent",
    [client_frame(PING, b""), client_frame(TEXT, b'{"seq":1,"action":"ping"}')],
    ids=["a Ping", "a request"],
)
def test_nothing_but_a_pong_moves_the_deadline(
    emulator: MattermostServer, opened: Socket, sent: bytes
) -> None:
    """web_conn.go, readPump: the deadline is set at the start and by the pong handler."""
    emulator.clock.advance(50_000)
    opened.send_raw(sent)
    while (frame := opened.next_frame()) is not None and frame.opcode not in (PONG, TEXT):
        pass
    emulator.clock.advance(51_000)
    assert not emulator.connections


def test_a_dead_peer_counts_as_active_for_100_s_and_refuses_a_resume(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_hub.go, RemoveInactiveByConnectionID: half-open TCP is noticed by the deadline only."""
    emulator.clock.advance(99_000)
    with resume(target, peer, opened.connection_id, 2) as refused:
        assert refused.message()["data"]["connection_id"] != opened.connection_id


def test_after_100_s_a_dead_peer_resumes_with_what_was_written_to_it(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go, writePump: the dead queue holds what was written, received or not."""
    tick(emulator, 1)
    emulator.clock.advance(100_001)
    tick(emulator, 2)
    with resume(target, peer, opened.connection_id, 2) as again:
        came = [event for event in again.so_far() if event["event"] == "custom_test_tick"]
        assert [event["data"]["number"] for event in came] == [1, 2]
        assert "hello" not in names(came)


def test_a_write_that_blocks_for_30_s_ends_the_socket_in_the_middle_of_a_frame(
    emulator: MattermostServer, target: Target, peer: Http
) -> None:
    """web_conn.go, writeMessageBuf: writeWaitTime; the frame that was cut off is kept for a resume."""
    with ready(target, peer) as stalled:
        stalled.so_far()
        stall(emulator, stalled)
        emulator.clock.advance(29_000)
        assert emulator.connections
        emulator.clock.advance(1_001)
        assert not emulator.connections
        frames = [frame for frame in stalled.rest() if frame.opcode == TEXT]
    assert not any(frame.opcode == CLOSE for frame in frames)
    whole = [frame for frame in frames if frame.payload.endswith(b"}")]
    with resume(target, peer, stalled.connection_id, len(whole) + 2) as again:
        assert next(event["seq"] for event in again.so_far(statuses=True)) == len(whole) + 2


def test_256_events_wait_for_a_client_that_comes_back(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go: sendQueueSize."""
    opened.end()
    wait_until_lost(emulator)
    for number in range(256):
        tick(emulator, number)
    with resume(target, peer, opened.connection_id, 2) as again:
        came = [event for event in again.so_far(statuses=True) if event["event"] == "custom_test_tick"]
        assert [event["data"]["number"] for event in came] == list(range(256))


def test_the_257th_event_makes_the_server_forget_the_stream(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_hub.go, closeAndRemoveConn."""
    opened.end()
    wait_until_lost(emulator)
    for number in range(257):
        tick(emulator, number)
    with resume(target, peer, opened.connection_id, 2) as again:
        assert again.message()["event"] == "hello"
        assert "custom_test_tick" not in names(again.so_far())


def test_a_slow_reader_is_cut_off_with_an_empty_close_after_what_is_queued(
    emulator: MattermostServer, target: Target, peer: Http
) -> None:
    """web_conn.go, writePump: a closed queue is drained, then CloseMessage with no payload."""
    with ready(target, peer) as slow:
        slow.so_far()
        while emulator.connections and emulator.connections[0].queued < 256:
            tick(emulator, **BIG)
        tick(emulator, **BIG)
        frames = slow.rest()
        numbers = [int(frame.payload.rsplit(b'"seq": ', 1)[1][:-1]) for frame in frames[:-1]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert len(numbers) > 256
        assert (frames[-1].opcode, frames[-1].payload) == (CLOSE, b"")
    with resume(target, peer, slow.connection_id, 2) as again:
        assert again.message()["event"] == "hello"


LITTLE_WORTH: dict[str, dict[str, Any]] = {
    "typing": {"parent_id": "", "user_id": "x" * 26},
    "status_change": {"status": "away", "user_id": "x" * 26},
    "multiple_channels_viewed": {"channel_times": {}},
}


@pytest.mark.parametrize("event", LITTLE_WORTH)
def test_from_128_queued_events_of_little_worth_are_dropped_without_a_number(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket, event: str
) -> None:
    """web_conn.go, ShouldSendEvent: sendSlowWarn."""
    opened.end()
    wait_until_lost(emulator)
    for number in range(127):
        tick(emulator, number)
    for _ in range(2):
        emulator.emit(event, LITTLE_WORTH[event])
    tick(emulator, 127)
    with resume(target, peer, opened.connection_id, 2) as again:
        came = [one for one in again.so_far(statuses=True) if one["data"].get("status") != "online"]
        assert names(came) == ["custom_test_tick"] * 127 + [event, "custom_test_tick"]
        assert [one["seq"] for one in came] == list(range(2, 131))


def test_of_128_written_events_all_come_again_and_of_129_none(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go: deadQueueSize."""
    for number in range(200):
        tick(emulator, number)
    numbers = [event["seq"] for event in opened.so_far()]
    opened.end()
    wait_until_lost(emulator)
    with resume(target, peer, opened.connection_id, numbers[-128]) as again:
        assert [event["seq"] for event in again.so_far(statuses=True)][:128] == numbers[-128:]
    wait_until_lost(emulator)
    with resume(target, peer, opened.connection_id, numbers[-129]) as refused:
        assert refused.message()["event"] == "hello"


def test_what_is_still_queued_follows_the_hello_of_a_new_stream(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go, writePump: only the dead queue is cleared."""
    opened.end()
    wait_until_lost(emulator)
    tick(emulator, 1)
    tick(emulator, 2)
    with resume(target, peer, opened.connection_id, 1_000) as again:
        came = again.so_far()
        assert [(event["event"], event["seq"]) for event in came] == [
            ("hello", 0),
            ("custom_test_tick", 1),
            ("custom_test_tick", 2),
        ]


def test_the_reaper_forgets_at_its_tick_who_was_idle_for_5_minutes(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_hub.go, RemoveInactiveConnections: inactiveConnReaperInterval, counted from the start."""
    opened.end()
    wait_until_lost(emulator)
    emulator.clock.advance(5 * MINUTE)
    with resume(target, peer, opened.connection_id, 2) as kept:
        assert "hello" not in names(kept.so_far())
    wait_until_lost(emulator)
    emulator.clock.advance(10 * MINUTE)
    with resume(target, peer, opened.connection_id, 2) as gone:
        assert gone.message()["event"] == "hello"


def test_a_passive_listener_is_forgotten_soon_after_it_is_gone(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_hub.go: the age counted is that of the user's last activity, not that of the loss."""
    for _ in range(9):
        emulator.clock.advance(MINUTE)
        opened.send_raw(client_frame(PONG, b""))
        opened.so_far()
    opened.end()
    wait_until_lost(emulator)
    emulator.clock.advance(MINUTE + 1_000)
    with resume(target, peer, opened.connection_id, 2) as gone:
        assert gone.message()["event"] == "hello"


@pytest.mark.parametrize("path", ["/users/me", "/users?per_page=1"])
def test_reading_users_keeps_a_stream_of_the_same_session_warm(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket, path: str
) -> None:
    """api4/user.go, getUser and getUsers: UpdateLastActivityAtIfNeeded."""
    for _ in range(9):
        emulator.clock.advance(MINUTE)
        opened.send_raw(client_frame(PONG, b""))
        opened.so_far()
    assert peer.get(path).status == 200
    opened.end()
    wait_until_lost(emulator)
    emulator.clock.advance(MINUTE + 1_000)
    with resume(target, peer, opened.connection_id, 2) as kept:
        assert "hello" not in names(kept.so_far())


def test_idle_users_are_called_away_at_a_pong(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go, SetPongHandler; platform/status.go, SetStatusAwayIfNeeded: 300 s."""
    assert peer.get(f"/users/{peer.id}/status").json["status"] == "online"
    for _ in range(5):
        emulator.clock.advance(MINUTE + 100)
        opened.send_raw(client_frame(PONG, b""))
        opened.so_far()
    assert peer.get(f"/users/{peer.id}/status").json["status"] == "away"


def test_a_busy_server_tells_no_status_and_refuses_typing(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """platform/status.go, BroadcastStatus; wsapi/user.go, userTyping."""
    admin = Http.login(target, target.admin, target.password)
    assert admin.post("/server_busy?seconds=60").status == 200
    assert peer.put(f"/users/{peer.id}/status", {"user_id": peer.id, "status": "dnd"}).status == 200
    assert opened.so_far(statuses=True) == []
    reply = opened.ask("user_typing", {"channel_id": "x" * 26})
    assert (reply["error"]["status_code"], reply["error"]["id"]) == (
        503,
        "api.websocket_handler.server_busy.app_error",
    )


def test_a_server_that_stops_ends_sockets_without_a_close_frame(
    emulator: MattermostServer, opened: Socket
) -> None:
    """web_hub.go, Stop: webConn.Close ends TCP."""
    emulator.stop()
    assert opened.next_frame() is None


def test_a_restart_makes_every_resume_a_new_stream(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_hub.go: the index lives in memory."""
    emulator.restart_sockets()
    assert opened.next_frame() is None
    with resume(target, peer, opened.connection_id, 2) as again:
        assert again.message()["event"] == "hello"


def test_a_reset_by_the_client_leaves_a_stream_to_resume(
    emulator: MattermostServer, target: Target, peer: Http, opened: Socket
) -> None:
    """web_conn.go, readPump: every error of the socket marks it inactive."""
    opened.reset()
    wait_until_lost(emulator)
    tick(emulator, 1)
    with resume(target, peer, opened.connection_id, 2) as again:
        assert "hello" not in names(came := again.so_far())
        assert "custom_test_tick" in names(came)
