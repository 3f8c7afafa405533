"""From a response that is no success to an exception."""

from __future__ import annotations

from typing import Any

from matterapi.http.response import MAX_KEPT, Response
from matterapi.redaction.patterns import redact_value

from .body import message_of, read_body, read_details, status_in, words_of
from .exceptions import ApiError
from .httpx_classes import raised_class, status_error

_CLASS_BY_STATUS: dict[int | None, type[ApiError]] = {
    cls.status_code: cls for cls in ApiError.__subclasses__()
}


def api_error(response: Response, route: str | None) -> ApiError:
    """The error for an answer that is no success; never fails, whatever the body is.

    A success whose body ends in an error object is an error of the status in that object.

    Args:
        response: The answer. At most 64 KiB of its body are read and kept.
        route: Verb and path template of the operation.
    """
    body = read_body(response)
    details = read_details(body)
    status = (status_in(details) if details and response.is_success else None) or response.status_code
    cls = raised_class(class_for(status))
    error = cls(message_of(response, body), details, response=response.for_error(MAX_KEPT), route=route)
    error.__cause__ = status_error(error.response, str(error))
    return error


def class_for(status: int | None) -> type[ApiError]:
    """The class of the errors with a status."""
    return _CLASS_BY_STATUS.get(status, ApiError)


def refused_action(body: Any, route: str) -> ApiError:
    """The error for an action of the websocket that the server refused: there is no response.

    Args:
        body: What the reply has as its error.
        route: What errors name the action by.
    """
    body = redact_value(body)
    details = read_details(body)
    cls = class_for(status_in(details)) if details else ApiError
    return cls(words_of(body) or "the server refused the action", details, route=route)


Response.error_for = staticmethod(lambda response: api_error(response, None))
