"""The library's loggers: whatever a record is made of, it is one line without credentials."""

from __future__ import annotations

import logging
import re
import traceback

from .redaction import redact

_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Redaction(logging.Filter):
    """Masks what `redact` knows, in the finished message and in the traceback, before any handler sees them.

    Control characters, which a server can put into its texts, are escaped in the message: they cannot
    begin a line that looks like another record.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record in place; it is always kept."""
        # The whole message, not its arguments: what looks like a credential may be put together from both.
        record.msg = _BREAKS.sub(lambda found: ascii(found[0])[1:-1], redact(record.getMessage()))
        record.args = None
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = redact("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
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
