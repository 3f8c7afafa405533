"""Coming back to a stream: platform/web_conn.go (writePump, dead queue), platform/web_hub.go (checkConn)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.http import Http
from tests.conformance.websocket.peer import Socket, names, ready, resume

if TYPE_CHECKING:
    from tests.conformance.target import Target
    from tests.conformance.websocket.conftest import Open


def post(author: Http, room: Any, message: str) -> None:
    author.made("/posts", {"channel_id": room["id"], "message": message})


def leave(opened: Socket) -> int:
    """End a socket once its stream is quiet; returns the number of the next event."""
    expected = max([event["seq"] for event in opened.so_far(statuses=True)], default=0) + 1
    opened.end()
    return expected


def come_back(target: Target, peer: Http, connection_id: str, sequence: int) -> tuple[Socket, list[Any]]:
    """Resume, as soon as the server has noticed that the old socket is gone; returns what came, too."""
    while True:
        opened = resume(target, peer, connection_id, sequence)
        came = opened.so_far(statuses=True)
        if "hello" not in names(came):
            return opened, came
        opened.end()


def test_a_resume_is_silent_and_goes_on_with_the_numbers(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, writePump: neither in the dead queue nor lossy, so nothing is written."""
    first = connect(user)
    expected = leave(first)
    second, came = come_back(target, user, first.connection_id, expected)
    with second:
        post(other, room, "after")
        came += second.so_far(statuses=True)
        assert [event["seq"] for event in came] == list(range(expected, expected + len(came)))
        assert "after" in str(came)


def test_what_happened_meanwhile_follows(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_hub.go, unregister: a lost connection stays in the index, and its queue is filled."""
    first = connect(user)
    expected = leave(first)
    for number in range(5):
        post(other, room, f"missed {number}")
    second, came = come_back(target, user, first.connection_id, expected)
    with second:
        assert [event["seq"] for event in came] == list(range(expected, expected + len(came)))
        assert all(f"missed {number}" in str(came) for number in range(5))


def test_the_last_128_events_can_be_had_again_as_they_were(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, drainDeadQueue: also those that were received long ago, with their numbers."""
    first = connect(user)
    for number in range(3):
        post(other, room, f"again {number}")
    sent = first.so_far(statuses=True)
    first.end()
    second, came = come_back(target, user, first.connection_id, sent[0]["seq"])
    with second:
        assert came[: len(sent)] == sent


def test_an_event_that_is_kept_no_more_makes_a_new_stream(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, writePump: message loss gives a new id, number 0 and hello."""
    first = connect(user)
    for number in range(140):
        post(other, room, f"many {number}")
    assert len(first.so_far(statuses=True)) >= 140
    first.end()
    with resume_after(target, user, first, 2) as second:
        hello = second.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        assert hello["data"]["connection_id"] != first.connection_id


def resume_after(target: Target, user: Http, first: Socket, sequence: int) -> Socket:
    """Resume after the end of `first` is known for sure: another socket of the user has seen it go."""
    with ready(target, user) as watcher:
        watcher.so_far()
        watcher.so_far()
    return resume(target, user, first.connection_id, sequence)


@pytest.mark.parametrize("sequence", [100_000, -5])
def test_a_number_that_never_was_makes_a_new_stream(
    target: Target, connect: Open, user: Http, sequence: int
) -> None:
    """web_conn.go, hasMsgLoss: any number but the next one."""
    first = connect(user)
    leave(first)
    with resume_after(target, user, first, sequence) as second:
        hello = second.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        assert hello["data"]["connection_id"] != first.connection_id


def test_the_new_stream_can_be_resumed_and_the_old_one_not(target: Target, connect: Open, user: Http) -> None:
    """web_conn.go, writePump: SetConnectionID."""
    first = connect(user)
    leave(first)
    second = resume_after(target, user, first, 100_000)
    new_id = second.message()["data"]["connection_id"]
    expected = leave(second)
    third, came = come_back(target, user, new_id, expected)
    with third:
        assert "hello" not in names(came)
    with resume(target, user, first.connection_id, 1) as fourth:
        assert fourth.message()["event"] == "hello"


def test_a_live_connection_cannot_be_resumed_and_is_not_hurt(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_hub.go, RemoveInactiveByConnectionID."""
    first = connect(user)
    with resume(target, user, first.connection_id, 1) as second:
        assert second.message()["data"]["connection_id"] != first.connection_id
    post(other, room, "still here")
    assert "still here" in str(first.so_far())


def test_another_user_gets_a_new_stream(target: Target, connect: Open, user: Http, other: Http) -> None:
    """web_hub.go, CheckConn: looked up among the user's own connections."""
    first = connect(user)
    expected = leave(first)
    with resume_after(target, other, first, expected) as second:
        assert second.message()["event"] == "hello"
    third, came = come_back(target, user, first.connection_id, expected)
    with third:
        assert "hello" not in names(came)


def test_another_session_of_the_user_may_resume(target: Target, connect: Open, user: Http) -> None:
    """web_hub.go, CheckConn: the key is user and id, not the token."""
    first = connect(user)
    expected = leave(first)
    again = Http.login(target, user.user["username"], "a-Password-1")
    second, came = come_back(target, again, first.connection_id, expected)
    with second:
        assert "hello" not in names(came)


def test_an_unknown_id_gets_a_new_stream(target: Target, user: Http) -> None:
    """web_conn.go, PopulateWebConnConfig."""
    with resume(target, user, "a" * 26, 5) as opened:
        hello = opened.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        assert hello["data"]["connection_id"] != "a" * 26


def test_of_several_tries_one_wins(target: Target, connect: Open, user: Http) -> None:
    """web_hub.go, checkConn: the connection is taken out of the index."""
    first = connect(user)
    expected = leave(first)
    with ready(target, user) as watcher:
        watcher.so_far()
        watcher.so_far()
    tries = [resume(target, user, first.connection_id, expected) for _ in range(3)]
    greeted = ["hello" in names(one.so_far(statuses=True)) for one in tries]
    for one in tries:
        one.end()
    assert greeted.count(False) == 1


def test_number_0_starts_the_numbers_anew_without_hello(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, writePump: none of its cases is for Sequence 0."""
    first = connect(user)
    leave(first)
    with resume_after(target, user, first, 0) as second:
        post(other, room, "from nothing")
        came = second.so_far(statuses=True)
        assert "hello" not in names(came)
        assert [event["seq"] for event in came] == list(range(len(came)))
        assert "from nothing" in str(came)


def test_presence_is_forgotten_by_a_resume(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, NewWebConn: UnsetPresenceIndicator."""
    first = connect(user)
    elsewhere = "e" * 26
    first.ask("presence", {"channel_id": elsewhere})
    first.ask("presence", {"thread_channel_id": elsewhere})
    first.ask("presence", {"thread_channel_id": elsewhere, "is_thread_view": True})
    typist = connect(other)
    assert typist.ask("user_typing", {"channel_id": room["id"]})["status"] == "OK"
    assert "typing" not in names(first.so_far())
    expected = leave(first)
    second, _ = come_back(target, user, first.connection_id, expected)
    with second:
        assert typist.ask("user_typing", {"channel_id": room["id"]})["status"] == "OK"
        second.event("typing")


def test_posted_ack_is_to_be_asked_for_again(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """api4/websocket.go: it is a parameter of each upgrade request."""
    first = connect(user, "?posted_ack=true")
    post(other, room, f"@{user.user['username']} one")
    while "one" not in (event := first.event("posted"))["data"]["post"]:
        pass
    assert event["data"]["should_ack"] is True
    expected = leave(first)
    second, _ = come_back(target, user, first.connection_id, expected)
    with second:
        post(other, room, f"@{user.user['username']} two")
        while "two" not in (event := second.event("posted"))["data"]["post"]:
            pass
        assert "should_ack" not in event["data"]


def test_a_session_that_ended_while_away_loses_events_without_a_gap(
    target: Target, connect: Open, user: Http, other: Http, room: Any
) -> None:
    """web_conn.go, ShouldSendEvent: nothing is queued for a dead session, and nothing is numbered."""
    first = connect(user)
    expected = leave(first)
    fresh = Http.login(target, user.user["username"], "a-Password-1")
    assert user.post("/users/logout").status == 200
    post(other, room, "lost for good")
    second, came = come_back(target, fresh, first.connection_id, expected)
    with second:
        post(other, room, "seen again")
        came += second.so_far(statuses=True)
        assert "lost for good" not in str(came)
        assert "seen again" in str(came)
        assert [event["seq"] for event in came] == list(range(expected, expected + len(came)))


def test_replies_of_the_last_socket_are_never_sent_again(target: Target, connect: Open, user: Http) -> None:
    """web_conn.go, writePump: addToDeadQueue is for events."""
    first = connect(user)
    assert first.ask("ping")["status"] == "OK"
    leave(first)
    second, came = come_back(target, user, first.connection_id, 1)
    with second:
        second.send({"seq": 5, "action": "ping"})
        assert second.reply()["seq_reply"] == 5
        assert all("event" in one for one in came)
