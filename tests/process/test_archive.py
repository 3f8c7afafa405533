"""The archiver of the examples is killed again and again while posts are written, edited and deleted."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Queue

import pytest

from matterapi.models import Post
from matterapi.testing import MattermostServer
from tests.support.chat import Chat

PROGRAM = Path(__file__).parents[2] / "examples" / "archive.py"
KILLS = 6


class Writer:
    """Writes, edits and deletes posts on a thread of its own, as many as it is asked to.

    Args:
        chat: Where.
        seed: Of what it does.
    """

    def __init__(self, chat: Chat, seed: int) -> None:
        self._chat, self._random = chat, random.Random(seed)  # noqa: S311
        self._posts: list[Post] = []
        self.state: dict[str, tuple[str | None, int]] = {}
        self._asked, self._done, self._is_over, self._news = 0, 0, False, threading.Condition()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def change(self, count: int, wait_for: int) -> None:
        """Make `count` changes, and return after the first ones of them."""
        with self._news:
            until = self._asked + wait_for
            self._asked += count
            self._news.notify_all()
            assert self._news.wait_for(lambda: self._done >= until, 60)

    def finish(self) -> None:
        """Make what was asked for, and end."""
        with self._news:
            self._is_over = True
            self._news.notify_all()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._done < self._asked or self._is_over)
                if self._done == self._asked:
                    return
            self._change()
            with self._news:
                self._done += 1
                self._news.notify_all()

    def _change(self) -> None:
        chat, choice = self._chat, self._random.randrange(10)
        if choice < 6 or not self._posts:
            channel_id = self._random.choice([chat.channel_id, chat.other_channel_id])
            post = chat.write(f"post {len(self.state)}", channel_id)
            self._posts.append(post)
            self.state[str(post.id)] = (post.message, 0)
        elif choice < 9:
            post = self._random.choice(self._posts)
            message = f"{post.message}, edit {self._done}"
            chat.edit(post, message)
            self.state[str(post.id)] = (message, 0)
        else:
            post = self._posts.pop(self._random.randrange(len(self._posts)))
            chat.delete(post)
            self.state[str(post.id)] = ("", 1)


class Archiver:
    """The program, and the lines that it prints."""

    def __init__(self, chat: Chat, database: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(PROGRAM), chat.server.url, str(database)],
            env={**os.environ, "TOKEN": chat.auth["token"]},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self.lines.get(timeout=60) == "archiving\n"

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self.lines.put(line)

    def end(self, number: signal.Signals) -> int:
        self._process.send_signal(number)
        status = self._process.wait(60)
        self._reader.join(60)
        return status


def archived(database: Path) -> dict[str, tuple[str | None, int]]:
    """The posts in the archive; what a deleted one said does not matter."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT id, message, deleted FROM post").fetchall()
    state = {post_id: ("" if deleted else message, deleted) for post_id, message, deleted in rows}
    assert len(state) == len(rows)
    return state


@pytest.fixture
def chat(server: MattermostServer) -> Chat:
    return Chat(server, "sync")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite"


@pytest.fixture
def start(chat: Chat, database: Path) -> Iterator[Callable[[], Archiver]]:
    """Starts the program; what still runs after the test is ended."""
    started: list[Archiver] = []

    def start() -> Archiver:
        started.append(Archiver(chat, database))
        return started[-1]

    yield start
    for each in started:
        each.end(signal.SIGKILL)


def test_no_kill_costs_the_archive_a_post(chat: Chat, database: Path, start: Callable[[], Archiver]) -> None:
    pause = random.Random(7)  # noqa: S311
    archiver = start()
    writer = Writer(chat, seed=7)
    try:
        for _ in range(KILLS):
            # Before the program is killed, afterwards, and while it starts again: fewer in all than the
            # server lists at once, so that nothing remains to be told by a notice.
            writer.change(60, wait_for=pause.randrange(40))
            assert archiver.end(signal.SIGKILL) == -signal.SIGKILL
            archiver = start()
    finally:
        writer.finish()
    while archived(database) != writer.state:
        assert archiver.lines.get(timeout=30)
    assert archiver.end(signal.SIGTERM) == 0
    assert archived(database) == writer.state
    assert any(deleted for _, deleted in writer.state.values())
    assert any(", edit" in str(message) for message, _ in writer.state.values())


def test_what_happened_before_the_first_event_of_a_killed_archiver_is_archived(
    chat: Chat, database: Path, start: Callable[[], Archiver]
) -> None:
    start().end(signal.SIGKILL)
    post = chat.write("nobody listens")
    archiver = start()
    while not archived(database):
        assert archiver.lines.get(timeout=30)
    assert archiver.end(signal.SIGTERM) == 0
    assert archived(database) == {str(post.id): ("nobody listens", 0)}
