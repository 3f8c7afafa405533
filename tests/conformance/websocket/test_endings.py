"""How sockets end: gorilla/websocket conn.go, platform/web_conn.go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.websocket.peer import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    Socket,
    client_frame,
    ready,
    resume,
)

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.target import Target
    from tests.conformance.websocket.conftest import Open

REQUEST = b'{"seq":1,"action":"ping","data":{"x":"%b"}}'
ROOM = 8192 - len(REQUEST) + 2


def last(opened: Socket) -> Any:
    """The last frame before the end of the stream; None without any."""
    frames = [frame for frame in opened.rest() if frame.opcode == CLOSE]
    return frames[-1] if frames else None


def test_a_request_of_8192_bytes_passes(connect: Open, user: Http) -> None:
    """public/model/websocket_client.go, SocketMaxMessageSizeKb."""
    opened = connect(user)
    opened.send(REQUEST % (b"y" * ROOM))
    assert opened.message()["status"] == "OK"


def too_big(opened: Socket, target: Target) -> bool:
    """Tell whether the stream ended by 1009 alone; on a real server a reset may have destroyed the frame."""
    frames = [frame for frame in opened.rest() if frame.opcode == CLOSE or b"seq_reply" in frame.payload]
    closes = [frame.payload for frame in frames]
    return closes == [(1009).to_bytes(2, "big")] or (target.is_real and not closes)


def test_one_byte_more_is_closed_with_1009_without_a_reason(
    target: Target, connect: Open, user: Http
) -> None:
    """gorilla/websocket conn.go, advanceFrame: the read limit; a reset may destroy the frame."""
    opened = connect(user)
    opened.send(REQUEST % (b"y" * (ROOM + 1)))
    assert too_big(opened, target)


def test_the_limit_counts_over_all_fragments(target: Target, connect: Open, user: Http) -> None:
    """gorilla/websocket conn.go, advanceFrame: readLength is reset by a new message only."""
    opened = connect(user)
    whole = REQUEST % (b"y" * (ROOM + 1))
    opened.send_raw(client_frame(TEXT, whole[:5000], first=0x01))
    opened.send_raw(client_frame(0, whole[5000:]))
    assert too_big(opened, target)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (client_frame(TEXT, b"{}", first=0xC1), "RSV1 set"),
        (client_frame(TEXT, b"{}", first=0xB1), "RSV2 set, RSV3 set"),
        (client_frame(TEXT, b"{}", masked=False), "bad MASK"),
        (client_frame(3, b""), "bad opcode 3"),
        (client_frame(11, b""), "bad opcode 11"),
        (client_frame(PING, b"x" * 126), "len > 125 for control"),
        (client_frame(PING, b"", first=0x09), "FIN not set on control"),
        (client_frame(0, b""), "continuation after FIN"),
        (client_frame(TEXT, b"{", first=0x01) + client_frame(TEXT, b"}"), "data before FIN"),
        (client_frame(CLOSE, (1005).to_bytes(2, "big")), "bad close code 1005"),
        (client_frame(CLOSE, (1014).to_bytes(2, "big")), "bad close code 1014"),
        (client_frame(CLOSE, (999).to_bytes(2, "big")), "bad close code 999"),
        (client_frame(CLOSE, (1000).to_bytes(2, "big") + b"\xff"), "invalid utf8 payload in close frame"),
    ],
)
def test_a_breach_of_the_protocol_is_closed_with_1002_and_its_reason(
    connect: Open, user: Http, sent: bytes, reason: str
) -> None:
    """gorilla/websocket conn.go, advanceFrame and handleProtocolError."""
    opened = connect(user)
    opened.send_raw(sent)
    assert last(opened).payload == (1002).to_bytes(2, "big") + reason.encode()


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1011, 1013, 3000, 4000, 4001, 4999])
def test_a_close_is_answered_with_its_code_and_no_reason(connect: Open, user: Http, code: int) -> None:
    """gorilla/websocket conn.go, SetCloseHandler: the default handler."""
    opened = connect(user)
    opened.send_raw(client_frame(CLOSE, code.to_bytes(2, "big") + b"why"))
    assert last(opened).payload == code.to_bytes(2, "big")


def test_an_empty_close_is_answered_by_an_empty_one(connect: Open, user: Http) -> None:
    """gorilla/websocket conn.go, FormatCloseMessage: CloseNoStatusReceived has no payload."""
    opened = connect(user)
    opened.send_raw(client_frame(CLOSE, b""))
    assert last(opened).payload == b""


@pytest.mark.parametrize("payload", [b"", b"abc", b"x" * 125])
def test_a_ping_gets_a_pong_with_its_payload(connect: Open, user: Http, payload: bytes) -> None:
    """gorilla/websocket conn.go, SetPingHandler: the default handler."""
    opened = connect(user)
    opened.send_raw(client_frame(PING, payload))
    frame = opened.next_frame()
    assert frame is not None
    assert (frame.opcode, frame.payload) == (PONG, payload)


def test_a_ping_is_answered_before_authentication(target: Target) -> None:
    """platform/web_conn.go, Pump: the pumps run for a socket without a session, too."""
    with Socket(target) as opened:
        opened.send_raw(client_frame(PING, b"x"))
        frame = opened.next_frame()
        assert frame is not None
        assert frame.opcode == PONG


@pytest.mark.parametrize(
    "query",
    [
        "?connection_id=short&sequence_number=1",
        f"?connection_id={'a' * 26}",
        f"?connection_id={'a' * 26}&sequence_number=",
        f"?connection_id={'a' * 26}&sequence_number=x",
        f"?connection_id={'a' * 26}&sequence_number=1.0",
        f"?connection_id={'a' * 25}-&sequence_number=1",
        f"?connection_id={'a' * 26}&sequence_number=9223372036854775808",
    ],
)
def test_wrong_parameters_for_resuming_end_the_socket_at_once_without_a_frame(
    target: Target, user: Http, query: str
) -> None:
    """platform/web_conn.go, PopulateWebConnConfig; api4/websocket.go closes the socket."""
    with Socket(target, user.token, query) as opened:
        assert opened.status == 101
        assert opened.next_frame() is None


def test_a_connection_whose_handler_panicked_counts_as_active_for_ever(target: Target, user: Http) -> None:
    """wsapi/system.go panics past platform/web_conn.go, Pump: HubUnregister never runs."""
    with ready(target, user) as opened:
        opened.send({"seq": 1, "action": "posted_notify_ack", "data": {"status": 5}})
        assert opened.next_frame() is None
    with resume(target, user, opened.connection_id, 2) as again:
        hello = again.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        assert hello["data"]["connection_id"] != opened.connection_id
