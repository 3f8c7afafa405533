"""What the facts about slash commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Answer, Http

EXECUTE = "api.command.execute_command"


def run_command(user: Http, channel: Any, command: str, **fields: Any) -> Answer:
    """Execute a line in a channel."""
    return user.post("/commands/execute", {"channel_id": channel["id"], "command": command, **fields})


def newest_post(user: Http, channel: Any) -> Any:
    """Return the channel's last post."""
    listed = user.get(f"/channels/{channel['id']}/posts?per_page=1").json
    return listed["posts"][listed["order"][0]]
