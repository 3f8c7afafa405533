"""Multipart bodies: what the caller gives for files and fields, to parts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from inspect import iscoroutinefunction
from mimetypes import guess_type
from os import PathLike, fspath
from pathlib import Path, PurePath
from typing import Any, cast

from pydantic import BaseModel

from matterapi.bases.files import FileInfo, MultipartModel

from .body import Part, Source
from .json_body import dump_json

FILE_FIELDS = frozenset({"certificate", "file", "files", "image", "license", "plugin"})
"""The server's names for file parts; text given for one of them is the path of a file."""

_DEFAULT_NAME = "upload"
_DEFAULT_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?: *;[ -~]*)?", re.ASCII)


def multipart_parts(data: BaseModel | Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts of a multipart body, plain fields first.

    A file may be a path (also as text), a binary file object, bytes, an iterator of bytes, a `FileInfo`
    of `matterapi.types`, or a tuple `(file name, payload[, content type])`; a list holds several files of
    one field, and a dict files that are named by their keys, as part and as file. Every other value is
    a plain field: booleans as `true` and `false`, a list once for each element, a dict as JSON, `None`
    not at all.

    Raises:
        ValueError: A value cannot be sent, such as a file opened in text mode or a content type with a
            line break.
        TypeError: A value is of a type that cannot be sent.
    """
    files, fields = _split(data)
    plain = (part for name, value in fields for part in _plain_parts(name, value))
    return (*plain, *(part for name, value in files for part in _file_parts(name, value)))


def form_pairs(data: BaseModel | Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pairs of an urlencoded body, by the rules for plain fields of `multipart_parts`.

    Raises:
        TypeError: A value has no form as text.
    """
    return ((name, text) for name, value in _values(data).items() for text in _texts(name, value))


def raw_source(value: Any) -> Source:
    """The content of a body that consists of one file; text is its path.

    Raises:
        TypeError: It is no bytes, path, binary file object or iterator.
        ValueError: It is a file object in text mode.
    """
    if isinstance(value, (bytes, Path)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (str, PathLike)):
        return _path(value)
    read = getattr(value, "read", None)
    if not callable(read) or iscoroutinefunction(read):
        if hasattr(value, "__next__") or hasattr(value, "__aiter__"):
            return cast("Source", value)
        raise TypeError(
            "a file must be bytes, a path, a binary file object or an iterator of bytes, "
            f"not {type(value).__name__}"
        )
    if isinstance(value, io.TextIOBase) or hasattr(value, "encoding"):
        raise ValueError('a file object must be opened in binary mode ("rb")')
    return cast("Source", value)


def _split(data: BaseModel | Mapping[str, Any]) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    """Files and plain fields."""
    if isinstance(data, MultipartModel):
        named, rest = data.get_files(), data.get_data()
    else:
        values = _values(data)
        named = {name: value for name, value in values.items() if name in FILE_FIELDS and value is not None}
        rest = {name: value for name, value in values.items() if name not in FILE_FIELDS}
    files = [*named.items(), *((name, value) for name, value in rest.items() if _is_file(value))]
    return files, [(name, value) for name, value in rest.items() if not _is_file(value)]


def _values(data: BaseModel | Mapping[str, Any]) -> Mapping[str, Any]:
    """The values that were set, by the server's names and as the very objects that were given."""
    if not isinstance(data, BaseModel):
        return data
    fields = type(data).model_fields
    declared = {
        field.alias or name: getattr(data, name)
        for name, field in fields.items()
        if name in data.model_fields_set
    }
    return {**declared, **(data.model_extra or {})}


def _is_file(value: Any) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(map(_is_file, value.values()))
    if isinstance(value, list):
        return bool(value) and all(map(_is_file, value))
    if isinstance(value, tuple):
        return len(value) in {2, 3} and _is_file(value[1])
    if isinstance(value, (bytes, bytearray, memoryview, PathLike, FileInfo)):
        return True
    # A model has the attributes that the server, or a chat user, gave it.
    return not isinstance(value, BaseModel) and any(
        hasattr(value, name) for name in ("read", "__next__", "__aiter__")
    )


def _file_parts(name: str, value: Any) -> Iterator[Part]:
    if isinstance(value, Mapping):
        for inner, item in value.items():
            yield _file_part(inner, item, default_name=inner)
    elif isinstance(value, list):
        for item in value:
            yield _file_part(name, item)
    else:
        yield _file_part(name, value)


def _file_part(name: str, value: Any, default_name: str | None = None) -> Part:
    filename, content_type = default_name, None
    payload = value
    if isinstance(value, FileInfo):
        given, payload, content_type = value.to_tuple()
        filename = given or default_name
    elif isinstance(value, tuple):
        if len(value) not in {2, 3}:
            raise ValueError(
                "a file as a tuple is (file name, payload) or (file name, payload, content type)"
            )
        filename, payload = value[0] or default_name, value[1]
        content_type = value[2] if len(value) == 3 else None
    if content_type and not _MEDIA_TYPE.fullmatch(content_type):
        raise ValueError(f"{content_type!r} is no content type of a file")
    source = raw_source(payload)
    filename = filename or _own_name(source)
    return Part(name, filename, content_type or guess_type(filename)[0] or _DEFAULT_TYPE, source)


def _path(value: str | PathLike[str]) -> Path:
    if not isinstance(text := fspath(value), str):
        raise TypeError("the path of a file must be text, not bytes")
    if "\0" in text:
        raise ValueError("the path of a file has a null character; give content as bytes")
    return Path(text)


def _own_name(payload: Source) -> str:
    # Unnamed temporary files have a number for a name.
    name = getattr(payload, "name", None)
    return (PurePath(name).name if isinstance(name, str) else "") or _DEFAULT_NAME


def _plain_parts(name: str, value: Any) -> Iterator[Part]:
    return (Part(name, None, None, text.encode()) for text in _texts(name, value))


def _texts(name: str, value: Any) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(name, item)
    elif isinstance(value, str):
        # `str.__str__` for enums, whose own `str` may be `Class.MEMBER`.
        yield str.__str__(value)
    elif isinstance(value, (bool, int, float, Mapping, BaseModel)):
        yield dump_json(value).decode()
    else:
        raise TypeError(f"the field {name!r} cannot be a {type(value).__name__}")
