"""The JSON of a websocket frame."""

from __future__ import annotations

from typing import Any

import orjson

from matterapi._core import JsonTooLargeError
from matterapi.decoding.plain_json import MOST_OF_A_BYTE, check_size, parse_json

MAX_EVENT_SIZE = 64 * 1024 * 1024
"""Bytes of memory that the values of one frame may take: eight times those of the largest frame."""

NEVER_TOO_LARGE = MAX_EVENT_SIZE // MOST_OF_A_BYTE
"""Bytes of a frame whose values cannot take more than that."""


def frame_value(frame: bytes) -> Any:
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
