"""What an answer with an error says: the error object, the message, the time to wait."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from matterapi.json_text import parse_json
from matterapi.redaction import redact_value

if TYPE_CHECKING:
    from matterapi.response import Response

    from .exception_body import ExceptionBody

MAX_KEPT = 64 * 1024
"""Size of the body that an error keeps: bytes of the body, characters of its text."""

_ERROR_START = b'{"id":"'
_ERROR_KEYS = frozenset({"id", "message", "status_code"})


def read_body(response: Response) -> Any:
    """The body of an error without credentials: a JSON value if it is one, else its text.

    An error object behind a list that was cut off counts as the body: two handlers of the server begin
    the list before they know that they fail (`getChannelsForUser`, api4/channel.go).
    """
    content = response.content
    try:
        body = parse_json(content)
    except ValueError:
        body = trailing_error(content) or response.text[:MAX_KEPT]
    return redact_value(body)


def read_details(body: Any) -> ExceptionBody | None:
    """The error object, if the body is one or at least looks like one."""
    if not is_error_object(body):
        return None
    # Here, because importing the exceptions shall not cost what importing pydantic costs.
    from pydantic import ValidationError  # noqa: PLC0415

    from .exception_body import ExceptionBody  # noqa: PLC0415

    try:
        return ExceptionBody.model_validate(body)
    except ValidationError:
        return None


def is_error_object(value: Any) -> bool:
    """Whether a JSON value has the keys of the server's error object."""
    return isinstance(value, dict) and value.keys() >= _ERROR_KEYS


def trailing_error(content: bytes) -> dict[str, Any] | None:
    """The error object at the end of a body that began as something else, if there is one."""
    start = content.rfind(_ERROR_START)
    if start < 0:
        return None
    try:
        value = parse_json(content[start:])
    except ValueError:
        return None
    return value if is_error_object(value) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait according to `Retry-After`, not negative; `None` without a readable value.

    A date is measured against the answer's own `Date`, so a wrong local clock does no harm.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, headers.get("date", ""))
    return max(seconds, 0.0) if isfinite(seconds) else None


def _seconds_until(date: str, now: str) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rare, and costs every program 5 ms

    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return float("nan")
