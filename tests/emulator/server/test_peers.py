"""Clients of other authors log in, post, list and receive events on the server."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import mattermostautodriver
import mattermostautodriver.websocket
import mattermostdriver
import mattermostdriver.websocket
import pytest

from tests.support.httpx_apart import forget_httpx

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

# Theirs: the old interfaces of the libraries that they use.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


forget_httpx()


@pytest.fixture(autouse=True)
def _without_httpx() -> Iterator[None]:
    yield
    # One of them imports it, and our errors are of httpx's classes too where somebody has.
    forget_httpx()


@pytest.mark.parametrize("package", [mattermostdriver, mattermostautodriver], ids=["driver", "autodriver"])
def test_a_peer_logs_in_posts_lists_and_hears_of_it(server: MattermostServer, package: Any) -> None:
    use(server, package)
    # They leave sockets open; what is said of it is to be said within this test.
    gc.collect()


def use(server: MattermostServer, package: Any) -> None:
    channel_id = server.factory.channel()["id"]
    options = {
        "url": "127.0.0.1",
        "port": server.port,
        "scheme": "http",
        "login_id": server.admin.username,
        "password": server.admin.password,
    }
    kind = package.Driver if package is mattermostdriver else package.TypedDriver
    driver = kind(options)
    driver.login()
    body = {"channel_id": channel_id, "message": "from a peer"}

    def post() -> Any:
        if package is mattermostdriver:
            return driver.posts.create_post(body)
        return driver.posts.create_post(**body)

    made = post()
    listed = driver.posts.get_posts_for_channel(channel_id)
    assert listed["posts"][made["id"]]["message"] == "from a peer"
    heard: list[Any] = []
    socket = package.websocket.Websocket(driver.options, driver.client.token)

    async def handler(message: Any) -> None:
        event = json.loads(message)
        heard.append(event.get("event"))
        if event.get("event") == "hello":
            await asyncio.to_thread(post)
        if event.get("event") == "posted":
            socket.disconnect()

    asyncio.run(asyncio.wait_for(socket.connect(handler), 20))
    assert heard[0] == "hello"
    assert "posted" in heard
    driver.logout()
