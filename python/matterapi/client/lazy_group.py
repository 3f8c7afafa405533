"""Groups that a client makes when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from typing_extensions import Self

G = TypeVar("G")


class LazyGroup(Generic[G]):
    """An attribute that is made once for each client, on first use, and may be replaced, as by a mock.

    Not `functools.cached_property`, which lets two threads make one each, or on Python 3.11 and older takes a
    lock that a fork could leave taken.

    Args:
        make: Makes the group of a client.
    """

    def __init__(self, make: Callable[[Any], G]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, client: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, client: object, owner: type | None = None) -> G: ...
    def __get__(self, client: object | None, owner: type | None = None) -> Self | G:
        if client is None:
            return self
        # In the client's own dict, where Python finds it first from now on.
        group: G = client.__dict__.setdefault(self._name, self._make(client))
        return group


def is_group(client: type, name: str) -> bool:
    """Whether an attribute of a class of clients is a group."""
    return isinstance(getattr(client, name, None), LazyGroup)
