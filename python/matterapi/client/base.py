"""The options under the import path that 0.5.0 gave them."""

from __future__ import annotations

from .http_options import HttpxClientOptions, Timeout
from .options import ApiClientOptions, AuthLogin, AuthToken

__all__ = ["ApiClientOptions", "AuthLogin", "AuthToken", "HttpxClientOptions", "Timeout"]
