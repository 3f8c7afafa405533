"""The raw answer of the server, under the import path that it always had."""

from .errors import from_response as _from_response  # noqa: F401 - `Response.raise_for_status` raises them
from .http.api_response import ApiResponse
from .http.response import Response

__all__ = ["ApiResponse", "Response"]
