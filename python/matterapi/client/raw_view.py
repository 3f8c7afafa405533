"""What `client.with_raw_response` has of its client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matterapi.options.client import ApiClientOptions


class RawView:
    """Parent of the groups of `client.with_raw_response`, which share login, connections and rate limit.

    Args:
        client: The client, be it a view by `with_options`.
    """

    options: ApiClientOptions
    sender: Any

    def __init__(self, client: Any) -> None:
        self.options = client.options
        self.sender = client.sender

    def __repr__(self) -> str:
        return f"<raw responses of {self.options.url}>"
