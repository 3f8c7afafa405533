"""The parents of the generated models that are JSON objects."""

import builtins
from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any, ClassVar, Generic

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
