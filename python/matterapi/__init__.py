"""A client for Mattermost chat servers: typed, sync and async, with websocket events.

    from matterapi import SyncClient

    client = SyncClient("https://chat.example.com", token="...")
    print(client.users.get_user("me").username)

Nothing is loaded before it is used: importing this package costs little.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matterapi import bodies as bodies
    from matterapi import client as client
    from matterapi import endpoints as endpoints
    from matterapi import enums as enums
    from matterapi import models as models
    from matterapi import types as types
    from matterapi.calls.pages import AsyncPageIterator, PageIterator
    from matterapi.client.async_client import AsyncClient
    from matterapi.client.sync_client import SyncClient
    from matterapi.http.response import Response
    from matterapi.options.client import ApiClientOptions

    from . import exceptions as exceptions

    __version__: str

__all__ = [
    "ApiClientOptions",
    "AsyncClient",
    "AsyncPageIterator",
    "PageIterator",
    "Response",
    "SyncClient",
    "exceptions",
]

_EXPORTS = {
    "ApiClientOptions": ("matterapi.options.client", "ApiClientOptions"),
    "AsyncClient": ("matterapi.client.async_client", "AsyncClient"),
    "AsyncPageIterator": ("matterapi.calls.pages", "AsyncPageIterator"),
    "PageIterator": ("matterapi.calls.pages", "PageIterator"),
    "Response": ("matterapi.response", "Response"),
    "SyncClient": ("matterapi.client.sync_client", "SyncClient"),
    "__version__": ("matterapi._core", "VERSION"),
}
_MODULES = {
    "bodies": "matterapi.bodies",
    "client": "matterapi.client",
    "endpoints": "matterapi.endpoints",
    "enums": "matterapi.enums",
    "exceptions": "matterapi.exceptions",
    "models": "matterapi.models",
    "types": "matterapi.types",
}


def _refuse_subinterpreters() -> None:
    # The core belongs to the first interpreter that loads it: a subinterpreter must not even try.
    for name in ("_interpreters", "_xxsubinterpreters"):  # Python 3.13 and newer; older
        try:
            interpreters: Any = import_module(name)
        except ImportError:
            continue
        if interpreters.get_current() != interpreters.get_main():
            raise ImportError(
                "matterapi cannot be used in a subinterpreter: import it in the main one "
                "(under mod_wsgi: WSGIApplicationGroup %{GLOBAL})"
            )
        return


_refuse_subinterpreters()


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        value: Any = import_module(_MODULES[name])
    elif name in _EXPORTS:
        module, attribute = _EXPORTS[name]
        value = getattr(import_module(module), attribute)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS, *_MODULES})
