"""Sends a direct message to everybody in a team, many at once: python fan_out.py <team> <text>.

MATTERMOST_URL and MATTERMOST_TOKEN say where and as whom. The client keeps to the server's rate limit by
itself; here it makes at most 20 calls a second, so that others have room.
"""

from __future__ import annotations

import asyncio
import sys

from matterapi import AsyncClient
from matterapi.exceptions import MatterapiError
from matterapi.models import User


async def tell(client: AsyncClient, me: User, user: User, text: str, turn: asyncio.Semaphore) -> bool:
    """Write to one user; returns whether it worked."""
    async with turn:
        try:
            channel = await client.channels.create_direct_channel(json_body=[me.id, user.id])
            await client.posts.create_post(channel_id=channel.id, message=text)
        except MatterapiError as error:
            print(f"{user.username}: {error}", file=sys.stderr)
            return False
    return True


async def main(team_name: str, text: str) -> None:
    async with AsyncClient.from_env(options={"max_calls_per_second": 20}) as client:
        me = await client.users.get_user("me")
        team = await client.teams.get_team_by_name(team_name)
        turn = asyncio.Semaphore(10)
        tasks = [
            asyncio.create_task(tell(client, me, user, text, turn))
            async for user in client.users.iter_users(in_team=team.id, active=True)
            if user.id != me.id and not user.is_bot
        ]
        done = await asyncio.gather(*tasks)
        print(f"told {sum(done)} of {len(done)}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
