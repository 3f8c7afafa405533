"""From what the core's event stream hands over to the dicts that handlers get."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from orjson import JSONDecodeError, loads

from matterapi._core import JsonTooLargeError
from matterapi.logs import library_logger

from .frame_value import NEVER_TOO_LARGE, frame_value
from .notices import NoticeLog

logger: logging.Logger = library_logger("matterapi.client")

Event = dict[str, Any]


class Reader:
    """Makes events of the batches of one stream.

    Every JSON object is an event, whatever it holds: handlers get what the server says, as in 0.5.0.
    """

    def __init__(self) -> None:
        self._left_out = 0
        self._told_at = 1
        self._log = NoticeLog()

    def events(self, batch: list[Any]) -> Iterator[Event]:
        """The events of a batch. Notices are logged; what is no JSON object, or too large, is left out."""
        for item in batch:
            if isinstance(item, tuple):
                self._log.tell(*item)
                continue
            try:
                # Nearly all frames are read like this: a function less for each.
                value = loads(item) if len(item) <= NEVER_TOO_LARGE else frame_value(item)
            except JsonTooLargeError as error:
                self._leave_out(item, f"is too large ({error})")
                continue
            except JSONDecodeError:
                value = frame_value(item)
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
