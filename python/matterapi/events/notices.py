"""What a stream tells about its connection, in the log."""

from __future__ import annotations

import logging
from typing import Any

from matterapi.logs import library_logger

logger: logging.Logger = library_logger("matterapi.client")

_CAUGHT_UP = "Fetched what the websocket missed: %d posts, %d edits, %d deletions"
_GAPS = {
    "changes": "More changed in channel %s between %d and %d than the server lists: edits may be missing",
    "posts": "Not all posts of channel %s between %d and %d could be listed: some may be missing",
    "left": "Channel %s cannot be read any more: what happened in it between %d and %d is missing",
    "unreadable": "Some posts of channel %s between %d and %d could not be read: they are missing",
}


class NoticeLog:
    """Logs the notices of one stream."""

    def __init__(self) -> None:
        self._connected = False

    def tell(self, name: str, *details: Any) -> None:
        """Log a notice of the core's (see `_core.EventStream.next_batch`)."""
        if name == "connected":
            version, resumed = details
            if resumed:
                logger.info("Websocket connected again: the stream goes on where it was cut")
            else:
                logger.info("Websocket connected, server version %s", version)
            self._connected = True
        elif name == "reconnecting":
            what = "Websocket ended" if self._connected else "Websocket not connected"
            logger.warning("%s: %s; connecting again in %.1f s", what, *details)
            self._connected = False
        elif name == "full":
            logger.warning("Events come faster than they are handled: the websocket was not read for a while")
        elif name == "caught_up":
            logger.info(_CAUGHT_UP, *details[:3])
        elif name == "gap":
            channel, since, until, kind = details
            logger.warning(_GAPS[kind], channel or "any channel", since, until)
