from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matterapi.testing import MattermostServer

CHALLENGE = "authentication_challenge"


@pytest.fixture
def hasty() -> Iterator[MattermostServer]:
    """A server whose time limits are a hundred times shorter: 50 ms for the challenge."""
    from matterapi.testing import MattermostServer

    with MattermostServer(time_scale=0.01) as server:
        yield server


def _post(peer: Peer, channel: Any, message: str = "hello", **fields: Any) -> Any:
    return peer.post("/posts", {"channel_id": channel["id"], "message": message, **fields}).json


def test_hello_is_the_first_frame_compact_with_seq_0(server: MattermostServer, admin: Peer) -> None:
    with admin.socket() as socket:
        assert socket.status == 101
        text = socket.text()
        hello = json.loads(text)
        assert text.startswith('{"event":"hello","data":{"connection_id":"')
        assert text.endswith('},"seq":0}\n')
        assert len(hello["data"]["connection_id"]) == 26
        assert list(hello["broadcast"]) == [
            "omit_users", "user_id", "channel_id", "team_id", "connection_id", "omit_connection_id"
        ]  # fmt: skip
        assert [one.user_id for one in server.connections] == [server.admin.id]


def test_a_challenge_is_answered_by_hello_first_and_then_ok(server: MattermostServer) -> None:
    with Peer(server).socket() as socket:
        socket.send({"seq": 7, "action": CHALLENGE, "data": {"token": server.admin.token}})
        assert socket.message()["event"] == "hello"
        assert socket.text() == '{"status":"OK","seq_reply":7}\n'


def test_a_second_challenge_is_ignored_whatever_its_token(admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send({"seq": 1, "action": CHALLENGE, "data": {"token": "wrong"}})
        socket.send({"seq": 2, "action": "ping"})
        assert socket.message()["seq_reply"] == 2


def test_a_bad_token_gets_101_and_then_the_end_of_the_stream(hasty: MattermostServer) -> None:
    with Peer(hasty, "wrong").socket() as socket:
        assert socket.status == 101
        assert socket.frame() is None
    with Peer(hasty).socket() as socket:
        socket.send({"seq": 1, "action": CHALLENGE, "data": {"token": "wrong"}})
        assert socket.frame() is None


def test_a_challenge_after_a_bad_header_still_works(server: MattermostServer) -> None:
    with Peer(server, "wrong").socket() as socket:
        socket.send({"seq": 1, "action": CHALLENGE, "data": {"token": server.admin.token}})
        assert socket.message()["event"] == "hello"


def test_a_silent_socket_is_pinged_and_ended_without_pong(hasty: MattermostServer) -> None:
    with Peer(hasty, hasty.admin.token).socket() as socket:
        socket.event("status_change")
        assert socket.frame() == (0x9, b"")
        assert socket.frame() is None


def test_a_pong_moves_the_deadline_of_100_s() -> None:
    from matterapi.testing import MattermostServer

    with MattermostServer(time_scale=0.02) as server, Peer(server, server.admin.token).socket() as socket:
        socket.event("status_change")
        assert socket.frame() == (0x9, b"")
        socket.send_frame(0xA, b"")
        # Without the Pong the socket would end 2 s after it was opened, before this second Ping at 2.4 s.
        assert socket.frame() == (0x9, b"")


@pytest.mark.parametrize("query", ["?connection_id=short&sequence_number=1", f"?connection_id={ID}"])
def test_wrong_parameters_for_resuming_end_the_socket_at_once(admin: Peer, query: str) -> None:
    with admin.socket(query) as socket:
        assert socket.status == 101
        assert socket.frame() is None


def test_an_unknown_connection_id_gets_a_new_one(admin: Peer) -> None:
    with admin.socket(f"?connection_id={ID}&sequence_number=5") as socket:
        hello = socket.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        assert hello["data"]["connection_id"] != ID


def test_a_request_that_is_no_upgrade_is_400_text_and_json(admin: Peer) -> None:
    answer = admin.get("/websocket")
    assert answer.status == 400
    assert answer.headers["Sec-Websocket-Version"] == "13"
    text, _, error = answer.body.partition(b"\n")
    assert text == b"Bad Request"
    assert json.loads(error)["id"] == "api.web_socket.connect.upgrade.app_error"


def test_an_access_token_that_is_not_oauth_is_401(server: MattermostServer) -> None:
    with Peer(server).socket(f"?access_token={server.admin.token}") as socket:
        assert socket.status == 401


def test_posted_is_spaced_for_all_and_compact_for_whom_it_differs(
    admin: Peer, member: Peer, channel: Any
) -> None:
    with admin.socket() as sender, member.socket() as reader:
        sender.event("status_change")
        reader.event("status_change")
        post = _post(admin, channel, "hi @member <3")
        spaced, compact = sender.text(), reader.text()
        assert spaced.startswith('{"event": "posted", "data": {"channel_display_name":"Room",')
        assert spaced.endswith(', "seq": 2}')
        assert compact.startswith('{"event":"posted","data":{"channel_display_name":"Room",')
        assert compact.endswith(',"seq":2}\n')
        assert r"hi @member \\u003c3" in spaced
        common, own = json.loads(spaced)["data"], json.loads(compact)["data"]
        assert own.pop("mentions") == json.dumps([member.get("/users/me").json["id"]])
        assert own == common
        assert list(common) == sorted(common)
        assert json.loads(common["post"]) == post
        assert common["sender_name"] == "@admin"


def test_events_are_numbered_without_gaps_and_replies_have_no_number(admin: Peer, channel: Any) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        for number in range(5):
            _post(admin, channel)
            socket.send({"seq": number + 1, "action": "ping"})
        got = [socket.message() for _ in range(15)]
        assert [one["seq"] for one in got if "event" in one] == list(range(2, 12))
        assert [one["seq_reply"] for one in got if "event" not in one] == [1, 2, 3, 4, 5]


def test_a_ping_is_answered_after_the_events_before_it(server: MattermostServer, admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        server.emit("custom_demo_tick", {"b": 1, "a": None})
        socket.send({"seq": 3, "action": "ping"})
        assert socket.text() == (
            '{"event": "custom_demo_tick", "data": {"a":null,"b":1}, "broadcast": {"omit_users":null,'
            '"user_id":"","channel_id":"","team_id":"","connection_id":"","omit_connection_id":""}, "seq": 2}'
        )
        reply = socket.message()
        assert list(reply) == ["status", "seq_reply", "data"]
        assert (reply["seq_reply"], reply["data"]["text"]) == (3, "pong")


@pytest.mark.parametrize(
    ("request_", "error_id", "status"),
    [
        ({"seq": 1, "action": "nonsense"}, "api.web_socket_router.bad_action.app_error", 500),
        ({"seq": 1, "action": ""}, "api.web_socket_router.no_action.app_error", 400),
        ({"seq": 0, "action": "ping"}, "api.web_socket_router.bad_seq.app_error", 400),
        (
            {"seq": 1, "action": "user_typing", "data": {}},
            "api.websocket_handler.invalid_param.app_error",
            400,
        ),
        (
            {"seq": 1, "action": "get_statuses_by_ids", "data": {"user_ids": []}},
            "api.websocket_handler.invalid_param.app_error",
            400,
        ),
    ],
)
def test_requests_that_fail_are_answered_with_an_error(
    admin: Peer, request_: Any, error_id: str, status: int
) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send(request_)
        reply = socket.message()
        assert (reply["status"], reply["error"]["id"], reply["error"]["status_code"]) == (
            "FAIL",
            error_id,
            status,
        )
        assert reply.get("seq_reply", 0) == request_["seq"]


@pytest.mark.parametrize("frame", [b"nonsense", b"[]", b"", b'{"seq":"1","action":"ping"}', b'{"seq":1.0}'])
def test_a_request_that_cannot_be_decoded_ends_the_socket_without_a_word(admin: Peer, frame: bytes) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send(frame)
        assert socket.frame() is None


def test_keys_in_any_case_and_bytes_after_the_request_are_tolerated(admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send(b'{"SEQ":4,"Action":"ping","more":1}{"seq":5}')
        assert socket.message()["seq_reply"] == 4


def test_8192_bytes_pass_and_more_are_closed_with_1009(admin: Peer) -> None:
    request = b'{"seq":1,"action":"ping","data":{"x":"%b"}}'
    room = 8192 - len(request) + 2
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send(request % (b"y" * room))
        assert socket.message()["status"] == "OK"
        socket.send(request % (b"y" * (room + 1)))
        opcode, payload = socket.frame() or (0, b"")
        assert (opcode, payload[:2]) == (0x8, (1009).to_bytes(2, "big"))


def test_a_close_is_echoed_with_its_code(admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send_frame(0x8, (4000).to_bytes(2, "big") + b"why")
        assert socket.frame() == (0x8, (4000).to_bytes(2, "big"))
        assert socket.frame() is None


def test_a_client_ping_gets_a_pong_with_its_payload(admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        socket.send_frame(0x9, b"abc")
        assert socket.frame() == (0xA, b"abc")


def test_a_revoked_session_leaves_the_socket_open_and_deaf(
    server: MattermostServer, admin: Peer, member: Peer, channel: Any
) -> None:
    with member.socket() as socket:
        socket.event("status_change")
        assert member.token is not None
        server.revoke_session(member.token)
        _post(admin, channel)
        socket.send({"seq": 1, "action": "ping"})
        reply = socket.message()
        assert reply["error"]["id"] == "api.web_socket_router.not_authenticated.app_error"
        socket.send({"seq": 2, "action": "presence", "data": {"channel_id": ""}})
        assert socket.message() == {"status": "OK", "seq_reply": 2}


def test_events_of_a_channel_go_to_its_members_only(
    admin: Peer, member: Peer, stranger: Peer, channel: Any
) -> None:
    with member.socket() as inside, stranger.socket() as outside:
        inside.event("status_change")
        outside.event("status_change")
        _post(admin, channel)
        assert inside.message()["event"] == "posted"
        outside.send({"seq": 1, "action": "ping"})
        assert outside.message()["status"] == "OK"


def test_admins_and_others_get_one_twin_each_of_a_deletion(admin: Peer, member: Peer, channel: Any) -> None:
    with admin.socket() as privileged, member.socket() as ordinary:
        privileged.event("status_change")
        ordinary.event("status_change")
        post = _post(member, channel)
        privileged.event("posted")
        ordinary.event("multiple_channels_viewed")
        member.delete(f"/posts/{post['id']}")
        sensitive, sanitized = privileged.message(), ordinary.message()
        assert sensitive["event"] == sanitized["event"] == "post_deleted"
        assert sensitive["data"]["delete_by"] == post["user_id"]
        assert sensitive["broadcast"]["contains_sensitive_data"] is True
        assert "delete_by" not in sanitized["data"]
        assert sanitized["broadcast"]["contains_sanitized_data"] is True
        gone = json.loads(sanitized["data"]["post"])
        assert (gone["delete_at"], gone["message"], "metadata" in gone) == (0, "hello", False)
        for socket in (privileged, ordinary):
            socket.send({"seq": 1, "action": "ping"})
            assert socket.message()["status"] == "OK"


def test_typing_is_told_to_the_others(admin: Peer, member: Peer, channel: Any) -> None:
    with admin.socket() as reader, member.socket() as writer:
        reader.event("status_change")
        writer.event("status_change")
        writer.send({"seq": 1, "action": "user_typing", "data": {"channel_id": channel["id"]}})
        assert writer.message() == {"status": "OK", "seq_reply": 1}
        typing = reader.event("typing")
        me = member.get("/users/me").json["id"]
        assert typing["data"] == {"parent_id": "", "user_id": me}
        assert typing["broadcast"]["omit_users"] == {me: True}


def test_acknowledgements_are_asked_of_sockets_that_offered_them(
    admin: Peer, member: Peer, channel: Any
) -> None:
    with member.socket("?posted_ack=true") as offered, member.socket() as silent:
        offered.event("status_change")
        silent.event("hello")
        _post(admin, channel, "@member")
        assert offered.event("posted")["data"]["should_ack"] is True
        assert "should_ack" not in silent.event("posted")["data"]
        offered.send({"seq": 1, "action": "posted_notify_ack", "data": {"post_id": ID, "status": 5}})
        assert offered.frame() is None


def test_emitted_events_obey_their_broadcast(server: MattermostServer, admin: Peer, member: Peer) -> None:
    with admin.socket() as first, member.socket() as second:
        connection = first.event("hello")["data"]["connection_id"]
        second.event("status_change")
        first.event("status_change")
        member_id = member.get("/users/me").json["id"]
        server.emit("custom_test_only_admin", {}, user_id=server.admin.id, channel_id=ID)
        server.emit("custom_test_only_first", {}, connection_id=connection)
        server.emit("custom_test_not_admin", {}, omit_users=frozenset({server.admin.id}))
        server.emit("custom_test_not_first", {}, omit_connection_id=connection)
        server.emit("custom_test_nobody", {}, channel_id=ID)
        server.emit("custom_test_all", None)
        assert [first.message()["event"] for _ in range(3)] == [
            "custom_test_only_admin",
            "custom_test_only_first",
            "custom_test_all",
        ]
        got = [second.message() for _ in range(3)]
        assert [one["event"] for one in got] == [
            "custom_test_not_admin",
            "custom_test_not_first",
            "custom_test_all",
        ]
        assert got[2]["data"] is None
        assert member_id != server.admin.id


def test_a_reader_that_does_not_read_is_dropped_with_an_empty_close(
    server: MattermostServer, admin: Peer
) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        payload = {"text": "x" * 100_000}
        while server.connections:
            server.emit("custom_test_flood", payload)
        numbers = []
        while (frame := socket.frame()) is not None and frame[0] == 0x1:
            numbers.append(json.loads(frame[1])["seq"])
        assert frame == (0x8, b"")
        assert numbers == list(range(2, len(numbers) + 2))
        assert len(numbers) > 256


def test_all_events_of_a_burst_arrive_in_order(server: MattermostServer, admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        for number in range(500):
            server.emit("custom_test_tick", {"number": number})
        assert [socket.message()["data"]["number"] for _ in range(500)] == list(range(500))
