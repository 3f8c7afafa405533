"""Models that are a JSON object with free keys or a JSON array as a whole."""

from __future__ import annotations

import builtins
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, ClassVar, Generic, SupportsIndex, overload

from pydantic import ConfigDict, RootModel
from typing_extensions import Self, TypeVar

from .dumps import SilentDumps
from .secrets import HidesSecrets

V = TypeVar("V", default=Any)

# `dict` and `copy` are public methods of the classes below, so the builtin needs another name there.
_Dict = builtins.dict


class BaseMapping(HidesSecrets, SilentDumps, RootModel[dict[str, V]], Generic[V]):
    """Parent of the generated models that are a JSON object with free keys; behaves like a dict.

    The dict itself is `root`. Iteration yields keys.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def __getitem__(self, key: str) -> V:
        return self.root[key]

    def __setitem__(self, key: str, value: V) -> None:
        self.root[key] = value

    def __delitem__(self, key: str) -> None:
        del self.root[key]

    def __len__(self) -> int:
        return len(self.root)

    def __contains__(self, key: object) -> bool:
        return key in self.root

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return iter(self.root)

    def __reversed__(self) -> Iterator[str]:
        return iter(reversed(self.root))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BaseMapping):
            return bool(self.root == other.root)
        return self.root == other if isinstance(other, Mapping) else NotImplemented

    def keys(self) -> KeysView[str]:
        """The keys, as `dict.keys`."""
        return self.root.keys()

    def values(self) -> ValuesView[V]:
        """The values, as `dict.values`."""
        return self.root.values()

    def items(self) -> ItemsView[str, V]:
        """Pairs of key and value, as `dict.items`."""
        return self.root.items()

    def has_key(self, k: str) -> bool:
        """Whether the key is there; the same as `k in mapping`."""
        return k in self.root

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key, or the default, as `dict.get`."""
        return self.root.get(key, default)

    def setdefault(self, key: str, default: V) -> V:
        """The value of a key, which is set to the default if missing, as `dict.setdefault`."""
        return self.root.setdefault(key, default)

    def pop(self, *args: Any) -> Any:
        """Remove a key and return its value, as `dict.pop`.

        Raises:
            KeyError: The key is missing and no default was given.
        """
        return self.root.pop(*args)

    def popitem(self) -> tuple[str, V]:
        """Remove and return the last pair, as `dict.popitem`.

        Raises:
            KeyError: The mapping is empty.
        """
        return self.root.popitem()

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Add or overwrite values, as `dict.update`; another `BaseMapping` is accepted too."""
        self.root.update(*args, **kwargs)

    def clear(self) -> None:
        """Remove everything."""
        self.root.clear()

    def copy(self) -> Self:  # type: ignore[override]
        """A new object of the same class with its own dict; the values are shared."""
        return self.model_construct(root=_Dict(self.root))

    def dict(self, *args: Any, **kwargs: Any) -> _Dict[str, Any]:
        """The content as a plain dict, as `model_dump`."""
        return self.model_dump(*args, **kwargs)  # type: ignore[no-any-return]


class BaseArray(HidesSecrets, SilentDumps, RootModel[list[V]], Generic[V]):
    """Parent of the generated models that are a JSON array; behaves like a list.

    The list itself is `root`. Iteration yields the elements.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    __hash__: ClassVar[None]  # type: ignore[assignment]

    @overload
    def __getitem__(self, index: SupportsIndex) -> V: ...

    @overload
    def __getitem__(self, index: slice) -> list[V]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> V | list[V]:
        return self.root[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.root[index] = value

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        del self.root[index]

    def __len__(self) -> int:
        return len(self.root)

    def __contains__(self, item: object) -> bool:
        return item in self.root

    def __iter__(self) -> Iterator[V]:  # type: ignore[override]
        return iter(self.root)

    def __reversed__(self) -> Iterator[V]:
        return iter(reversed(self.root))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, BaseArray):
            return bool(self.root == other.root)
        return self.root == other if isinstance(other, list) else NotImplemented

    def append(self, item: V) -> None:
        """Add an element at the end."""
        self.root.append(item)

    def extend(self, items: Iterable[V]) -> None:
        """Add several elements at the end."""
        self.root.extend(items)

    def insert(self, *args: Any) -> None:
        """Insert an element: `insert(index, item)`."""
        self.root.insert(*args)

    def remove(self, item: V) -> None:
        """Remove the first element equal to `item`.

        Raises:
            ValueError: There is none.
        """
        self.root.remove(item)

    def pop(self, *args: Any) -> V:
        """Remove and return the element at an index, by default the last.

        Raises:
            IndexError: There is no such element.
        """
        return self.root.pop(*args)

    def clear(self) -> None:
        """Remove everything."""
        self.root.clear()

    def index(self, item: V, *bounds: SupportsIndex) -> int:
        """The position of the first element equal to `item`, as `list.index`.

        Raises:
            ValueError: There is none.
        """
        return self.root.index(item, *bounds)

    def count(self, k: V) -> int:
        """How many elements are equal to `k`."""
        return self.root.count(k)

    def sort(self, *, key: Callable[[V], Any] | None = None, reverse: bool = False) -> None:
        """Sort in place, as `list.sort`."""
        self.root.sort(key=key, reverse=reverse)  # type: ignore[arg-type, unused-ignore]

    def reverse(self) -> None:
        """Reverse in place."""
        self.root.reverse()

    def copy(self) -> Self:  # type: ignore[override]
        """A new object of the same class with its own list; the elements are shared."""
        return self.model_construct(root=list(self.root))

    def dict(self, *args: Any, **kwargs: Any) -> list[Any]:  # type: ignore[override]
        """The content as a plain list, as `model_dump`; the name is the one every model has."""
        return self.model_dump(*args, **kwargs)  # type: ignore[no-any-return]
