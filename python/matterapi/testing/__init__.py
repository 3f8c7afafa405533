"""A Mattermost server inside the test process.

`MattermostServer` listens on a real port of 127.0.0.1, keeps its state in memory and speaks the REST and
websocket protocols of a Mattermost server. It is an implementation of its own: it shares no code with the
client, so that a mistake on one side cannot hide behind the same mistake on the other.

Needs the extra ``matterapi[testing]`` (aiohttp, msgpack, trustme).
"""

try:
    import aiohttp as _aiohttp
    import msgpack as _msgpack
    import trustme as _trustme
except ImportError as _missing:
    raise ImportError(
        f"matterapi.testing needs the package {_missing.name!r}: pip install matterapi[testing]",
        name=_missing.name,
    ) from _missing

from .errors import AppError
from .server import Admin, MattermostServer

__all__ = ["Admin", "AppError", "MattermostServer"]

del _aiohttp, _msgpack, _trustme
