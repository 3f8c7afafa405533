"""The position moves past events that the user is done with, and past no other."""

import sys
from concurrent.futures import ThreadPoolExecutor
from queue import Queue

import pytest

from matterapi.events import Typing
from matterapi.events.progress import Progress


class Positions:
    """A checkpoint that notes what is saved."""

    def __init__(self) -> None:
        self.saved: list[int] = []

    def load(self) -> int | None:
        return self.saved[-1] if self.saved else None

    def save(self, position: int) -> None:
        self.saved.append(position)


def event() -> Typing:
    return Typing(user_id="u", parent_id="")


def test_a_position_waits_for_the_events_before_it() -> None:
    positions = Positions()
    progress = Progress(positions)
    first, second = event(), event()
    progress.handed_out(first)
    progress.position(10)
    progress.handed_out(second)
    progress.position(20)
    assert positions.saved == []
    progress.done(first)
    assert positions.saved == [10]
    progress.done(second)
    assert positions.saved == [10, 20]


def test_events_may_be_done_with_in_any_order() -> None:
    positions = Positions()
    progress = Progress(positions)
    events = [event() for _ in range(3)]
    for number, each in enumerate(events):
        progress.handed_out(each)
        progress.position(number)
    progress.done(events[2])
    progress.done(events[1])
    assert positions.saved == []
    progress.done(events[0])
    assert positions.saved == [2]


def test_a_position_without_events_before_it_is_saved_at_once() -> None:
    positions = Positions()
    progress = Progress(positions)
    progress.position(10)
    progress.all_done()
    assert positions.saved == [10]


def test_asking_for_more_is_being_done_with_all() -> None:
    positions = Positions()
    progress = Progress(positions)
    for number in range(3):
        progress.handed_out(event())
        progress.position(number)
    progress.all_done()
    assert positions.saved == [2]


def test_equal_events_are_not_the_same() -> None:
    positions = Positions()
    progress = Progress(positions)
    first, second = event(), event()
    assert first == second
    progress.handed_out(first)
    progress.position(10)
    progress.handed_out(second)
    progress.done(second)
    assert positions.saved == []


def test_what_is_not_in_hand_cannot_be_done_with() -> None:
    progress = Progress(Positions())
    mine = event()
    progress.handed_out(mine)
    progress.done(mine)
    for other in (mine, event()):
        with pytest.raises(ValueError, match="not in hand"):
            progress.done(other)


def test_a_position_that_could_not_be_saved_is_followed_by_a_later_one() -> None:
    class Full(Positions):
        def save(self, position: int) -> None:
            if not self.saved:
                self.saved.append(0)
                raise OSError("disk full")
            super().save(position)

    positions = Full()
    progress = Progress(positions)
    with pytest.raises(OSError, match="disk full"):
        progress.position(10)
    progress.position(20)
    assert positions.saved == [0, 20]


def test_threads_may_be_done_with_events_while_others_are_handed_out() -> None:
    class Workers(Positions):
        def __init__(self) -> None:
            super().__init__()
            self.busy = 0

        def save(self, position: int) -> None:
            self.busy += 1
            assert self.busy == 1, "two saves at a time"
            super().save(position)
            self.busy -= 1

    positions = Workers()
    progress = Progress(positions)
    events = [event() for _ in range(3000)]
    handed_out: Queue[Typing | None] = Queue()

    def work() -> None:
        while (mine := handed_out.get()) is not None:
            progress.done(mine)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(work) for _ in range(4)]
            try:
                for number, each in enumerate(events):
                    progress.handed_out(each)
                    progress.position(number)
                    handed_out.put(each)
            finally:
                for _ in workers:
                    handed_out.put(None)
            for worker in workers:
                worker.result()
    finally:
        sys.setswitchinterval(interval)
    assert positions.saved == sorted(positions.saved)
    assert positions.saved[-1] == len(events) - 1


def test_without_a_checkpoint_nothing_is_remembered() -> None:
    progress = Progress(None)
    progress.handed_out(event())
    progress.position(10)
    progress.all_done()
    assert vars(progress)["_in_hand"] == {}
    assert not vars(progress)["_positions"]
