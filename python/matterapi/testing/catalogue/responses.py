"""Responses made from the catalogue alone."""

from collections.abc import Mapping

from matterapi.testing.http.encoding import JsonObject, dumps
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import JSON, OK_BODY, Response

from .operations import DocumentedResponse, Operation
from .samples import sample, sample_content

# Operations without a 2xx: what the real server does instead.
_DEAD_ENDS: dict[str, Response | tuple[int, str]] = {
    "LoginByCwsToken": Response(302, b"", None, headers=[("Location", "/")]),
    "HostedCustomerSignupAvailable": (501, "api.server.hosted_signup_unavailable.error"),
}

# Content types of the catalogue that no single response can have.
_CONCRETE = {"image/*": "image/png", "*/*": "application/octet-stream"}


def catalogue_response(operation: Operation, schemas: Mapping[str, JsonObject]) -> Response:
    """Return the documented response of an operation, with a body of the documented type.

    The same operation always gives the same body. An operation that only the local socket of a real
    server answers gets here on a stateless server only.

    Raises:
        AppError: The operation is documented to fail always.
    """
    dead_end = _DEAD_ENDS.get(operation.id)
    if isinstance(dead_end, Response):
        return Response(dead_end.status, dead_end.body, dead_end.content_type, list(dead_end.headers))
    if dead_end is not None:
        raise AppError(*dead_end)
    if not operation.responses:
        return Response()
    response = operation.responses[0]
    if response.status >= 400:
        raise AppError(response.status, f"api.{operation.id}.unavailable.app_error")
    return Response(response.status, *_body(operation, response, schemas))


def _body(
    operation: Operation, response: DocumentedResponse, schemas: Mapping[str, JsonObject]
) -> tuple[bytes, str | None]:
    if response.status == 204:
        return b"", None
    content_type = _CONCRETE.get(response.content_type or JSON, response.content_type or JSON)
    if response.type is None or response.type == "file":
        return (OK_BODY if content_type == JSON else sample_content(content_type)), content_type
    value = sample(response.type, schemas, operation.id)
    if content_type == "application/x-ndjson" and isinstance(value, list):
        return b"".join(dumps(item) + b"\n" for item in value), content_type
    return dumps(value), content_type
