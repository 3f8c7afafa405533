"""What happens to a stream's user, its session and its server: no post is lost and none comes twice."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from matterapi.errors.exceptions import NoAccessTokenProvided
from matterapi.events import (
    Connected,
    Disconnected,
    Posted,
)
from matterapi.events.checkpoint import SQLiteCheckpoint
from matterapi.testing import MattermostServer
from matterapi.testing.faults import (
    RefusedResume,
    Status,
)
from tests.support.effort import EXHAUSTIVE
from tests.support.heard import hearing
from tests.support.room import UPGRADE, Room, cut, until
from tests.survival.records import read
from tests.survival.run import Listener, Plan
from tests.survival.server import Embedded

FILLER = "\U0001f600" * 16_000
"""Nearly as much as a post may hold, in 64,000 bytes."""


@pytest.fixture
def room(kind: str, server: MattermostServer) -> Iterator[Room]:
    made = Room(kind, server)
    yield made
    made.rest.close()


def test_w16_a_listener_that_takes_nothing_for_a_while_loses_nothing(room: Room) -> None:
    with room.heard() as heard:
        heard.may_take.clear()
        # More than all buffers in between hold, and the 256 events after which a server hangs up.
        while room.server.connections:
            room.post(50, filler=FILLER)
        heard.may_take.set()
        room.all_come(heard)
        assert heard.of(Disconnected)


@pytest.mark.skipif(not EXHAUSTIVE, reason="takes longer than the 10 s by which a catch-up begins earlier")
def test_w16_a_listener_that_takes_nothing_for_longer_loses_nothing(room: Room) -> None:
    with room.heard() as heard:
        heard.may_take.clear()
        room.post(800, filler=FILLER)
        threading.Event().wait(12)
        heard.may_take.set()
        room.connected(heard, 2)
        room.post()
        room.all_come(heard, 2)


@pytest.mark.skipif(not EXHAUSTIVE, reason="takes longer than the 10 s by which a catch-up begins earlier")
def test_w19_a_process_that_was_suspended_loses_nothing(room: Room, tmp_path: Path) -> None:
    plan = Plan(room.server.url, "", "rst", Embedded(room.server), room.kind)
    listener = Listener(plan, room.server.url, room.server.admin.token, tmp_path)
    listener.start()
    try:
        until(listener.has_begun)
        room.post()
        until(lambda: bool(posts_in(listener)))
        listener.signal(signal.SIGSTOP)
        # These are in its buffers when it goes on, those after the cut are not.
        room.post(3)
        room.server.restart_sockets()
        room.post(3)
        threading.Event().wait(12)
        listener.signal(signal.SIGCONT)
        until(lambda: sum(record.kind == "Connected" for record in read(listener.log)) > 1)
        room.post()
        until(lambda: room.posted[-1] in posts_in(listener))
        assert sorted(posts_in(listener)) == sorted(room.posted)
    finally:
        listener.kill()


def posts_in(listener: Listener) -> list[str]:
    return [record.message for record in read(listener.log) if record.kind == "Posted"]


def test_w17_what_was_not_acknowledged_comes_again(room: Room, tmp_path: Path) -> None:
    path = tmp_path / "position"
    choice = {"checkpoint": SQLiteCheckpoint(path), "manual_ack": True}
    with hearing(room.kind, room.options(), Posted, Connected, **choice) as (heard, stream):
        room.connected(heard)
        stream.ack(heard.events[0])
        room.post(3)
        room.all_come(heard)
        stream.ack(heard.of(Posted)[0])
    choice["checkpoint"] = SQLiteCheckpoint(path)
    with hearing(room.kind, room.options(), Posted, Connected, **choice) as (again, _):
        again.until(lambda: set(room.posted[1:]) <= set(again.messages))


def test_w18_a_session_that_is_revoked_ends_a_stream(room: Room) -> None:
    user = room.server.create_user("listener")["id"]
    token = room.server.create_session(user)
    options = {**room.options(), "auth": {"token": token}}
    with hearing(room.kind, options) as (heard, _):
        room.connected(heard)
        room.server.revoke_session(token)
        cut(room)
        assert isinstance(heard.until_over(), NoAccessTokenProvided)


def test_w18_what_a_server_without_its_database_cannot_list_is_fetched_later(room: Room) -> None:
    with room.heard() as heard:
        faults = room.server.faults
        with faults.add(RefusedResume()), faults.add(Status(503), route=UPGRADE) as no:
            cut(room)
            room.post(3)
            with room.server.database_down():
                no.remove()
                room.connected(heard, 2)
                until(lambda: any(request.status == 500 for request in room.server.requests))
            room.all_come(heard)


def test_w20_the_waits_of_many_clients_are_spread(room: Room) -> None:
    count, waits = 100, list[float]()
    options = {"url": room.server.url, "auth": {"token": room.server.admin.token}}
    with ExitStack() as stack:
        listeners = [stack.enter_context(hearing(room.kind, options))[0] for _ in range(count)]
        for heard in listeners:
            room.connected(heard)
        room.server.restart()
        for heard in listeners:
            room.connected(heard, 2)
            waits += [heard.of(Disconnected)[0].retry_in]
        room.post(3)
        for heard in listeners:
            room.all_come(heard)
    tenths = Counter(int(10 * wait) for wait in waits)
    assert max(tenths.values()) < count / 3
    assert len(tenths) > 7
