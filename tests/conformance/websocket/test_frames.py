"""The text of what the server sends: public/model/websocket_message.go, platform/web_conn.go."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tests.conformance.websocket.peer import TEXT, Socket

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target
    from tests.conformance.websocket.conftest import Open

BROADCAST = ["omit_users", "user_id", "channel_id", "team_id", "connection_id", "omit_connection_id"]


def test_hello_is_the_first_frame_numbered_0_in_the_compact_form(target: Target, user: Http) -> None:
    """platform/web_hub.go, register; platform/web_conn.go, createHelloMessage."""
    with Socket(target, user.token) as opened:
        text = opened.text()
        hello = json.loads(text)
        assert text.startswith('{"event":"hello","data":{"connection_id":"')
        assert text.endswith(',"seq":0}\n')
        assert list(hello["data"]) == ["connection_id", "server_hostname", "server_version"]
        assert hello["broadcast"]["user_id"] == user.id


def test_a_connection_id_is_26_letters_and_digits(connect: Open, user: Http) -> None:
    """public/model/utils.go, NewId."""
    assert re.fullmatch(r"[a-z0-9]{26}", connect(user).connection_id)


def test_every_socket_has_an_id_of_its_own(connect: Open, user: Http) -> None:
    """api4/websocket.go, connectWebSocket."""
    assert connect(user).connection_id != connect(user).connection_id


def test_hello_tells_version_build_configuration_and_licence(target: Target, user: Http) -> None:
    """platform/web_conn.go, createHelloMessage."""
    with Socket(target, user.token) as opened:
        version = opened.message()["data"]["server_version"]
        assert re.fullmatch(r"\d+\.\d+\.\d+\.[^.]*\.[0-9a-f]{64}\.(true|false)", version)


def test_an_event_for_all_alike_is_spaced_and_has_no_newline(
    connect: Open, user: Http, room: Any, other: Http
) -> None:
    """public/model/websocket_message.go, PrecomputeJSON and Encode."""
    opened = connect(user)
    other.made("/posts", {"channel_id": room["id"], "message": "plain"})
    while "plain" not in (text := opened.event_text("posted")):
        pass
    assert text.startswith('{"event": "posted", "data": {"channel_display_name":"')
    assert re.search(r'\}, "broadcast": \{"omit_users":null,', text)
    assert re.search(r', "seq": \d+\}$', text)


def test_an_event_changed_for_its_recipient_is_compact_and_ends_with_a_newline(
    connect: Open, user: Http, room: Any, other: Http
) -> None:
    """platform/web_hub.go, runBroadcastHooks; app/web_broadcast_hooks.go (mentions)."""
    opened = connect(user)
    other.made("/posts", {"channel_id": room["id"], "message": f"mind @{user.user['username']}"})
    while "mind @" not in (text := opened.event_text("posted")):
        pass
    assert text.startswith('{"event":"posted","data":{"channel_display_name":"')
    assert re.search(r',"seq":\d+\}\n$', text)


def test_the_keys_of_data_are_in_alphabetical_order(connect: Open, user: Http, room: Any) -> None:
    """Go's maps: encoding/json sorts their keys."""
    opened = connect(user)
    user.made("/posts", {"channel_id": room["id"], "message": "order"})
    keys = list(opened.event("posted")["data"])
    assert keys == sorted(keys)


def test_a_broadcast_names_all_six_addresses_in_order(connect: Open, user: Http, room: Any) -> None:
    """public/model/websocket_message.go, WebsocketBroadcast."""
    opened = connect(user)
    user.made("/posts", {"channel_id": room["id"], "message": "where"})
    broadcast = opened.event("posted")["broadcast"]
    assert list(broadcast) == BROADCAST
    assert broadcast["channel_id"] == room["id"]
    assert (broadcast["omit_users"], broadcast["user_id"], broadcast["team_id"]) == (None, "", "")


def test_characters_of_html_are_escaped_twice_in_json_within_json(
    connect: Open, user: Http, room: Any
) -> None:
    """encoding/json escapes < > & in every string; the post is a string in a string."""
    opened = connect(user)
    user.made("/posts", {"channel_id": room["id"], "message": "marked <b>&"})
    while "marked" not in (text := opened.event_text("posted")):
        pass
    assert r"marked \\u003cb\\u003e\\u0026" in text


def test_text_beyond_ascii_stays_utf_8(connect: Open, user: Http, room: Any) -> None:
    """encoding/json leaves it alone."""
    opened = connect(user)
    user.made("/posts", {"channel_id": room["id"], "message": "grüße 世界 🎉"})
    while "grüße 世界 🎉" not in opened.event_text("posted"):
        pass


def test_a_reply_is_compact_with_status_first_and_a_newline(connect: Open, user: Http) -> None:
    """public/model/websocket_message.go, WebSocketResponse; platform/web_conn.go, writePump."""
    opened = connect(user)
    opened.send({"seq": 3, "action": "presence", "data": {"channel_id": ""}})
    while "seq_reply" not in (text := opened.text()):
        pass
    assert text == '{"status":"OK","seq_reply":3}\n'


def test_replies_use_no_number_of_the_stream(connect: Open, user: Http, room: Any) -> None:
    """platform/web_conn.go, writePump: only events move Sequence."""
    opened = connect(user)
    seen: list[Any] = []
    for number in range(3):
        assert opened.ask("ping")["status"] == "OK"
        user.made("/posts", {"channel_id": room["id"], "message": f"tick {number}"})
        seen += opened.so_far(statuses=True)
    numbers = [event["seq"] for event in seen]
    assert len(numbers) >= 3
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_ping_sent_after_a_write_is_answered_after_its_event(connect: Open, user: Http, room: Any) -> None:
    """platform/web_hub.go: events and replies go through one hub and one queue."""
    opened = connect(user)
    for number in range(20):
        user.made("/posts", {"channel_id": room["id"], "message": f"write {number}"})
        assert f"write {number}" in str(opened.so_far())


def test_a_message_is_one_final_unmasked_text_frame(
    target: Target, user: Http, room: Any, scene: Scene
) -> None:
    """gorilla/websocket conn.go, WriteMessage: however long it is."""
    with Socket(target, user.token) as opened:
        assert (opened.frame() or 0) != 0
        scene.post(room, "long" * 4000)
        while b"longlong" not in (frame := opened.frame()).payload:  # type: ignore[union-attr]
            pass
        assert frame is not None
        assert (frame.final, frame.reserved, frame.opcode) == (True, 0, TEXT)
        assert len(frame.payload) > 16_000


def test_the_post_of_an_event_is_the_post_of_the_answer(connect: Open, user: Http, room: Any) -> None:
    """app/notification.go, SendNotifications: the prepared post, as JSON in a string."""
    opened = connect(user)
    made = user.made("/posts", {"channel_id": room["id"], "message": "the same"})
    posts = [json.loads(event["data"]["post"]) for event in opened.so_far() if event["event"] == "posted"]
    assert {"id": made["id"], "message": "the same"}.items() <= posts[-1].items()
    assert set(posts[-1]) == set(made)
