"""The parents of the generated models that are JSON objects."""

import builtins
from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from pydantic import ConfigDict
from typing_extensions import TypeVar

from .free_keys import FreeKeys
from .late_slots import fill_late

V = TypeVar("V", default=Any)

# `dict` is a public method of the models, so the builtin needs another name there.
_Dict = builtins.dict


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


fill_late(BaseConfig)


class OpenConfig(BaseConfig, Generic[V]):
    """Parent of the generated models whose JSON object has free keys, with values of one type.

    It can be read like a dict: `"from_bot" in post.props`, `props["from_bot"]`, `len`, `items()`, iteration
    over keys. Its keys are the server's names of all that is there: free ones, and declared fields that were
    set. All are attributes as well, as unknown fields of any model are (`FreeKeys` says which are not).
    Unlike a dict it is true even without a key, as every model is.
    """

    if not TYPE_CHECKING:  # a checker would take it for an argument
        # Not a text: older pydantic would look its names up in the module of a subclass.
        __pydantic_extra__: _Dict[str, V]

    def _free(self) -> _Dict[str, V]:
        return cast("_Dict[str, V]", self.__pydantic_extra__)

    def _content(self) -> _Dict[str, V]:
        """All that is there by the server's names; of an object without declared fields the very dict."""
        names = _fields_by_key(type(self))
        free = self._free()
        if not names:
            return free
        present = {key: getattr(self, name) for key, name in names.items() if name in self.model_fields_set}
        return {**present, **free}

    def __getitem__(self, key: str) -> V:
        return self._content()[key]

    def __setitem__(self, key: str, value: V) -> None:
        name = _fields_by_key(type(self)).get(key)
        if name is None:
            self._free()[key] = value
        else:
            setattr(self, name, value)

    def __delitem__(self, key: str) -> None:
        name = _fields_by_key(type(self)).get(key)
        if name is None or name not in self.model_fields_set:
            del self._free()[key]
        else:
            setattr(self, name, type(self).model_fields[name].get_default())
            self.model_fields_set.discard(name)

    def __contains__(self, key: object) -> bool:
        return key in self._content()

    def __len__(self) -> int:
        return len(self._content())

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self._content())

    def __bool__(self) -> bool:
        return True

    def keys(self) -> KeysView[str]:
        """The keys, as `dict.keys`."""
        return self._content().keys()

    def values(self) -> ValuesView[V]:
        """The values, as `dict.values`."""
        return self._content().values()

    def items(self) -> ItemsView[str, V]:
        """Pairs of key and value, as `dict.items`."""
        return self._content().items()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default, as `dict.get`."""
        return self._content().get(key, default)


class OrderedConfig(BaseConfig, Generic[V]):
    """Parent of the generated models that list items by their ids, such as `PostList`.

    Iterating it, and `len`, are about the items that `order` names, in that order. As every model it is
    true even without an item.
    """

    _items_field: ClassVar[str]
    """The field with the items by id."""

    def _ordered(self) -> list[V]:
        order: list[str] = getattr(self, "order", None) or []
        items: Mapping[str, V] = getattr(self, self._items_field, None) or {}
        return [items[item_id] for item_id in order if item_id in items]

    def __iter__(self) -> Iterator[V]:  # type: ignore[override]
        return iter(self._ordered())

    def __len__(self) -> int:
        return len(self._ordered())

    def __bool__(self) -> bool:
        return True


@cache
def _fields_by_key(model: type[BaseConfig]) -> _Dict[str, str]:
    """The declared fields by the names under which they are written."""
    fields = model.model_fields.items()
    return {field.serialization_alias or field.alias or name: name for name, field in fields}
