"""The main job against the embedded server, once with each client.

Prints the user, the team, the channel, the two uploaded files, the post, and the events they caused.
"""

from __future__ import annotations

import asyncio
import tempfile
import threading
from pathlib import Path
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.models import CreateChannelJsonBody, CreatePostJsonBody, CreateTeamJsonBody
from matterapi.testing import MattermostServer


class Listener:
    """Collects events until the one that ends the demo has come."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.ready = threading.Event()
        self.done = threading.Event()

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        # The first event is about ourselves: from here on, the server knows that we listen.
        self.ready.set()
        if event["event"] == "posted":
            self.done.set()

    def show(self) -> None:
        for event in self.events:
            print(f"  event    {event['seq']:>2}  {event['event']}")


def pictures(folder: Path) -> list[Path]:
    paths = [folder / "first.png", folder / "second.png"]
    for path in paths:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + path.name.encode())
    return paths


def show(user: Any, team: Any, channel: Any, files: Any, post: Any) -> None:
    print(f"  user     {user.username} ({user.id})")
    print(f"  team     {team.display_name} ({team.id})")
    print(f"  channel  {channel.display_name} ({channel.id})")
    for file in files:
        print(f"  file     {file.name}, {file.size} bytes ({file.id})")
    print(f"  post     {post.message!r} at {post.create_at} with {len(post.file_ids)} files ({post.id})")


def run_sync(options: dict[str, Any], paths: list[Path]) -> None:
    print("SyncClient")
    client = SyncClient(options=options)
    listener = Listener()
    threading.Thread(target=client.start_ws_sync, args=(listener,), daemon=True).start()
    listener.ready.wait(30)
    with client.session() as s:
        user = s.users.get_user("me")
        team = s.teams.create_team(json_body=CreateTeamJsonBody(name="sync", display_name="Sync team", type="O"))
        channel = s.channels.create_channel(
            json_body=CreateChannelJsonBody(team_id=team.id, name="demo", display_name="Demo", type="O")
        )
        files = s.files.upload(channel.id, *paths)
        post = s.posts.create_post(
            json_body=CreatePostJsonBody(
                channel_id=channel.id, message="hello from sync", file_ids=[file.id for file in files]
            )
        )
    listener.done.wait(30)
    show(user, team, channel, files, post)
    listener.show()


async def run_async(options: dict[str, Any], paths: list[Path]) -> None:
    print("AsyncClient")
    client = AsyncClient(options=options)
    listener = Listener()
    stream = asyncio.create_task(client.start_ws(listener))
    await asyncio.to_thread(listener.ready.wait, 30)
    async with client.session() as s:
        user = await s.users.get_user("me")
        team = await s.teams.create_team(
            json_body=CreateTeamJsonBody(name="async", display_name="Async team", type="O")
        )
        channel = await s.channels.create_channel(
            json_body=CreateChannelJsonBody(team_id=team.id, name="demo", display_name="Demo", type="O")
        )
        files = await s.files.upload(channel.id, *paths)
        post = await s.posts.create_post(
            json_body=CreatePostJsonBody(
                channel_id=channel.id, message="hello from async", file_ids=[file.id for file in files]
            )
        )
    await asyncio.to_thread(listener.done.wait, 30)
    stream.cancel()
    show(user, team, channel, files, post)
    listener.show()


def main() -> None:
    with MattermostServer() as server, tempfile.TemporaryDirectory() as folder:
        print(f"Embedded Mattermost at {server.url}")
        auth = {"login_id": server.admin.username, "password": server.admin.password}
        options = {"url": server.url, "auth": auth}
        paths = pictures(Path(folder))
        run_sync(options, paths)
        asyncio.run(run_async(options, paths))


if __name__ == "__main__":
    main()
