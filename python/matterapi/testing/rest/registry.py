"""The operations that have code of their own; all others are answered from the catalogue.

A handler is a function with the decorator `operation`, in any module below this folder: it is found there,
and nothing else has to name it.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from typing import TypeAlias

from matterapi.testing import rest
from matterapi.testing.http.response import Response

from .call import Call

# A handler that asks a program outside is a coroutine function.
Handler: TypeAlias = Callable[[Call], Response | Awaitable[Response]]

_HANDLERS: dict[str, Handler] = {}


def operation(*operation_ids: str) -> Callable[[Handler], Handler]:
    """Register the decorated function as the handler of one or more operations.

    Args:
        *operation_ids: Ids as in the catalogue, e.g. `GetUser`.

    Raises:
        ValueError: One of them has a handler already.
    """

    def register(handler: Handler) -> Handler:
        for operation_id in operation_ids:
            if operation_id in _HANDLERS:
                raise ValueError(f"two handlers for {operation_id}")
            _HANDLERS[operation_id] = handler
        return handler

    return register


@cache
def handlers() -> Mapping[str, Handler]:
    """Return the handlers by operation id; the first call imports every module of this folder."""
    for module in walk_packages(rest.__path__, f"{rest.__name__}."):
        import_module(module.name)
    return _HANDLERS
