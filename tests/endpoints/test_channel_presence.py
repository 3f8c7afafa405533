"""`mark_read`, and typing while something runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Status
from matterapi.testing.http.request_log import RecordedRequest

ROUTE = "POST /api/v4/users/{user_id}/typing"


async def test_a_channel_is_read(client: Any, server: MattermostServer) -> None:
    bob = server.create_user("bob")
    channel_id = server.factory.channel(members=[bob["id"]])["id"]
    server.factory.posts(channel_id, 3, authors=[bob["id"]])
    assert (await client.channels.get_channel_unread("me", channel_id)).msg_count == 3
    await client.channels.mark_read(channel_id)
    assert (await client.channels.get_channel_unread("me", channel_id)).msg_count == 0


class Said:
    """What a server has heard of typing, as it comes."""

    def __init__(self) -> None:
        self.queue: Queue[Any] = Queue()

    def note(self, request: RecordedRequest) -> None:
        if request.path.endswith("/typing"):
            self.queue.put(request)

    async def times(self, number: int) -> list[Any]:
        return [(await asyncio.to_thread(self.queue.get, timeout=30)).json for _ in range(number)]


def still_typing() -> list[object]:
    """The threads and tasks that say that somebody types."""
    threads = [thread for thread in threading.enumerate() if thread.name == "typing"]
    return [*threads, *(task for task in asyncio.all_tasks() if task.get_name() == "typing")]


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
def server(said: Said) -> Iterator[MattermostServer]:
    with MattermostServer(on_request=said.note) as running:
        yield running


async def test_typing_is_said_again_until_the_block_is_left(
    client: Any, server: MattermostServer, said: Said
) -> None:
    channel_id = server.factory.channel()["id"]
    [root] = server.factory.posts(channel_id)
    body = {"channel_id": channel_id, "parent_id": root["id"]}
    async with client.channels.typing(channel_id, root_id=root["id"], interval=0.01):
        assert await said.times(3) == [body] * 3
    told = len(server.requests.matching(ROUTE))
    assert still_typing() == []
    await client.users.get_user("me")
    assert len(server.requests.matching(ROUTE)) == told


async def test_the_first_time_is_when_the_block_is_entered(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    async with client.channels.typing(channel_id):
        server.requests.assert_requested(ROUTE, json={"channel_id": channel_id}, times=1)


async def test_an_exception_of_the_block_ends_it_and_goes_on(client: Any, server: MattermostServer) -> None:
    channel_id = server.factory.channel()["id"]
    with pytest.raises(KeyError):
        async with client.channels.typing(channel_id, interval=0.01):
            raise KeyError
    assert still_typing() == []


async def test_a_refusal_at_first_is_raised_and_one_later_is_not(
    client: Any, server: MattermostServer, said: Said
) -> None:
    with pytest.raises(exceptions.NotEnoughPermissions):
        async with client.channels.typing("a" * 26):
            raise AssertionError
    channel_id = server.factory.channel()["id"]
    async with client.channels.typing(channel_id, interval=0.01):
        with server.faults.add(Status(500), route=ROUTE, times=2) as rule:
            await said.times(6)
        assert len(rule.fired) == 2


async def test_an_interval_that_is_none_is_refused(client: Any) -> None:
    with pytest.raises(exceptions.InvalidRequest, match="interval"):
        async with client.channels.typing("a" * 26, interval=0):
            raise AssertionError
