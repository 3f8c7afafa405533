"""Meets a JSON text of which much is made, in a process of its own; prints what it ended in, then the growth.

`python -m tests.attacks.json_bomb KIND URL CALL MAX_DECODED_SIZE`, the last 0 for no limit.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.client.exceptions import MatterapiError
from tests.support.memory import peak

CALLS: dict[str, Callable[[Any], Any]] = {
    "users": lambda client: client.users.get_users(),
    "posts": lambda client: client.posts.get_posts_for_channel("c1"),
    "teams": lambda client: client.teams.get_all_teams(),
    "configuration": lambda client: client.system.get_config(),
    "map": lambda client: client.users.get_users_by_group_channel_ids(json_body=["c1"]),
    "members": lambda client: client.channels.get_channel_members("c1"),
    "memberships": lambda client: client.users.get_channel_members_with_team_data_for_user("me", page=-1),
}


async def run(kind: str, url: str, call: str, most: str) -> int:
    options = {
        "url": url,
        "auth": {"token": "t" * 26},
        "retries": 0,
        "max_decoded_size": int(most) or None,
        # A small machine has no time to lose, but a busy one has.
        "httpx_client_options": {"timeout": None},
    }
    client: Any = SyncClient(options=options) if kind == "sync" else AsyncClient(options=options)
    try:
        # What is built on first use is not the bomb's.
        await _done(CALLS[call](client))
    except MatterapiError as error:
        print(type(error).__name__)
    before = peak()
    try:
        print("values", type(await _done(CALLS[call](client))).__name__)
    except MatterapiError as error:
        print(type(error).__name__, error)
    except MemoryError:
        print("MemoryError")
    return peak() - before


async def _done(started: Any) -> Any:
    return await started if inspect.isawaitable(started) else started


if __name__ == "__main__":
    print(asyncio.run(run(*sys.argv[1:])))
