"""What an answer with an error says: the error object, the message, the time to wait."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from math import isfinite
from typing import TYPE_CHECKING, Any

from matterapi.decoding.plain_json import parse_json
from matterapi.http.response import MAX_KEPT, Response
from matterapi.redaction.patterns import redact_beginning, redact_value

if TYPE_CHECKING:
    from .exception_body import ExceptionBody

MAX_VALUES = 16 * 1024 * 1024
"""Bytes of memory that the values of such a body may take; of a larger one the text is kept."""

_ERROR_START = b'{"id":"'
_ERROR_KEYS = frozenset({"id", "message", "status_code"})
_STATUSES = range(100, 600)
_LONGEST_TIME = 64
"""Characters of a time to wait; a date of HTTP has 29."""


def read_body(response: Response) -> Any:
    """The body of an error without credentials: a JSON value if it is one, else its text.

    Of a body of more than 64 KiB only its beginning is read, as text, and its end, for an error object.
    Such an object behind a list that was cut off counts as the body: two handlers of the server begin
    the list before they know that they fail (`getChannelsForUser`, api4/channel.go).
    """
    content = response.content
    if len(content) <= MAX_KEPT:
        with suppress(ValueError):
            return redact_value(parse_json(content, MAX_VALUES))
    return redact_value(trailing_error(content) or response.for_error(MAX_KEPT).text)


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


def status_in(details: ExceptionBody) -> int | None:
    """The status that an error object names, if it can be one."""
    return details.status_code if details.status_code in _STATUSES else None


def request_id(response: Response) -> str | None:
    """The server's id of the request, as its header says."""
    return redact_beginning(response.headers.get("x-request-id", ""), MAX_KEPT) or None


def message_of(response: Response, body: Any) -> Any:
    """What an answer without success says: the server's words, its whole JSON value, or the status.

    Args:
        response: The answer.
        body: What `read_body` makes of it.
    """
    if isinstance(body, dict):
        return words_of(body)
    # What a proxy writes for people to read says less.
    if response.has_redirect_location and (not body or is_html(response)):
        return f"redirected to {redact_beginning(response.headers['location'], MAX_KEPT)}"
    return body or response.reason_phrase or f"HTTP status {response.status_code}"


def is_html(response: Response) -> bool:
    """Whether an answer is a web page."""
    return response.headers.get("content-type", "").lower().startswith("text/html")


def words_of(body: Any) -> Any:
    """The message of a JSON object, if it has one; else the whole value."""
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) and message else body


def is_error_object(value: Any) -> bool:
    """Whether a JSON value has the keys of the server's error object."""
    return isinstance(value, dict) and value.keys() >= _ERROR_KEYS


def trailing_error(content: bytes) -> dict[str, Any] | None:
    """The error object in the last 64 KiB of a body that began as something else, if there is one."""
    start = trailing_start(content)
    if start is None:
        return None
    with suppress(ValueError):
        value = parse_json(content[start:], MAX_VALUES)
        return value if is_error_object(value) else None
    return None


def trailing_start(content: bytes) -> int | None:
    """Where in a body the error object at its end would begin."""
    start = content.rfind(_ERROR_START, max(len(content) - MAX_KEPT, 0))
    return None if start < 0 else start


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait according to `Retry-After`, not negative; `None` without a readable value.

    A date is measured against the answer's own `Date`, so a wrong local clock does no harm.
    """
    value = headers.get("retry-after", "").strip()
    if len(value) > _LONGEST_TIME:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, headers.get("date", "")[:_LONGEST_TIME])
    return max(seconds, 0.0) if isfinite(seconds) else None


def _seconds_until(date: str, now: str) -> float:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rare, and costs every program 5 ms

    try:
        return (parsedate_to_datetime(date) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError, OverflowError, IndexError):
        return float("nan")
