"""Files that a call sends, and the parent of the generated models that hold them."""

import builtins
from collections.abc import AsyncIterable, Iterator, Mapping
from os import PathLike
from typing import Any, ClassVar, Protocol, TypeAlias, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, SkipValidation

from .models import BaseConfig

# `dict` is a public method of the models, so the builtin needs another name there.
_Dict = builtins.dict

C = TypeVar("C")


@runtime_checkable
class BinaryReader(Protocol):
    """A binary file object: what `open(path, "rb")` gives, or anything with its `read`."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""
        ...


Content: TypeAlias = str | PathLike[str] | bytes | bytearray | memoryview | BinaryReader | Iterator[bytes]
"""What a file holds: its path (text is a path), bytes, a binary file object or an iterator of bytes."""

AsyncContent: TypeAlias = Content | AsyncIterable[bytes]
"""The same for `AsyncClient`, which reads async iterators too."""

NamedContent: TypeAlias = C | tuple[str | None, C] | tuple[str | None, C, str | None]
"""Content, alone or with its file name, or with that and its content type."""

FileJsonType: TypeAlias = tuple[str | None, AsyncContent, str | None]
"""File name, payload and content type of one file."""


class FileInfo(BaseModel):
    """One file to send, with its name and type.

    Not to be confused with the model of the same name in `matterapi.models`, which describes a file
    that the server has.

    Args:
        payload: A path (text is one too), a binary file object, bytes or an iterator of bytes. The very
            object is kept; a file is read when the call is made.
        file_name: Name that the server stores; by default the payload's own.
        mime_type: Content type; guessed from the name by default.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    payload: SkipValidation[AsyncContent]
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileJsonType:
        """File name, payload and content type."""
        return self.file_name, self.payload, self.mime_type


_OneFile: TypeAlias = FileInfo | NamedContent[AsyncContent]

File: TypeAlias = SkipValidation[_OneFile | list[_OneFile] | Mapping[str, _OneFile]]
"""What a file parameter takes: a path (as text, too), a binary file object, bytes, an iterator of bytes, a
tuple `(name, one of these[, content type])`, a `FileInfo`, a list of these, or a dict from name to one."""


class MultipartModel(BaseConfig):
    """Parent of the generated models of multipart bodies.

    `_file_properties` names the fields that hold files.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    _file_properties: ClassVar[tuple[str, ...]] = ()

    def get_files(self) -> _Dict[str, Any]:
        """The files that were set, by the server's name of the part."""
        return {
            wire_name: value
            for name, wire_name, value in self._set_fields()
            if name in self._file_properties and value is not None
        }

    def get_data(self) -> _Dict[str, Any]:
        """The other values that were set, by the server's name."""
        return {
            wire_name: value
            for name, wire_name, value in self._set_fields()
            if name not in self._file_properties
        }

    def _set_fields(self) -> Iterator[tuple[str, str, Any]]:
        fields = type(self).model_fields
        for name in fields:
            if name in self.model_fields_set:
                yield name, fields[name].alias or name, getattr(self, name)
        for name, value in (self.model_extra or {}).items():
            yield name, name, value
