"""Options and the clients' parent under the import path that 0.5.0 gave them."""

from __future__ import annotations

from .base_client import BaseClient
from .http_options import HttpxClientOptions
from .options import ApiClientOptions, AuthLogin, AuthToken
from .timeouts import Limits, Timeout

__all__ = [
    "ApiClientOptions",
    "AuthLogin",
    "AuthToken",
    "BaseClient",
    "HttpxClientOptions",
    "Limits",
    "Timeout",
]
