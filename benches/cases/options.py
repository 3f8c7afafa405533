"""The options of our client and of 0.5.0's, which take the same."""

from __future__ import annotations

from typing import Any

from benches.cases.measure import trusted
from matterapi import ApiClientOptions


def options(url: str) -> ApiClientOptions:
    """A token, and whom to trust if the server speaks TLS."""
    given: dict[str, Any] = {"url": url, "auth": {"token": "bench"}}
    if path := trusted():
        given["httpx_client_options"] = {"verify": path}
    return ApiClientOptions.model_validate(given)
