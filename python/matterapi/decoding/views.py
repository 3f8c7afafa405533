"""Typed views of what models hold as plain JSON, made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar, cast, overload

from pydantic import BaseModel
from typing_extensions import Self

T = TypeVar("T", bound=BaseModel)


class ListIn(Generic[T]):
    """An attribute of a model: the objects that one key of a field lists, as models.

    `post.attachments` is what `post.props["attachments"]` lists. Each reading makes new models: a change of
    them changes nothing in the post. A value that does not fit its type is kept as it came, what is no
    object is left out.

    Args:
        field: The field, whose value is read like a dict.
        key: The key.
        module: The module of the items' model.
        model: Its name.
    """

    __slots__ = ("_field", "_key", "_model", "_module")

    def __init__(self, field: str, key: str, module: str, model: str) -> None:
        self._field, self._key, self._module, self._model = field, key, module, model

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> list[T]: ...
    def __get__(self, instance: object | None, owner: type) -> Self | list[T]:
        if instance is None:
            return self
        holder = getattr(instance, self._field)
        found = holder.get(self._key) if holder is not None else None
        items = found if isinstance(found, list) else []
        # Here, because who reads no such list needs neither.
        from .lenient import salvage  # noqa: PLC0415

        model = cast("type[T]", getattr(import_module(self._module), self._model))
        return [
            item if isinstance(item, model) else salvage(model, _plain(item), self._key)
            for item in items
            if isinstance(item, (Mapping, BaseModel))
        ]


def _plain(item: Any) -> Any:
    return item.model_dump(by_alias=True, exclude_unset=True) if isinstance(item, BaseModel) else item
