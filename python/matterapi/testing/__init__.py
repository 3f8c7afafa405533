"""A Mattermost server inside the test process.

`MattermostServer` listens on a real port of 127.0.0.1, keeps its state in memory and speaks the REST and
websocket protocols of a Mattermost server. It is an implementation of its own: it shares no code with the
client, so that a mistake on one side cannot hide behind the same mistake on the other.

Needs the extra `matterapi[testing]` (aiohttp, msgpack, trustme).
"""

from matterapi.testing import _requirements as _requirements

from .http.errors import AppError
from .server.mattermost import Admin, MattermostServer

__all__ = ["Admin", "AppError", "MattermostServer"]
