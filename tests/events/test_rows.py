"""What breaks a websocket, row by row: no post is lost and none comes twice, on real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from matterapi.events import (
    Connected,
    Disconnected,
    GapNotice,
    Posted,
    UnknownEvent,
)
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
    Redirect,
    RefusedResume,
    Renumbered,
    Reordered,
    Status,
    Text,
)
from tests.support.effort import EXHAUSTIVE, usually
from tests.support.heard import POSTS_AND_LIFE, hearing
from tests.support.room import UPGRADE, Room, cut

CLOSED = [None, *range(1000, 1004), *range(1005, 1015), 3000, 4999]
"""Codes that a server or a proxy may send, or that a client makes of their absence."""
ILLEGAL = [0, 999, 1004, 1015, 1016, 1100]


@pytest.fixture
def room(kind: str, server: MattermostServer) -> Iterator[Room]:
    made = Room(kind, server)
    yield made
    made.rest.close()


@pytest.mark.parametrize(
    "fault",
    [
        *map(Status, (200, 400, 401, 403, 404, 429, 500, 502, 503)),
        Redirect("/elsewhere"),
        *map(BadUpgrade, ("accept", "no-accept", "no-upgrade", "subprotocol")),
        OddHead("huge-header", size=70 * 1024),
        Bandwidth(2_000),
    ],
    ids=repr,
)
def test_w2_an_upgrade_that_fails_is_tried_again_by_a_stream_that_was_connected(
    room: Room, fault: Fault
) -> None:
    with room.heard() as heard:
        with room.server.faults.add(fault, route=UPGRADE, times=2) as rule:
            cut(room)
            room.post(3)
            rule.wait_fired(1, timeout=30)
            room.all_come(heard, 2)
        room.post()
        room.all_come(heard)


@pytest.mark.parametrize("code", [*CLOSED, *ILLEGAL])
def test_w3_w4_after_a_close_frame_of_any_code_all_goes_on(room: Room, code: int | None) -> None:
    with room.heard() as heard:
        with room.server.faults.add(CloseFrame(code), times=1):
            room.post(3)
            room.connected(heard, 2)
        room.post()
        room.all_come(heard, 2)
        (ended,) = heard.of(Disconnected)
        assert ended.reason


@pytest.mark.parametrize("resets", [True, False], ids=["rst", "fin"])
def test_w5_a_cut_at_any_byte_of_the_first_frames_loses_none_of_them(room: Room, resets: bool) -> None:
    at, is_cut = 0, True
    while is_cut:
        at += usually(101, 7)
        fault = CutSocket(after_bytes=at, resets=resets)
        with (
            room.server.faults.add(fault, times=1) as rule,
            hearing(room.kind, room.options()) as (heard, _),
        ):
            room.connected(heard)
            room.post(3)
            room.all_come(heard)
            is_cut = bool(rule.fired)
        room.posted.clear()


def test_w5_a_cut_right_after_the_first_hello_loses_nothing(room: Room) -> None:
    faults = room.server.faults
    with (
        faults.add(CutSocket(after_frames=1, resets=False), times=1),
        faults.add(RefusedResume()),
        faults.add(Status(503), route=UPGRADE, skip=1) as no,
        hearing(room.kind, room.options()) as (heard, _),
    ):
        room.connected(heard)
        room.post(3)
        no.remove()
        room.connected(heard, 2)
        room.post()
        room.all_come(heard, 2)


@pytest.mark.skipif(not EXHAUSTIVE, reason="takes the 40 s after which a socket is dead")
@pytest.mark.parametrize("fault", [Deaf(), MissingPong(of_requests=True)], ids=repr)
def test_w6_a_socket_that_says_nothing_is_replaced(room: Room, fault: Fault) -> None:
    with room.heard() as heard:
        with room.server.faults.add(fault, times=1) as rule:
            rule.wait_fired(0)
            room.post(3)
            room.all_come(heard, 2)
        (ended,) = heard.of(Disconnected)
        assert "did not answer a ping" in ended.reason


def test_w7_all_posts_of_a_long_absence_come_and_edits_that_may_be_missing_are_told_of(room: Room) -> None:
    """More posts come than a list of changes holds while a listener is away."""
    with room.heard(*POSTS_AND_LIFE, GapNotice) as heard:
        room.post(100)
        with room.server.faults.add(Status(503), route=UPGRADE):
            room.server.restart_sockets()
            room.post(1100)
        room.post(100)
        room.all_come(heard, 2)
        assert not heard.of(Connected)[-1].resumed
        notices = heard.of(GapNotice)
        assert room.channel_id in {notice.channel_id for notice in notices}
        # None says that posts may be missing: they came.
        assert {notice.kind for notice in notices} == {"changes"}


def test_w8_a_stream_that_goes_on_brings_what_waited_and_nothing_else_is_fetched(room: Room) -> None:
    with room.heard() as heard:
        with room.server.faults.add(Status(503), route=UPGRADE):
            cut(room)
            room.post(100)
        room.all_come(heard, 2)
        assert heard.of(Connected)[-1].resumed
        assert not any(event.recovered for event in heard.events)
        seqs = [event.seq or 0 for event in heard.of(Posted)]
        assert seqs == sorted(seqs)


def test_w9_what_a_stream_that_does_not_go_on_has_lost_is_fetched(room: Room) -> None:
    with room.heard() as heard:
        with (
            room.server.faults.add(RefusedResume()),
            room.server.faults.add(Status(503), route=UPGRADE) as no,
        ):
            cut(room)
            room.post(3)
            no.remove()
            room.all_come(heard, 2)
        assert not heard.of(Connected)[-1].resumed
        assert [event.recovered for event in heard.of(Posted)] == [False, True, True, True]


def test_w9_more_than_the_server_keeps_for_a_stream_is_fetched(room: Room) -> None:
    with room.heard() as heard:
        with room.server.faults.add(Status(503), route=UPGRADE):
            cut(room)
            room.post(300)
        room.all_come(heard, 2)
        assert not heard.of(Connected)[-1].resumed


def test_w10_what_a_stream_that_goes_on_leaves_out_is_fetched(room: Room) -> None:
    with room.heard() as heard:
        with room.server.faults.add(LostEvents(3), times=1) as rule:
            cut(room)
            rule.wait_fired(timeout=30)
            room.post(4)
            room.all_come(heard, 2)
        assert heard.of(Connected)[-1].resumed
        assert any(event.recovered for event in heard.of(Posted))


@pytest.mark.parametrize(
    "fault",
    [
        Gap(event="posted"),
        Gap(event="posted", count=50),
        Duplicate(event="posted", count=3),
        Reordered(event="posted", count=3),
        *(Renumbered(to=to, event="posted") for to in (0, -1, 2**53 + 1, None)),
        Renumbered(to=0, event="posted", count=None),
    ],
    ids=repr,
)
def test_w11_numbers_that_miss_repeat_or_jump_lose_nothing(room: Room, fault: Fault) -> None:
    with room.heard() as heard:
        with room.server.faults.add(fault, times=3):
            room.post(60)
            room.all_come(heard)
        room.post(3)
        room.all_come(heard)
        assert len(heard.of(Connected)) <= 6


def test_w12_strange_messages_pass_or_do_no_harm(room: Room) -> None:
    odd: list[dict[str, Any]] = [
        {"event": "of_tomorrow", "data": {"a": 1}, "broadcast": {}},
        {"event": "typing"},
        {"status": "OK"},
        {"status": "OK", "seq_reply": 99, "data": {"text": "pong"}},
    ]
    with room.heard(Posted, Connected, UnknownEvent) as heard:
        for text in odd:
            with room.server.faults.add(Text(text), times=1) as rule:
                room.post(2)
                rule.wait_fired()
        room.all_come(heard)
        assert [event.data for event in heard.of(UnknownEvent)] == [{"a": 1}]


def test_w12_a_late_hello_is_waited_for(room: Room) -> None:
    late = Late(kind="hello", seconds=2)
    with room.server.faults.add(late, times=1), hearing(room.kind, room.options()) as (heard, _):
        room.connected(heard)
        room.post(3)
        room.all_come(heard)


@pytest.mark.skipif(not EXHAUSTIVE, reason="takes the 10 s that hello is waited for")
def test_w12_a_socket_without_hello_and_reply_is_replaced(room: Room) -> None:
    with room.server.faults.add(Deaf(), times=1), hearing(room.kind, room.options()) as (heard, _):
        room.connected(heard)
        room.post(3)
        room.all_come(heard)


@pytest.mark.parametrize(
    "fault",
    [
        Oversized(8 * 1024 * 1024 + 1, after_frames=1),
        Oversized(2**63, sent=1000, after_frames=1),
        Fragmented(size=1, event="posted", count=3),
        Fragmented(size=1, event="posted", count=3, with_pings=True),
        Fragmented(size=100, event="posted", finished=False),
        *map(
            InvalidFrame,
            (
                "utf8",
                "masked",
                "rsv1",
                "rsv2",
                "rsv3",
                "opcode",
                "control-opcode",
                "long-control",
                "fragmented-control",
                "continuation",
                "interrupted",
                "long-length",
                "binary",
            ),
        ),
    ],
    ids=repr,
)
def test_w13_w14_frames_that_are_too_large_in_pieces_or_none_lose_nothing(room: Room, fault: Fault) -> None:
    with room.heard() as heard:
        with room.server.faults.add(fault, times=1) as rule:
            room.post(3)
            rule.wait_fired()
            # What ends a message that was not ended is the next one, of which the client says so and goes.
            room.all_come(heard)
        room.post(3)
        room.all_come(heard)
