"""Slots of decoded instances that stay empty until somebody reads them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

DECODER_SCHEMA = "__matterapi_schema__"
"""Where the class of a model keeps what the core's decoder knows: a `matterapi._core.ModelSchema`."""


class _LateSlot:
    """One of pydantic's slots, filled in by its first reader.

    The core's decoder makes thousands of instances, most of which are never asked for what they keep
    beside their fields.
    """

    __slots__ = ("_slot", "name")

    def __init__(self, name: str) -> None:
        self.name = name
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
            names = None if schema is None else schema.template_names()
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
        try:  # noqa: SIM105 - `suppress` takes longer than all the rest
            _fields_set.settled(instance)
        except AttributeError:
            pass
        try:
            return self._slot.__get__(instance)
        except AttributeError:
            extra: dict[str, Any] = {}
            self._slot.__set__(instance, extra)
            return extra

    def current(self, instance: Any) -> dict[str, Any]:
        """What the slot holds, or nothing."""
        try:
            extra: dict[str, Any] | None = self._slot.__get__(instance)
        except AttributeError:
            extra = None
        return extra or {}


_fields_set = _FieldsSet("__pydantic_fields_set__")
_extra = _Extra("__pydantic_extra__")
_private = _Private("__pydantic_private__")


def fill_late(model: type[BaseModel]) -> None:
    """Let the slots of a class, and of those derived from it, be filled by their first readers."""
    # Set behind the back of pydantic's metaclass, which would take them for fields.
    for slot in (_fields_set, _extra, _private):
        type.__setattr__(model, slot.name, slot)
