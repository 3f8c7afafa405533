"""What a client may ask and how it is read: platform/websocket_router.go, platform/web_conn.go, wsapi."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgpack
import pytest

from tests.conformance.websocket.peer import BINARY, PONG, TEXT, client_frame, names

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.websocket.conftest import Open

UNKNOWN_ID = "x" * 26


@pytest.mark.parametrize(
    ("payload", "number"),
    [
        (b'{"SEQ":4,"Action":"ping","more":1}', 4),
        (b'{"seq":5,"action":"ping"}{"seq":6,"action":"ping"} and more', 5),
        (b' \n{"seq":6,"action":"ping","data":null}', 6),
        (b'{"seq":7,"action":"ping","data":{"text":"\xff"}}', 7),
        (b'{"seq":8,"seq":9,"action":"ping"}', 9),
        (b'{"seq":9223372036854775807,"action":"ping"}', 9223372036854775807),
    ],
    ids=["keys in any case", "a second value", "white space", "invalid UTF-8", "a key twice", "64 bits"],
)
def test_a_request_is_read_with_tolerance(connect: Open, user: Http, payload: bytes, number: int) -> None:
    """platform/web_conn.go, readPump: encoding/json decodes the first value of the message."""
    opened = connect(user)
    opened.send(payload)
    got = opened.reply()
    assert (got["status"], got["seq_reply"]) == ("OK", number)


@pytest.mark.parametrize(
    "payload",
    [
        b"nonsense",
        b"",
        b"[]",
        b'"ping"',
        b"\xef\xbb\xbf{}",
        b'{"seq":"1","action":"ping"}',
        b'{"seq":1.0,"action":"ping"}',
        b'{"seq":1e2,"action":"ping"}',
        b'{"seq":9223372036854775808,"action":"ping"}',
        b'{"seq":true,"action":"ping"}',
        b'{"seq":1,"action":5}',
        b'{"seq":1,"action":"ping","data":[]}',
        b'{"seq":1,"action":"ping","data":"x"}',
        b'{"seq":1,"action":"ping"',
        b'{"seq":1,"action":"ping","data":{"x":NaN}}',
    ],
)
def test_a_request_that_cannot_be_decoded_ends_the_socket_without_a_word(
    connect: Open, user: Http, payload: bytes
) -> None:
    """platform/web_conn.go, readPump: a decoding error returns, and the connection is closed."""
    opened = connect(user)
    opened.send(payload)
    assert opened.next_frame() is None


@pytest.mark.parametrize(("payload"), [b"null", b"{}"])
def test_an_empty_request_lacks_an_action(connect: Open, user: Http, payload: bytes) -> None:
    """platform/websocket_router.go, ServeWebSocket: no_action; a seq_reply of 0 is left out."""
    opened = connect(user)
    opened.send(payload)
    got = opened.reply()
    assert "seq_reply" not in got
    assert got["error"]["id"] == "api.web_socket_router.no_action.app_error"


def test_a_binary_frame_is_message_pack(connect: Open, user: Http) -> None:
    """platform/web_conn.go, readPump: msgpack.NewDecoder."""
    opened = connect(user)
    packed = msgpack.packb({"seq": 11, "action": "get_statuses_by_ids", "data": {"user_ids": [user.id]}})
    opened.send_raw(client_frame(BINARY, packed))
    got = opened.reply()
    assert (got["seq_reply"], list(got["data"])) == (11, [user.id])


def test_json_in_a_binary_frame_ends_the_socket(connect: Open, user: Http) -> None:
    """platform/web_conn.go, readPump: the opcode decides."""
    opened = connect(user)
    opened.send_raw(client_frame(BINARY, b'{"seq":1,"action":"ping"}'))
    assert opened.next_frame() is None


@pytest.mark.parametrize(
    ("request_", "status", "error_id"),
    [
        ({"seq": 1, "action": "nonsense"}, 500, "api.web_socket_router.bad_action.app_error"),
        ({"seq": 1, "action": ""}, 400, "api.web_socket_router.no_action.app_error"),
        ({"seq": 0, "action": "ping"}, 400, "api.web_socket_router.bad_seq.app_error"),
        ({"seq": -3, "action": "ping"}, 400, "api.web_socket_router.bad_seq.app_error"),
        ({"seq": 2, "action": "user_typing"}, 400, "api.websocket_handler.invalid_param.app_error"),
        (
            {"seq": 2, "action": "user_typing", "data": {"channel_id": UNKNOWN_ID}},
            400,
            "api.websocket_handler.invalid_param.app_error",
        ),
        (
            {"seq": 2, "action": "user_update_active_status", "data": {"user_is_active": "yes"}},
            400,
            "api.websocket_handler.invalid_param.app_error",
        ),
        (
            {"seq": 2, "action": "get_statuses_by_ids", "data": {"user_ids": []}},
            400,
            "api.websocket_handler.invalid_param.app_error",
        ),
        (
            {"seq": 2, "action": "get_statuses_by_ids", "data": {"user_ids": [1, 2]}},
            400,
            "api.websocket_handler.invalid_param.app_error",
        ),
    ],
)
def test_a_request_that_fails_is_answered_with_status_and_id(
    connect: Open, user: Http, request_: Any, status: int, error_id: str
) -> None:
    """platform/websocket_router.go, wsapi: returnWebSocketError; a negative seq is echoed, 0 is left out."""
    opened = connect(user)
    opened.send(request_)
    got = opened.reply()
    assert (got["status"], got["error"]["status_code"], got["error"]["id"]) == ("FAIL", status, error_id)
    assert got.get("seq_reply", 0) == request_["seq"]
    assert list(got["error"]) == ["id", "message", "detailed_error", "status_code"]
    assert got["error"]["detailed_error"] == ""


def test_ping_tells_version_and_time(connect: Open, user: Http) -> None:
    """wsapi/system.go, ping."""
    reply = connect(user).ask("ping")
    assert list(reply) == ["status", "seq_reply", "data"]
    assert list(reply["data"]) == ["node_id", "server_time", "text", "version"]
    assert (reply["data"]["text"], reply["data"]["node_id"]) == ("pong", "")


def test_typing_is_told_to_the_others_and_not_to_the_typist(
    connect: Open, user: Http, other: Http, room: Any
) -> None:
    """wsapi/user.go, userTyping; app/web_hub.go, PublishUserTyping: omit_users."""
    reader, writer = connect(other), connect(user)
    assert writer.ask("user_typing", {"channel_id": room["id"], "parent_id": "not checked"})["status"] == "OK"
    told = reader.event("typing")
    assert told["data"] == {"parent_id": "not checked", "user_id": user.id}
    assert told["broadcast"]["omit_users"] == {user.id: True}
    assert "typing" not in names(writer.so_far())


def test_typing_in_a_foreign_channel_is_refused(
    connect: Open, user: Http, admin: Http, scene: Any, team: Any
) -> None:
    """wsapi/user.go, userTyping: permission create_post."""
    closed = scene.channel(team, type="P")
    reply = connect(user).ask("user_typing", {"channel_id": closed["id"]})
    assert reply["error"]["status_code"] == 400


def test_a_user_may_call_himself_away_and_back(connect: Open, user: Http) -> None:
    """wsapi/user.go, userUpdateActiveStatus; platform/status.go."""
    opened = connect(user)
    assert (
        opened.ask("user_update_active_status", {"user_is_active": False, "manual": True})["status"] == "OK"
    )
    assert user.get(f"/users/{user.id}/status").json["status"] == "away"
    opened.send(
        {"seq": 1, "action": "user_update_active_status", "data": {"user_is_active": True, "manual": True}}
    )
    while opened.event("status_change")["data"] != {"status": "online", "user_id": user.id}:
        pass


def test_idleness_just_after_activity_changes_nothing(connect: Open, user: Http) -> None:
    """platform/status.go, SetStatusAwayIfNeeded: UserStatusAwayTimeout, 300 s."""
    opened = connect(user)
    assert opened.ask("user_update_active_status", {"user_is_active": False})["status"] == "OK"
    assert "away" not in str(opened.so_far(statuses=True))


def test_statuses_of_all_leave_out_who_is_offline(connect: Open, scene: Scene) -> None:
    """wsapi/status.go, getStatuses; public/model/status.go, StatusMapToInterfaceMap."""
    user = scene.user()
    opened = connect(user)
    while user.id not in (data := opened.ask("get_statuses").get("data", {})):
        pass
    assert data[user.id] == "online"
    assert "offline" not in data.values()


def test_statuses_by_ids_call_unknown_ones_offline(connect: Open, user: Http) -> None:
    """platform/status.go, GetStatusesByIds: also for what is no id."""
    opened = connect(user)
    asked = {"user_ids": [UNKNOWN_ID, "no id", 5]}
    assert opened.ask("get_statuses_by_ids", asked)["data"] == {UNKNOWN_ID: "offline", "no id": "offline"}


def test_an_acknowledgement_of_a_notification_is_answered_with_ok(connect: Open, user: Http) -> None:
    """wsapi/system.go, websocketNotificationAck."""
    data = {"post_id": UNKNOWN_ID, "user_agent": "x", "status": "success", "reason": "", "data": ""}
    assert connect(user).ask("posted_notify_ack", data) == {"status": "OK", "seq_reply": 1_000_000}


def test_an_acknowledgement_without_a_status_is_not_looked_into(connect: Open, user: Http) -> None:
    """wsapi/system.go, websocketNotificationAck: it returns before the reason is read."""
    assert connect(user).ask("posted_notify_ack", {"reason": 5})["status"] == "OK"


@pytest.mark.parametrize("data", [{"status": 5}, {"status": "error", "reason": 5}])
def test_an_acknowledgement_of_a_wrong_type_ends_the_socket(connect: Open, user: Http, data: Any) -> None:
    """wsapi/system.go, websocketNotificationAck: an unchecked type assertion panics."""
    opened = connect(user)
    opened.send({"seq": 1, "action": "posted_notify_ack", "data": data})
    assert opened.next_frame() is None


def test_a_plugin_action_is_never_answered(connect: Open, user: Http) -> None:
    """platform/web_conn.go, readPump: custom_ goes to plugins only."""
    opened = connect(user)
    opened.send({"seq": 1, "action": "custom_no.such.plugin_x", "data": {"a": 1}})
    opened.send({"seq": 2, "action": "ping"})
    assert opened.message()["seq_reply"] == 2


def test_numbers_of_requests_may_repeat_and_decrease(connect: Open, user: Http) -> None:
    """platform/websocket_router.go: only seq > 0 is asked for."""
    opened = connect(user)
    for number in (9, 9, 2):
        opened.send({"seq": number, "action": "ping"})
        assert opened.message()["seq_reply"] == number


def test_fragments_with_pings_between_them_are_one_message(connect: Open, user: Http) -> None:
    """gorilla/websocket conn.go, advanceFrame."""
    opened = connect(user)
    opened.send_raw(client_frame(TEXT, b'{"seq":12,', first=0x01))
    opened.send_raw(client_frame(0x9, b"between"))
    opened.send_raw(client_frame(0, b'"action":', first=0x00))
    opened.send_raw(client_frame(0, b'"ping"}'))
    frame = opened.next_frame()
    assert frame is not None
    assert (frame.opcode, frame.payload) == (PONG, b"between")
    assert opened.message()["seq_reply"] == 12


def test_400_requests_at_once_are_all_answered_in_order(connect: Open, user: Http) -> None:
    """No rate limit applies to frames."""
    opened = connect(user)
    for first in (1, 101, 201, 301):
        burst = [{"seq": first + at, "action": "ping"} for at in range(100)]
        opened.send_raw(b"".join(client_frame(TEXT, json.dumps(one).encode()) for one in burst))
        assert [opened.message()["seq_reply"] for _ in range(100)] == list(range(first, first + 100))
