"""Steps that the hand-written calls have in common."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from matterapi.calls.codec import decode, decode_exactly, encode
from matterapi.calls.operation import Operation
from matterapi.calls.script import Script, Send
from matterapi.errors.exceptions import InvalidRequest

T = TypeVar("T")

# Not from the table of its group, which would load the models of all settings.
_CLIENT_CONFIG = Operation("GET /api/v4/config/client{?format}", dict[str, str])
_ID = re.compile(r"[a-z0-9]{26}")


def call(op: Operation[T], json_body: Any = None, /, **values: Any) -> Script[T]:
    """Make a call, and give what it answers; an error status is raised."""
    response = yield Send(op, values, encode(op, json_body, None, None))
    return decode_exactly(op, response)


def client_setting(name: str) -> Script[str]:
    """What the server tells every client about one of its settings; empty if it says nothing."""
    response = yield Send(_CLIENT_CONFIG, {"format": "old"})
    settings = decode(_CLIENT_CONFIG, response)
    return str(settings.get(name) or "") if isinstance(settings, dict) else ""


def is_id(text: str) -> bool:
    """Whether a text has the form of the server's ids: 26 of a to z and 0 to 9 (model/utils.go)."""
    return _ID.fullmatch(text) is not None


def refuse(message: str, op: Operation[Any]) -> InvalidRequest:
    """The error for an argument that a call cannot be made with."""
    return InvalidRequest(message, route=op.route)
