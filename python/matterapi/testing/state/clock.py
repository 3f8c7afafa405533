"""Time and ids: the two sources of everything that differs from run to run."""

import random
import re
import time

_ID_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"
_ID = re.compile(r"[A-Za-z0-9]{26}")


class Clock:
    """The server's wall clock in milliseconds since the epoch; a test can stop and move it."""

    def __init__(self) -> None:
        self._fixed: int | None = None
        self._offset = 0

    def now(self) -> int:
        """Return the server's time in ms."""
        if self._fixed is not None:
            return self._fixed
        return time.time_ns() // 1_000_000 + self._offset

    def freeze(self, at: int | None = None) -> None:
        """Stop the clock at `at` (ms), by default at the present."""
        self._fixed = self.now() if at is None else at

    def advance(self, ms: int) -> None:
        """Move the clock by `ms`, stopped or running."""
        if self._fixed is None:
            self._offset += ms
        else:
            self._fixed += ms

    def resume(self) -> None:
        """Let a stopped clock run again, from the real time."""
        self._fixed = None
        self._offset = 0


class IdMaker:
    """Makes ids of the server's form: 26 characters of its base32 alphabet (model.NewId).

    Args:
        seed: Makes the series of ids repeatable; None for a random series.
    """

    def __init__(self, seed: int | None = None) -> None:
        # Ids and tokens of a test server guard nothing.
        self._random = random.Random(seed)  # noqa: S311

    @property
    def source(self) -> random.Random:
        """The source of randomness that `seed` makes repeatable."""
        return self._random

    def new(self) -> str:
        """Return a fresh id."""
        return "".join(self._random.choices(_ID_ALPHABET, k=26))


def is_id(value: object) -> bool:
    """Whether `value` has the form of an id (model.IsValidId)."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None
