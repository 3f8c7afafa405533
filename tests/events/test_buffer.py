"""What the core hands over becomes events, kept in order until they are taken."""

import gc
from typing import Any

import pytest

from matterapi._core import Frames
from matterapi.events import (
    CaughtUp,
    Connected,
    Disconnected,
    Event,
    GapNotice,
    PluginEvent,
    Posted,
    SlowConsumer,
    Typing,
)
from matterapi.events.buffer import EventBuffer
from matterapi.events.typed import judge_event
from tests.events.test_progress import Positions
from tests.support.event_frames import spaced

TYPING = (spaced("typing", {"user_id": "u", "parent_id": ""}, seq=1), 1_700_000_000.5)
PLUGIN = (spaced("custom_a_b", {"x": 1}, seq=2), 1_700_000_001.5)

NOTICES: list[tuple[tuple[Any, ...], Event]] = [
    (("connected", "11.2.0", False), Connected(resumed=False, server_version="11.2.0")),
    (("connected", "", True), Connected(resumed=True, server_version="")),
    (("reconnecting", "cut", 1.5), Disconnected(reason="cut", retry_in=1.5)),
    (("caught_up", 1, 2, 3, 4, 5, 6), CaughtUp(posted=1, edited=2, deleted=3, channels=5)),
    (("gap", "c1", 10, 20, "changes"), GapNotice(channel_id="c1", since=10, until=20, kind="changes")),
    (("full", 1024, 99), SlowConsumer(depth=1024, size=99, paused=True)),
]


def frames(*received: tuple[bytes, float]) -> Frames:
    return Frames(list(received))


def taken(buffer: EventBuffer[Any]) -> list[Any]:
    found = []
    while (event := buffer.take()) is not None:
        found.append(event)
    return found


def test_frames_become_events_with_their_time() -> None:
    buffer = EventBuffer[Any](())
    buffer.add([frames(TYPING, PLUGIN)])
    typing, plugin = taken(buffer)
    assert (type(typing), typing.received_at.timestamp()) == (Typing, 1_700_000_000.5)
    assert (type(plugin), plugin.seq, plugin.data) == (PluginEvent, 2, {"x": 1})


def test_a_signal_while_an_event_is_made_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    signals = [KeyboardInterrupt]

    def interrupted(*frame: Any) -> Event | None:
        if signals:
            raise signals.pop()
        return judge_event(*frame)

    monkeypatch.setattr("matterapi.events.buffer.judge_event", interrupted)
    buffer = EventBuffer[Any](())
    buffer.add([frames(PLUGIN, TYPING)])
    with pytest.raises(KeyboardInterrupt):
        buffer.take()
    assert (buffer.waiting, buffer.delivered) == (2, 0)
    assert [type(event) for event in taken(buffer)] == [PluginEvent, Typing]


def test_frames_that_wait_are_nothing_that_the_garbage_collector_looks_through() -> None:
    def events() -> int:
        gc.collect()
        return sum(isinstance(each, Event) for each in gc.get_objects())

    buffer, before = EventBuffer[Any](()), events()
    buffer.add([frames(*[TYPING] * 100)])
    assert events() == before
    kept = taken(buffer)
    assert events() == before + len(kept) == before + 100


def test_what_is_no_event_or_not_wanted_is_left_out() -> None:
    buffer = EventBuffer[Any]((Posted, PluginEvent))
    buffer.add([frames(TYPING, (b'{"status":"OK","seq_reply":3}', 1.0), (b"no json", 1.0), PLUGIN)])
    assert [type(event) for event in taken(buffer)] == [PluginEvent]


@pytest.mark.parametrize(("notice", "event"), NOTICES, ids=[str(notice[:1]) for notice, _ in NOTICES])
def test_a_notice_becomes_an_event_for_whoever_asks(notice: tuple[Any, ...], event: Event) -> None:
    asked, all_, others = EventBuffer[Any]((type(event),)), EventBuffer[Any](()), EventBuffer[Any]((Posted,))
    for buffer in (asked, all_, others):
        buffer.add([notice])
    assert taken(asked) == [event]
    assert taken(all_) == taken(others) == []


def test_a_stream_is_ready_with_its_connection_or_if_it_begins_anew_with_the_servers_time() -> None:
    known, anew = EventBuffer[Any](()), EventBuffer[Any]((), anew=True)
    for buffer in (known, anew):
        buffer.add([("reconnecting", "refused", 1.0)])
        assert not buffer.is_ready
        buffer.add([("connected", "11.2.0", False)])
    assert (known.is_ready, anew.is_ready) == (True, False)
    anew.add([("position", 10)])
    assert anew.is_ready


def test_a_position_is_saved_when_the_events_before_it_are_done_with() -> None:
    positions = Positions()
    buffer = EventBuffer[Any]((Typing,), positions)
    buffer.add([frames(TYPING), ("position", 10), frames(TYPING), ("position", 20)])
    buffer.begin()
    assert buffer.take() is not None
    assert positions.saved == []
    buffer.begin()
    assert buffer.take() is not None
    assert positions.saved == [10]
    buffer.begin()
    assert buffer.take() is None
    assert positions.saved == [10, 20]


def test_a_position_with_nothing_before_it_is_saved_although_nobody_asks_for_events() -> None:
    """So that a program that ends before its first event goes on from there, and not from its next start."""
    positions = Positions()
    buffer = EventBuffer[Any]((Typing,), positions)
    buffer.add([("connected", "11.2.0", False), ("position", 10), frames(TYPING), ("position", 20)])
    assert positions.saved == [10]


def test_with_manual_ack_asking_for_more_says_nothing() -> None:
    positions = Positions()
    buffer = EventBuffer[Any]((Typing,), positions, manual=True)
    buffer.add([frames(TYPING), ("position", 10), frames(TYPING), ("position", 20)])
    events: list[Any] = []
    for _ in range(2):
        buffer.begin()
        events.append(buffer.take())
    buffer.begin()
    assert buffer.take() is None
    assert positions.saved == []
    buffer.progress.done(events[0])
    assert positions.saved == [10]


def test_what_is_dropped_moves_no_position() -> None:
    positions = Positions()
    buffer = EventBuffer[Any]((Typing,), positions)
    buffer.add([frames(TYPING), ("position", 10)])
    buffer.clear()
    buffer.begin()
    assert buffer.take() is None
    assert positions.saved == []
