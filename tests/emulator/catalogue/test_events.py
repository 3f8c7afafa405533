"""Events sent by hand: names, versions and fields are checked before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.events import bundled
from tests.emulator.peer import Peer

SAMPLES: dict[str, Any] = {"str": "text", "int": 1, "bool": True, "list": [], "map": {}, "any": None}


def test_every_event_of_the_catalogue_can_be_sent() -> None:
    known = bundled()
    assert len(known) >= 89
    with MattermostServer() as server, Peer(server, server.admin.token).socket() as socket:
        socket.event("status_change")
        sent = [name for name, one in known.items() if one.until is None]
        for name in sent:
            data = {key: SAMPLES[field.kind] for key, field in known[name].fields.items()}
            server.emit(name, data)
        assert [socket.message()["event"] for _ in sent] == sent
    assert len(sent) == 87


def test_json_within_a_string_may_be_given_as_it_is(server: MattermostServer, admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        server.emit("post_edited", {"post": {"id": "p", "message": "<b>"}})
        server.emit("post_edited", {"post": '{"id":"p","message":"<b>"}'})
        for _ in range(2):
            assert json.loads(socket.message()["data"]["post"]) == {"id": "p", "message": "<b>"}


@pytest.mark.parametrize(
    ("event", "data", "message"),
    [
        ("postd", {}, "no event is called 'postd'"),
        ("custom_", {}, "no event is called 'custom_'"),
        ("authentication_challenge", {}, "no event is called"),
        ("channel_viewed", {}, r"server 11\.11\.0 has no event .channel_viewed.: .* before 11\.6"),
        ("typing", {"channel_id": "x"}, "has no field 'channel_id'; it has: parent_id, user_id"),
        ("typing", {"user_id": 5}, "field 'user_id' of event 'typing' is str, not int"),
        ("channel_deleted", {"delete_at": True}, "is int, not bool"),
        ("posted", {"post": "no json"}, "holds JSON as text; this is none"),
        ("posted", {"mentions": {"a": 1}}, "holds a list as JSON"),
        ("user_updated", {"user": "{}"}, "is map, not str"),
        ("custom_a_b", [], "is a dict or None, not list"),
        ("custom_a_b", {"a": object()}, "is no JSON"),
    ],
)
def test_what_no_server_sends_is_refused_at_once(
    server: MattermostServer, admin: Peer, event: str, data: Any, message: str
) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        with pytest.raises(ValueError, match=message):
            server.emit(event, data)
        server.emit("custom_test_end", {})
        assert socket.message()["event"] == "custom_test_end"


def test_an_event_that_came_later_is_refused_by_an_older_server() -> None:
    with MattermostServer(version="11.2") as server:
        with pytest.raises(
            ValueError, match=r"server 11\.2\.0 has no event .post_burned.: it is there from 11\.6"
        ):
            server.emit("post_burned", {})
        server.emit("channel_viewed", {"channel_id": "x"})


def test_10_000_events_to_one_socket_arrive_all_and_in_order(server: MattermostServer, admin: Peer) -> None:
    with admin.socket() as socket:
        socket.event("status_change")
        sent = 0
        for _ in range(100):
            batch = [{"number": number} for number in range(sent, sent + 100)]
            server.emit("custom_test_flow", batch[0], copies=batch[1:])
            sent += 100
            got = [socket.message() for _ in range(100)]
            assert [one["data"]["number"] for one in got] == list(range(sent - 100, sent))
            assert [one["seq"] for one in got] == list(range(sent - 98, sent + 2))


def test_2_000_events_to_each_of_10_sockets_arrive_all_and_in_order(
    server: MattermostServer, admin: Peer
) -> None:
    sockets = [admin.socket() for _ in range(10)]
    try:
        for socket in sockets:
            assert socket.message()["event"] == "hello"
        for first in range(0, 2_000, 200):
            batch = [{"number": number} for number in range(first, first + 200)]
            server.emit("custom_test_flow", batch[0], copies=batch[1:])
            for socket in sockets:
                got = [socket.event("custom_test_flow")["data"]["number"] for _ in range(200)]
                assert got == list(range(first, first + 200))
    finally:
        for socket in sockets:
            socket.__exit__(None, None, None)
