"""The parents of the generated models, and the types of file values."""

import builtins
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from contextlib import suppress
from pathlib import Path
from typing import (
    Any,
    BinaryIO,
    ClassVar,
    Generic,
    TextIO,
    TypeAlias,
)

from pydantic import BaseModel, ConfigDict, SkipValidation
from typing_extensions import TypeVar

from .containers import BaseArray, BaseMapping
from .free_keys import FreeKeys

__all__ = [
    "BaseArray",
    "BaseConfig",
    "BaseMapping",
    "File",
    "FileInfo",
    "FileJsonType",
    "MultipartModel",
    "OpenConfig",
]

V = TypeVar("V", default=Any)

# `dict` is a public method of the models, so the builtin needs another name there.
_Dict = builtins.dict


DECODER_SCHEMA = "__matterapi_schema__"
"""Where the class of a model keeps what the core's decoder knows: a `matterapi._core.ModelSchema`."""


class _LateSlot:
    """One of pydantic's slots, filled in by its first reader.

    The core's decoder makes thousands of instances, most of which are never asked for what they keep
    beside their fields.
    """

    __slots__ = ("_slot",)

    def __init__(self, name: str) -> None:
        self._slot = BaseModel.__dict__[name]

    def __set__(self, instance: Any, value: Any) -> None:
        self._slot.__set__(instance, value)

    def __delete__(self, instance: Any) -> None:
        self._slot.__delete__(instance)


class _FieldsSet(_LateSlot):
    """`__pydantic_fields_set__`: unset or a shared frozenset until an instance needs a set of its own.

    Decoded instances leave it unset if the declared fields that they have are those that are usual for
    their class.
    """

    __slots__ = ()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        names = self.settled(instance)
        if type(names) is frozenset:
            names = set(names)
            self._slot.__set__(instance, names)
        return names

    def settled(self, instance: Any) -> Any:
        """The names, which the instance keeps from now on, whatever becomes of its extra fields.

        Raises:
            AttributeError: The instance is unfinished.
        """
        try:
            return self._slot.__get__(instance)
        except AttributeError:
            schema = vars(type(instance)).get(DECODER_SCHEMA)
            names = None if schema is None else schema.usual_names()
            if names is None:
                raise
            # Without extra fields the class's own frozenset will do.
            if extra := _extra.current(instance):
                names = names.union(extra)
            self._slot.__set__(instance, names)
            return names


class _Private(_LateSlot):
    """`__pydantic_private__`: unset in decoded instances, which have no private attributes."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        try:
            return self._slot.__get__(instance, owner)
        except AttributeError:
            self._slot.__set__(instance, None)
            return None


class _Extra(_LateSlot):
    """`__pydantic_extra__`: unset in decoded instances that have no extra fields."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        # Who reads the dict may change it, and what is added later does not count as set.
        with suppress(AttributeError):
            _fields_set.settled(instance)
        try:
            return self._slot.__get__(instance)
        except AttributeError:
            extra: _Dict[str, Any] = {}
            self._slot.__set__(instance, extra)
            return extra

    def current(self, instance: Any) -> _Dict[str, Any]:
        """What the slot holds, or nothing."""
        try:
            extra: _Dict[str, Any] | None = self._slot.__get__(instance)
        except AttributeError:
            extra = None
        return extra or {}


_fields_set = _FieldsSet("__pydantic_fields_set__")
_extra = _Extra("__pydantic_extra__")


class BaseConfig(FreeKeys):
    """Parent of the generated models.

    Fields that the model does not declare are kept as attributes, as `FreeKeys` allows; a model can be built
    by field name or by the server's name. The schema is built on first use, so importing a model is cheap.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        protected_namespaces=(),
        defer_build=True,
    )


# Set behind the back of pydantic's metaclass, which would take them for fields.
type.__setattr__(BaseConfig, "__pydantic_fields_set__", _fields_set)
type.__setattr__(BaseConfig, "__pydantic_extra__", _extra)
type.__setattr__(BaseConfig, "__pydantic_private__", _Private("__pydantic_private__"))


class OpenConfig(BaseConfig, Generic[V]):
    """Parent of the generated models whose JSON object has free keys, with values of one type.

    The free keys are attributes, as unknown fields of any model are (`FreeKeys` says which are not), and all
    can be read like a dict's: `images["https://..."]`, `images.items()`. Declared fields are not among them.
    Iterating over the model itself yields pairs of name and value, as of every model.
    """

    # Not a text: older pydantic would look its names up in the module of a subclass.
    __pydantic_extra__: _Dict[str, V]  # pyright: ignore[reportIncompatibleVariableOverride]

    def _free(self) -> _Dict[str, V]:
        return self.__pydantic_extra__

    def __getitem__(self, key: str) -> V:
        return self._free()[key]

    def __setitem__(self, key: str, value: V) -> None:
        self._free()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._free()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._free()

    def __len__(self) -> int:
        return len(self._free())

    def __bool__(self) -> bool:
        return True

    def keys(self) -> KeysView[str]:
        """The free keys, as `dict.keys`."""
        return self._free().keys()

    def values(self) -> ValuesView[V]:
        """The values of the free keys, as `dict.values`."""
        return self._free().values()

    def items(self) -> ItemsView[str, V]:
        """Pairs of free key and value, as `dict.items`."""
        return self._free().items()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a free key, or the default, as `dict.get`."""
        return self._free().get(key, default)


FileJsonType: TypeAlias = tuple[str | None, BinaryIO | TextIO, str | None]
"""File name, payload and content type of one file."""


class FileInfo(BaseModel):
    """One file to send, with its name and type.

    Not to be confused with the model of the same name in `matterapi.models`, which describes a file
    that the server has.

    Args:
        payload: A binary file object, `bytes`, `str` (sent as UTF-8) or a path. The very object is
            kept; a file object is read when the call is made.
        file_name: Name that the server stores; by default the payload's own.
        mime_type: Content type; guessed from the name by default.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    payload: SkipValidation[BinaryIO | TextIO | bytes | str | Path]
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> tuple[str | None, BinaryIO | TextIO | bytes | str | Path, str | None]:
        """File name, payload and content type."""
        return self.file_name, self.payload, self.mime_type


File: TypeAlias = SkipValidation[FileInfo | FileJsonType | Any]
"""What a file parameter takes: a `FileInfo`, a tuple `(name, payload[, type])`, a binary file object,
`bytes`, `str`, a path, a list of these, or a dict from name to one of these."""


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
