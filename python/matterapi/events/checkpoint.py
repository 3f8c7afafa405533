"""Where a stream goes on after the program was ended."""

from __future__ import annotations

import sqlite3
from os import PathLike, fspath
from typing import Protocol


class Checkpoint(Protocol):
    """Keeps the position of a stream: an integer, which is the server's time in milliseconds.

    Of a stream that goes on from a position everything comes that was committed after it, and some seconds of
    what was handed out before come again: write what you make of events so that doing it twice does no harm,
    such as by the post's id.
    """

    def load(self) -> int | None:
        """The position saved last, or `None` if there is none."""

    def save(self, position: int) -> None:
        """Keep a position.

        It is called about once a second at most, never twice at a time, on the thread that takes events or
        acknowledges one.
        """


class SQLiteCheckpoint:
    """A checkpoint in an SQLite database.

    Args:
        database: The path of a file, which is made if there is none; or a connection of yours, whose
            transaction the position then is part of: commit both together.
        name: Which position, where a database holds several: one for each account.

    Raises:
        sqlite3.Error: The database cannot be used.
    """

    def __init__(self, database: str | PathLike[str] | sqlite3.Connection, *, name: str = "events") -> None:
        self._owns = not isinstance(database, sqlite3.Connection)
        self._connection = (
            database
            if isinstance(database, sqlite3.Connection)
            else sqlite3.connect(fspath(database), check_same_thread=False)
        )
        self._name = name
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS matterapi_checkpoint "
            "(name TEXT PRIMARY KEY, position INTEGER NOT NULL)"
        )
        self._done()

    def load(self) -> int | None:
        """The position saved last under this name, or `None`."""
        query = "SELECT position FROM matterapi_checkpoint WHERE name = ?"
        row = self._connection.execute(query, (self._name,)).fetchone()
        return None if row is None else int(row[0])

    def save(self, position: int) -> None:
        """Keep a position. In a connection of yours it is committed with your next commit."""
        self._connection.execute(
            "INSERT INTO matterapi_checkpoint VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET position = excluded.position",
            (self._name, position),
        )
        self._done()

    def close(self) -> None:
        """Close the database, unless it is a connection of yours."""
        if self._owns:
            self._connection.close()

    def _done(self) -> None:
        if self._owns:
            self._connection.commit()
