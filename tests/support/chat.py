"""A chat to listen to: an embedded server, an admin who writes, and a member who listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matterapi import SyncClient
from matterapi.models import Post
from matterapi.testing import MattermostServer
from matterapi.testing.faults import Status
from tests.support.faces import make_client

UPGRADE = "GET /api/v4/websocket"


class Chat:
    """Two channels of a server.

    Args:
        server: The server.
        kind: The kind of the member's clients: `sync` or `async`.

    Attributes:
        kind: See above.
        channel_id: The one that is mostly written in.
        other_channel_id: The other one.
        user_id: The member.
        admin: Who writes.
        auth: The member's credentials.
    """

    def __init__(self, server: MattermostServer, kind: str) -> None:
        self.server = server
        self.kind = kind
        self.user_id = str(server.create_user("ann")["id"])
        self.auth = {"token": server.create_session(self.user_id)}
        self.channel_id, self.other_channel_id = self._channel("one"), self._channel("two")
        # So that what made them lies before all that streams look at.
        server.clock.advance(60_000)
        self.admin = SyncClient(options={"url": server.url, "auth": {"token": server.admin.token}})

    def listener(self, **options: Any) -> Any:
        """A client of the member, with the methods of the async one."""
        return make_client(self.kind, self.server.url, self.auth, ws_reconnect_wait_time=0, **options)

    def write(self, message: str, channel_id: str | None = None) -> Post:
        body = {"channel_id": channel_id or self.channel_id, "message": message}
        return self.admin.posts.create_post(json_body=body)

    def edit(self, post: Post, message: str) -> None:
        self.admin.posts.update_post(str(post.id), json_body={"id": str(post.id), "message": message})

    def delete(self, post: Post) -> None:
        self.admin.posts.delete_post(str(post.id))

    def post(self, post_id: str) -> Post:
        """A post as REST has it now."""
        return self.admin.posts.get_post(post_id)

    def _channel(self, name: str) -> str:
        return str(self.server.factory.channel(name, members=[self.user_id])["id"])

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Cut all websockets; in the block none can be opened, so that what is done in it is missed."""
        with self.server.faults.add(Status(503), route=UPGRADE):
            self.server.restart_sockets()
            yield
