"""Positions in SQLite: in a file of their own, or in a transaction of the user's."""

import sqlite3
from pathlib import Path

import pytest

from matterapi.events.checkpoint import SQLiteCheckpoint


def test_a_position_outlives_its_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "position.sqlite"
    first = SQLiteCheckpoint(path)
    assert first.load() is None
    first.save(10)
    first.save(20)
    assert first.load() == 20
    first.close()
    later = SQLiteCheckpoint(str(path))
    assert later.load() == 20
    later.close()


def test_every_save_in_a_file_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "position.sqlite"
    checkpoint, other = SQLiteCheckpoint(path), SQLiteCheckpoint(path)
    checkpoint.save(10)
    assert other.load() == 10
    checkpoint.close()
    other.close()


def test_names_keep_positions_apart(tmp_path: Path) -> None:
    path = tmp_path / "position.sqlite"
    ann, bob = SQLiteCheckpoint(path, name="ann"), SQLiteCheckpoint(path, name="bob")
    ann.save(10)
    bob.save(20)
    assert (ann.load(), bob.load()) == (10, 20)
    ann.close()
    bob.close()


def test_in_a_connection_of_the_users_the_position_is_part_of_the_transaction(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    checkpoint = SQLiteCheckpoint(connection)
    connection.execute("CREATE TABLE post (id TEXT)")
    connection.execute("INSERT INTO post VALUES ('a')")
    checkpoint.save(10)
    connection.commit()
    connection.execute("INSERT INTO post VALUES ('b')")
    checkpoint.save(20)
    connection.rollback()
    assert checkpoint.load() == 10
    assert connection.execute("SELECT id FROM post").fetchall() == [("a",)]
    checkpoint.close()
    assert connection.execute("SELECT 1").fetchone() == (1,), "it is the user's to close"
    connection.close()


def test_making_one_commits_nothing_of_the_users(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "archive.sqlite")
    connection.execute("CREATE TABLE post (id TEXT)")
    connection.execute("INSERT INTO post VALUES ('a')")
    SQLiteCheckpoint(connection)
    connection.rollback()
    assert connection.execute("SELECT id FROM post").fetchall() == []
    connection.close()


def test_a_database_that_cannot_be_used_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"no database, but long enough to be looked at" * 100)
    for path in (tmp_path / "other", tmp_path / "not" / "there"):
        with pytest.raises(sqlite3.Error):
            SQLiteCheckpoint(path)
