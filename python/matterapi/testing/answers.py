"""Answers made from the catalogue alone."""

from collections.abc import Mapping

from .catalogue import Answer, Operation
from .encoding import JsonObject, dumps
from .errors import AppError
from .replies import JSON, OK_BODY, Reply
from .samples import sample, sample_content

# Operations without a 2xx: what the real server does instead.
_DEAD_ENDS: dict[str, Reply | tuple[int, str]] = {
    "LoginByCwsToken": Reply(302, b"", None, headers=[("Location", "/")]),
    "HostedCustomerSignupAvailable": (501, "api.server.hosted_signup_unavailable.error"),
}

# Content types of the catalogue that no single answer can have.
_CONCRETE = {"image/*": "image/png", "*/*": "application/octet-stream"}


def catalogue_reply(operation: Operation, schemas: Mapping[str, JsonObject]) -> Reply:
    """Return the documented answer of an operation, with a body of the documented type.

    The same operation always gives the same body. An operation that only the local socket of a real
    server answers gets here on a stateless server only.

    Raises:
        AppError: The operation is documented to fail always.
    """
    dead_end = _DEAD_ENDS.get(operation.id)
    if isinstance(dead_end, Reply):
        return Reply(dead_end.status, dead_end.body, dead_end.content_type, list(dead_end.headers))
    if dead_end is not None:
        raise AppError(*dead_end)
    if not operation.answers:
        return Reply()
    answer = operation.answers[0]
    if answer.status >= 400:
        raise AppError(answer.status, f"api.{operation.id}.unavailable.app_error")
    return Reply(answer.status, *_body(operation, answer, schemas))


def _body(
    operation: Operation, answer: Answer, schemas: Mapping[str, JsonObject]
) -> tuple[bytes, str | None]:
    if answer.status == 204:
        return b"", None
    content_type = _CONCRETE.get(answer.content_type or JSON, answer.content_type or JSON)
    if answer.type is None or answer.type == "file":
        return (OK_BODY if content_type == JSON else sample_content(content_type)), content_type
    value = sample(answer.type, schemas, operation.id)
    if content_type == "application/x-ndjson" and isinstance(value, list):
        return b"".join(dumps(one) + b"\n" for one in value), content_type
    return dumps(value), content_type
