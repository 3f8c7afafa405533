"""What is true of every body: the core's decoder gives pydantic's value or leaves the bytes to it."""

from __future__ import annotations

import re
from itertools import starmap
from typing import Any

from pydantic import BaseModel, ValidationError

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.client.exceptions import MatterapiError
from matterapi.decoding.lenient import fill_null_lists, salvage
from matterapi.decoding.plain_json import parse_json
from matterapi.response import Response

_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    rb"|\\."
)
_LONG_INTEGER = 10**18
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def complaint(operation: Operation[Any], content: bytes) -> str | None:
    """What is wrong with the way a body is decoded, `None` if nothing is."""
    try:
        return _decoder_complaint(operation, content) or _call_complaint(operation, content)
    except Exception as error:  # noqa: BLE001 - whatever is raised is the finding
        return f"raised {error!r}"


def is_taken(operation: Operation[Any], content: bytes) -> bool:
    """Whether the core decodes a body without pydantic."""
    return operation.decoder.decode(content) is not NotImplemented


def _decoder_complaint(operation: Operation[Any], content: bytes) -> str | None:
    ours = operation.decoder.decode(content)
    if ours is NotImplemented:
        return None
    content = mended(content)
    try:
        theirs = fill_null_lists(operation.returns, operation.adapter.validate_json(content))
    except ValidationError as error:
        if _is_only_long_integers(error):
            return None
        if not _is_only_null_lists(error):
            return f"the core gives {ours!r:.200} where pydantic refuses: {error.errors()[0]['msg']}"
        theirs = salvage(operation.returns, parse_json(content), operation.route)
    return difference(ours, theirs) or _dumps_differ(operation, ours, theirs)


def _is_only_null_lists(error: ValidationError) -> bool:
    """Whether pydantic refuses nothing but null where a list or object is due: it stands for an empty one."""
    types = {"list_type", "dict_type", "model_type", "model_attributes_type"}
    return all(one["type"] in types and one["input"] is None for one in error.errors())


def _is_only_long_integers(error: ValidationError) -> bool:
    """Whether pydantic refuses nothing but integers of 19 digits as floats, which is a habit of 2.11."""
    return all(
        one["type"] == "float_type" and type(one["input"]) is int and abs(one["input"]) >= _LONG_INTEGER
        for one in error.errors()
    )


def _call_complaint(operation: Operation[Any], content: bytes) -> str | None:
    """The whole way of an answer: a value or a typed error."""
    response = Response(200, [("Content-Type", "application/json")], content)
    try:
        value = decode(operation, response)
    except MatterapiError:
        return "refused, though the core takes it" if is_taken(operation, content) else None
    return "NotImplemented was returned to the caller" if value is NotImplemented else None


def _dumps_differ(operation: Operation[Any], ours: Any, theirs: Any) -> str | None:
    dump, dump_json = operation.adapter.dump_python, operation.adapter.dump_json
    if difference(dump(ours, exclude_unset=True), dump(theirs, exclude_unset=True)):
        return "dumped as Python values they differ"
    ours, theirs = (dump_json(value, by_alias=True, exclude_unset=True) for value in (ours, theirs))
    return None if ours == theirs else "dumped as JSON they differ"


def mended(content: bytes) -> bytes:
    """A body that pydantic reads as the core does: without a byte order mark, U+FFFD for lone surrogates."""
    content = content.removeprefix(_BYTE_ORDER_MARK)
    if b"\\u" not in content:
        return content
    return _ESCAPE.sub(lambda found: b"\\ufffd" if found["lone"] else found[0], content)


def difference(ours: Any, theirs: Any) -> str | None:
    """Where two values differ in anything that users see, types and order included."""
    if type(ours) is not type(theirs):
        return f"{ours!r:.100} is a {type(ours).__name__}, {theirs!r:.100} is not"
    if isinstance(ours, BaseModel):
        return _instances_differ(ours, theirs)
    if isinstance(ours, dict):
        return difference(list(ours), list(theirs)) or difference([*ours.values()], [*theirs.values()])
    if isinstance(ours, list) and len(ours) == len(theirs):
        return next((found for found in starmap(difference, zip(ours, theirs, strict=True)) if found), None)
    # The text tells 0.0 from -0.0.
    return None if repr(ours) == repr(theirs) else f"{ours!r:.100} is not {theirs!r:.100}"


def _instances_differ(ours: BaseModel, theirs: BaseModel) -> str | None:
    found = difference(ours.__dict__, theirs.__dict__) or difference(ours.model_extra, theirs.model_extra)
    if found:
        return f"{type(ours).__name__}: {found}"
    if ours.model_fields_set != theirs.model_fields_set or type(ours.model_fields_set) is not set:
        return f"{type(ours).__name__}: set are {ours.model_fields_set}, not {theirs.model_fields_set}"
    return None


def shrunk(operation: Operation[Any], content: bytes) -> bytes:
    """A short body about which there is a complaint still: pieces are left out while that holds."""
    size = max(len(content) // 2, 1)
    attempts = 2000
    while size and attempts > 0:
        start = 0
        while start < len(content) and attempts > 0:
            attempts -= 1
            shorter = content[:start] + content[start + size :]
            if complaint(operation, shorter):
                content = shorter
            else:
                start += size
        size //= 2
    return content


def shown(content: bytes) -> str:
    """A body as a Python literal, long runs cut."""
    text = repr(content)
    return text if len(text) <= 500 else f"{text[:400]} ... {text[-60:]} ({len(content)} bytes)"
