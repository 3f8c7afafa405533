"""The library's loggers: whatever a record is made of, it is one line without credentials."""

from __future__ import annotations

import logging
import traceback

from matterapi.redaction.patterns import redact_beginning
from matterapi.redaction.printable import lines, one_line

MAX_LOGGED = 64 * 1024
"""Characters of a message or of a traceback; the rest is left out."""


class Redaction(logging.Filter):
    """Masks what `redact` knows, in the finished message and in the traceback, before any handler sees them.

    What does not print, such as the control characters that a server can put into its texts, is escaped: it
    cannot begin a line that looks like another record, nor steer a terminal.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; it is always kept."""
        # The whole message, not its arguments: what looks like a credential may be put together from both.
        record.msg = one_line(redact_beginning(record.getMessage(), MAX_LOGGED))
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
            record.exc_text = lines(redact_beginning(text, MAX_LOGGED))
        return True


def library_logger(name: str) -> logging.Logger:
    """The logger of that name, with `Redaction`. Its level is left to the application.

    Args:
        name: Such as `matterapi.client`.
    """
    logger = logging.getLogger(name)
    if not any(isinstance(known, Redaction) for known in logger.filters):
        logger.addFilter(Redaction())
    return logger
