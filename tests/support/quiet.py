"""A check over all suites: the embedded server has nothing to say on stderr that nobody asked for.

What its thread logs from WARNING on would be printed in a program that has set up no logging: tracebacks of
asyncio and of aiohttp, when a client or the server cuts, above all.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SERVER_THREAD = "matterapi-testing"


class ServerLog(logging.Handler):
    """Keeps what server threads log and how they die.

    Attributes:
        said: What was logged since it was last asked, one text for each record.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._formatter = logging.Formatter("%(name)s %(levelname)s: %(message)s")

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record of a server's thread."""
        if record.threadName == SERVER_THREAD:
            self.said.append(self._formatter.format(record))

    def take(self) -> list[str]:
        """Return what was kept, and forget it."""
        said, self.said = self.said, []
        return said

    @contextmanager
    def listening(self) -> Iterator[ServerLog]:
        """Listen to all loggers, and to threads that die of an exception."""
        hook = threading.excepthook

        def died(args: threading.ExceptHookArgs) -> None:
            if args.thread is not None and args.thread.name == SERVER_THREAD:
                self.said.append(f"thread died: {args.exc_value!r}")
            hook(args)

        threading.excepthook = died
        logging.getLogger().addHandler(self)
        try:
            yield self
        finally:
            logging.getLogger().removeHandler(self)
            threading.excepthook = hook
