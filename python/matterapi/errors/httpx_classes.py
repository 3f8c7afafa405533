"""For programs that catch httpx's exceptions: errors that are of httpx's classes too.

matterapi 0.5.0 let httpx's exceptions through, and `except` goes by real inheritance. So where a program
has imported httpx, errors are raised as subclasses of ours that also derive from httpx's. Nothing here
imports httpx; a program without it gets the plain classes.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any, TypeVar

E = TypeVar("E", bound=Exception)

_HTTPX_NAMES = {
    "ApiError": ("HTTPStatusError",),
    "ConnectError": ("ConnectError",),
    "TLSError": ("ConnectError",),
    "ConnectTimeout": ("ConnectTimeout",),
    "ReadTimeout": ("ReadTimeout",),
    "WriteTimeout": ("WriteTimeout",),
    "PoolTimeout": ("PoolTimeout",),
    "ProtocolError": ("RemoteProtocolError",),
    # httpx tells a closed connection from a reset one, the core does not.
    "ConnectionClosed": ("RemoteProtocolError", "ReadError"),
    "TransportError": ("TransportError",),
}
"""What httpx raised where we raise a class of this name or a child of it."""


def raised_class(cls: type[E]) -> type[E]:
    """The class to raise in place of `cls`: itself, or its twin that `except httpx.…` catches as well.

    The twin has the name of `cls`. There is one for each class, so `type(error)` is the same every time.

    Args:
        cls: A class of `matterapi.client.exceptions`.
    """
    httpx = sys.modules.get("httpx")
    if httpx is None:
        return cls
    names = next((_HTTPX_NAMES[c.__name__] for c in cls.__mro__ if c.__name__ in _HTTPX_NAMES), ())
    # While httpx is being imported some of its names are not there yet.
    parents = tuple(parent for name in names if isinstance(parent := getattr(httpx, name, None), type))
    known: Any = cls  # hashable, which mypy denies of classes of exceptions
    twin: type[E] = _twin(known, parents) if parents else cls
    return twin


def status_error(response: Any, message: str) -> BaseException | None:
    """The `httpx.HTTPStatusError` that 0.5.0 chained to its errors as `__cause__`; `None` without httpx.

    Args:
        response: Becomes its `response`, and `response.request` its `request`.
        message: Its text.
    """
    cls = getattr(sys.modules.get("httpx"), "HTTPStatusError", None)
    if cls is None:
        return None
    error: BaseException = cls(message, request=response.request, response=response)
    return error


@cache
def _twin(cls: Any, parents: tuple[type, ...]) -> Any:
    names = {
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__reduce__": lambda error: (_restored, (cls, error.args), error.__dict__),
    }
    return type(cls.__name__, (cls, *parents), names)


def _restored(cls: type[E], args: tuple[Any, ...]) -> E:
    """An error from a pickle, which goes by the plain class: the reader may not have httpx."""
    return raised_class(cls)(*args)
