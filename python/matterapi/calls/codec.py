"""The two ends of every call: the caller's body to bytes, the server's answer to the declared type."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from types import NoneType
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args
from urllib.parse import urlencode

from pydantic import BaseModel

from matterapi._core import JsonTooLargeError, check_room
from matterapi.decoding.lenient import salvage
from matterapi.decoding.plain_json import MAX_DECODED_SIZE, parse_json
from matterapi.errors.advice import wrong_address
from matterapi.errors.body import is_error_object, is_html, trailing_error, trailing_start
from matterapi.errors.exceptions import DecodeError, InvalidRequest, MatterapiError
from matterapi.errors.from_response import api_error
from matterapi.http.response import Response
from matterapi.redaction.known_secrets import mask_beginning

from .body import EITHER, Body
from .json_body import dump_json
from .keyed_body import JSON as _JSON
from .keyed_body import keyed_body
from .multipart import form_pairs, multipart_parts, raw_source
from .unknown_keys import warn_about_unknown_keys

if TYPE_CHECKING:
    from .operation import Operation

T = TypeVar("T")

_NDJSON = "application/x-ndjson"
_URLENCODED = "application/x-www-form-urlencoded"
_OCTETS = "application/octet-stream"
_SHOWN_BYTES = 200
_FILE_SEARCH = "/files/search"
_UPLOAD = "POST /api/v4/files"


def encode(op: Operation[Any], json_body: Any, multipart_data: Any, form_data: Any) -> Body | None:
    """Turn the body arguments of a call into what is sent.

    Args:
        op: The operation called.
        json_body: A model, dict, list or other JSON value; bytes are sent as they are.
        multipart_data: A model or dict of fields and files; anything else is the one file that is
            the whole body.
        form_data: A model or dict for an urlencoded form; anything else is the raw body.

    Returns:
        The body, or `None` if no argument has one.

    Raises:
        InvalidRequest: More than one body was given, or one that cannot be sent.
        UnknownKeyWarning: A dict has a key that the operation does not know, and that was made an error.
    """
    if multipart_data is None and form_data is None:  # nearly all calls
        return None if json_body is None else _encode_json(op, json_body)
    if multipart_data is EITHER:
        if json_body is None:
            raise InvalidRequest("give multipart_data or json_body", route=op.route)
        multipart_data = None
    given = [body for body in (json_body, multipart_data, form_data) if body is not None]
    if not given:
        return None
    if len(given) > 1:
        raise InvalidRequest("give one of json_body, multipart_data and form_data", route=op.route)
    if json_body is not None or (multipart_data is not None and _is_file_search(op.route)):
        return _encode_json(op, given[0])
    try:
        if multipart_data is not None:
            return _encode_multipart(multipart_data, _is_upload(op.route))
        return _encode_form(form_data)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(str(error), route=op.route) from error


def _is_file_search(route: str) -> bool:
    # Documented as a form in all versions, but the handler reads JSON (searchFiles, api4/file.go).
    return route.partition("{?")[0].endswith(_FILE_SEARCH)


def _is_upload(route: str) -> bool:
    return route.partition("{?")[0] == _UPLOAD


def _encode_json(op: Operation[Any], value: Any) -> Body:
    if isinstance(value, (dict, list)):
        warn_about_unknown_keys(op, value)
    try:
        if op.repeat_key and isinstance(value, (dict, BaseModel)):
            return keyed_body(value, op.repeat_key)
        return Body("json", _JSON, value if isinstance(value, bytes) else dump_json(value))
    except (TypeError, ValueError) as error:
        raise InvalidRequest(str(error), route=op.route) from error


def _encode_multipart(value: Any, wants_file: bool) -> Body:
    if isinstance(value, (BaseModel, Mapping)):
        parts = multipart_parts(value)
        if not parts:
            raise ValueError("the form is empty: give its fields and files in multipart_data")
        if wants_file and all(part.filename is None for part in parts):
            # The server answers 201 and has stored nothing (uploadFileMultipart, api4/file.go).
            raise ValueError("the form has no file: give at least one in multipart_data")
        return Body("multipart", None, parts=parts)
    return Body("raw", _OCTETS, raw_source(value))


def _encode_form(value: Any) -> Body:
    if isinstance(value, (BaseModel, Mapping)):
        return Body("raw", _URLENCODED, urlencode(list(form_pairs(value))).encode())
    return Body("raw", _OCTETS, raw_source(value))


def decode(
    op: Operation[T], response: Response, skip: bool = False, most: int | None = MAX_DECODED_SIZE
) -> T:
    """Turn an answer into the type that the operation declares.

    The server's habits are allowed for: null is an empty list where a list is declared, and an empty object
    where one with free keys is; fields that the type does not declare are kept, and a value that does not fit
    its declared type is kept as it came and logged once.

    Args:
        op: The operation called.
        response: The answer.
        skip: Return the `Response` of every 2xx answer.
        most: Bytes of memory that the values may take, by estimate; `None` for any number.

    Raises:
        ApiError: The status is not 2xx, or the body ends in the server's error object.
        DecodeError: The body is not one JSON document where the operation declares one, or its values
            would take more memory than `most`.
    """
    if not 200 <= response.status_code < 300:
        raise api_error(response, op.route)
    if skip or op.returns is Response:
        return cast("T", response)
    if not response.num_bytes_downloaded:
        return _without_body(op, response)
    try:
        value = op.decoder.decode(response.decodable, most)
        if value is not NotImplemented:
            return cast("T", value)
        # The core takes only what fits exactly: coercions, and what to do with misfits, are pydantic's.
        check_room(response.decodable, most, op.largest_model)
        return salvage(op.returns, _read(op, response, most), op.core_route.label)
    except JsonTooLargeError as error:
        raise DecodeError(
            f"{error}, which is what max_decoded_size allows", response=response, route=op.route
        ) from None


def decode_exactly(op: Operation[T], response: Response) -> T:
    """`decode` for a call that goes on with the answer: another shape is not kept but an error.

    Args:
        op: The operation called; it declares a model, or a model and `None`.
        response: The answer.

    Raises:
        ApiError: See `decode`.
        DecodeError: See `decode`; also, the body is of another shape than the operation declares.
    """
    value = decode(op, response)
    if not isinstance(value, get_args(op.returns) or op.returns):
        raise DecodeError(
            f"the answer is a {type(value).__name__}, which this call cannot go on with",
            response=response,
            route=op.route,
        )
    return value


def _without_body(op: Operation[T], response: Response) -> T:
    if op.returns is NoneType or NoneType in get_args(op.returns):
        return cast("T", None)
    raise DecodeError("the answer has no body where JSON is declared", response=response, route=op.route)


def _read(op: Operation[Any], response: Response, most: int | None) -> Any:
    """The JSON value of a body, read with every allowance."""
    content = response.content
    content_type = _media_type(response)
    try:
        if content_type != _NDJSON:
            return parse_json(content, most)
        lines = [parse_json(line, most) for line in BytesIO(content) if line.strip()]
    except JsonTooLargeError:
        raise
    except ValueError as error:
        raise _unreadable(op, response, content_type, error) from error
    if lines and is_error_object(lines[-1]):
        raise api_error(response, op.route)
    return lines


def _unreadable(
    op: Operation[Any], response: Response, content_type: str, error: ValueError
) -> MatterapiError:
    """The error for a 2xx body that is not JSON."""
    begin = mask_beginning(response.content, _SHOWN_BYTES)
    if not content_type.endswith("json"):
        cause = wrong_address(response) if is_html(response) else "A wrong URL, or a proxy in between."
        return DecodeError(
            f"not JSON. {cause} Content type {content_type or 'unknown'!r}, the body begins with {begin!r}",
            response=response,
            route=op.route,
        )
    failure = trailing_error(response.content)
    if failure is None:
        return DecodeError(
            f"no JSON document: {error}; the body begins with {begin!r}", response=response, route=op.route
        )
    return _failed_on_the_way(op, response, failure)


def _failed_on_the_way(op: Operation[Any], response: Response, failure: dict[str, Any]) -> MatterapiError:
    """The error for an answer that began as a success and ends in the server's error object."""
    try:
        parse_json(response.content[: trailing_start(response.content)])
    except ValueError:
        whole = False
    else:
        whole = True
    if not whole:
        # The list was cut off: the error is the answer.
        return api_error(response, op.route)
    return DecodeError(
        f"two JSON documents; the second says {failure['id']}: {failure['message']}",
        response=response,
        route=op.route,
    )


def _media_type(response: Response) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()
