"""A client's messages as the server decodes them: JSON in text frames, MessagePack in binary ones."""

from dataclasses import dataclass
from typing import Any

import msgpack

from matterapi.testing.http.encoding import JsonObject, loads
from matterapi.testing.http.numerals import INT64

from .frames import BINARY


class UndecodableError(Exception):
    """The request ends the socket without a Close frame."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks (model.WebSocketRequest).

    Attributes:
        seq: Its number, repeated in the reply.
        action: What it asks for.
        data: The arguments.
    """

    seq: int
    action: str
    data: JsonObject


def decode(opcode: int, payload: bytes) -> Request:
    """Read a client's message.

    Keys may come in any case, unknown ones are ignored, as is what follows the first value; null counts as
    absent.

    Raises:
        UndecodableError: The server cannot read it.
    """
    value = _unpacked(payload) if opcode == BINARY else _parsed(payload)
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise UndecodableError("not an object")
    if opcode != BINARY:
        value = {key.lower(): item for key, item in value.items()}
    seq, action, data = (value.get(name) for name in ("seq", "action", "data"))
    if seq is not None and (isinstance(seq, bool) or not isinstance(seq, int) or seq not in INT64):
        raise UndecodableError("seq is no 64-bit integer")
    if action is not None and not isinstance(action, str):
        raise UndecodableError("action is no string")
    if data is not None and not isinstance(data, dict):
        raise UndecodableError("data is no object")
    return Request(seq or 0, action or "", data or {})


def _parsed(payload: bytes) -> Any:
    try:
        return loads(payload)
    except ValueError as wrong:
        raise UndecodableError("no JSON") from wrong


def _unpacked(payload: bytes) -> Any:
    unpacker = msgpack.Unpacker(raw=False, strict_map_key=True)
    unpacker.feed(payload)
    try:
        return unpacker.unpack()
    except (msgpack.UnpackException, ValueError, TypeError) as wrong:
        raise UndecodableError("no MessagePack") from wrong
