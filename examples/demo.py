"""The main job against the embedded server, once with each client, and a stream of events that is cut.

Prints the user, the team, the channel, the two uploaded files, the post, and the events they caused; then how
many posts came although the connection of their stream was cut again and again.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from matterapi import AsyncClient, SyncClient
from matterapi.events import Posted
from matterapi.models import CreateChannelJsonBody, CreatePostJsonBody, CreateTeamJsonBody
from matterapi.testing import MattermostServer


class Finished(Exception):
    """Raised by the handler to end `start_ws`, which would listen for ever."""


class Listener:
    """Collects events until the post of the demo has come."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.events: list[dict[str, Any]] = []
        self.ready = threading.Event()

    def __call__(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        # The first event is our own new status: from here on, the server knows that we listen.
        self.ready.set()
        if event["event"] == "posted" and self.message in event["data"]["post"]:
            raise Finished

    def show(self) -> None:
        for event in self.events:
            print(f"  event    {event['seq']:>2}  {event['event']}")


def new_user(server: MattermostServer, name: str) -> dict[str, Any]:
    """Options of a client for a new account."""
    admin = SyncClient(options={"url": server.url, "auth": {"token": server.admin.token}})
    account = {"username": name, "email": f"{name}@example.org", "password": "Demo-Password-1"}
    admin.users.create_user(json_body=account)
    auth = {"login_id": name, "password": account["password"]}
    # One event after the other, and the handler's exception ends the listening.
    return {"url": server.url, "auth": auth, "ws_concurrent": False}


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
    listener = Listener("hello from sync")

    def listen() -> None:
        with suppress(Finished):
            client.start_ws_sync(listener)

    thread = threading.Thread(target=listen)
    thread.start()
    listener.ready.wait(30)
    with client.session() as s:
        user = s.users.get_user("me")
        team = s.teams.create_team(
            json_body=CreateTeamJsonBody(name="sync", display_name="Sync team", type="O")
        )
        channel = s.channels.create_channel(
            json_body=CreateChannelJsonBody(team_id=team.id, name="demo", display_name="Demo", type="O")
        )
        files = s.files.upload(channel.id, *paths)
        post = s.posts.create_post(
            json_body=CreatePostJsonBody(
                channel_id=channel.id, message="hello from sync", file_ids=[file.id for file in files]
            )
        )
    thread.join(30)
    show(user, team, channel, files, post)
    listener.show()


async def run_async(options: dict[str, Any], paths: list[Path]) -> None:
    print("AsyncClient")
    client = AsyncClient(options=options)
    listener = Listener("hello from async")
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
    with suppress(Finished):
        await asyncio.wait_for(stream, 30)
    show(user, team, channel, files, post)
    listener.show()


def run_with_cuts(server: MattermostServer, options: dict[str, Any]) -> None:
    print("A stream that is cut")
    logging.basicConfig(format="  log      %(message)s", stream=sys.stdout)
    client = SyncClient(options={**options, "ws_reconnect_wait_time": 1})
    channel = server.factory.channel("cuts", members=[client.users.get_user("me").id])
    with client.events(Posted, channels=[channel["id"]]) as stream:
        stream.ready(timeout=30)
        written: list[str] = []
        for number in range(1, 31):
            if number % 10 == 0:
                server.restart_sockets()
            body = CreatePostJsonBody(channel_id=channel["id"], message=f"number {number}")
            written.append(client.posts.create_post(json_body=body).id)
        came: list[Posted] = []
        while len(came) < len(written) and (event := stream.wait(timeout=30)):
            came.append(event)
    lost = set(written) - {event.post.id for event in came}
    recovered = sum(event.recovered for event in came)
    print(f"  written {len(written)}, cuts 3")
    print(f"  came    {len(came)}, of them over REST {recovered}; lost {len(lost)}")


def main() -> None:
    with MattermostServer() as server, tempfile.TemporaryDirectory() as folder:
        print(f"Embedded Mattermost at {server.url}")
        paths = pictures(Path(folder))
        run_sync(new_user(server, "sam"), paths)
        asyncio.run(run_async(new_user(server, "ada"), paths))
        run_with_cuts(server, new_user(server, "eve"))


if __name__ == "__main__":
    main()
