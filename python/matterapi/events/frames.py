"""From what the core's event stream hands over to events."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import orjson

from matterapi._core import JsonTooLargeError
from matterapi.decoding.plain_json import check_size, parse_json
from matterapi.logs import library_logger

logger: logging.Logger = library_logger("matterapi.client")

Event = dict[str, Any]

MAX_EVENT_SIZE = 64 * 1024 * 1024
"""Bytes of memory that the values of one frame may take: eight times those of the largest frame."""


class Reader:
    """Makes events of the batches of one stream.

    Every JSON object is an event, whatever it holds: handlers get what the server says, as in 0.5.0.
    """

    def __init__(self) -> None:
        self._left_out = 0
        self._told_at = 1
        self._connected = False

    def events(self, batch: list[Any]) -> Iterator[Event]:
        """The events of a batch. Notices are logged; what is no JSON object, or too large, is left out."""
        for item in batch:
            if isinstance(item, tuple):
                self._log(*item)
                continue
            try:
                value = _json(item)
            except JsonTooLargeError as error:
                self._leave_out(item, f"is too large ({error})")
                continue
            if isinstance(value, dict):
                yield value
            else:
                self._leave_out(item, "is no JSON object")

    def _leave_out(self, frame: bytes, why: str) -> None:
        # Said the first, the tenth, the hundredth time: a flood of frames is no flood of lines.
        self._left_out += 1
        if self._left_out == self._told_at:
            self._told_at *= 10
            logger.warning(
                "A websocket frame of %d bytes %s and was left out (%d so far)",
                len(frame),
                why,
                self._left_out,
            )

    def _log(self, name: str, *details: Any) -> None:
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


_CAUGHT_UP = "Fetched what the websocket missed: %d posts, %d edits, %d deletions"
_GAPS = {
    "changes": "More changed in channel %s between %d and %d than the server lists: edits may be missing",
    "posts": "Not all posts of channel %s between %d and %d could be listed: some may be missing",
    "left": "Channel %s cannot be read any more: what happened in it between %d and %d is missing",
    "unreadable": "Some posts of channel %s between %d and %d could not be read: they are missing",
}


def _json(frame: bytes) -> Any:
    """The value of a frame, `None` for what is no JSON.

    Raises:
        JsonTooLargeError: Its values would take more than `MAX_EVENT_SIZE`.
    """
    check_size(frame, MAX_EVENT_SIZE)
    try:
        return orjson.loads(frame)
    except orjson.JSONDecodeError:
        # orjson refuses lone surrogates, which the server passes on.
        try:
            return parse_json(frame, MAX_EVENT_SIZE)
        except JsonTooLargeError:
            raise
        except ValueError:
            return None
