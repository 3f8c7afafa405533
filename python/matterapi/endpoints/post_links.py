"""Links to posts: what `client.posts` offers beside the server's own operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.models.posts import Post

from .base import ApiBaseClass, AsyncApi, SyncApi
from .links import read_link
from .operations import posts as op
from .steps import call, refuse

if TYPE_CHECKING:
    from matterapi.calls.sender import Sender
    from matterapi.models.teams import Team


def _get_by_link(sender: Sender, link: str) -> Script[Post]:
    found = yield from read_link(link, str(sender.options.url), op.GET_POST)
    if not found.post:
        raise refuse(f"the link {link!r} leads to no post", op.GET_POST)
    return (yield from call(op.GET_POST, post_id=found.post))


class _Permalinks(ApiBaseClass):
    """Links are made without a call: they are the same for both clients."""

    def permalink(self, post: Post | str, team: Team | str | None = None, *, site: str | None = None) -> str:
        """The link to a post, for people; made on the spot, without a call.

        Args:
            post: The post, or its id.
            team: Its team, or the name of it. Without one the link leads to the team that its reader is in.
                The server shows a preview of either (looksLikeAPermalink, app/post_metadata.go).
            site: Address of the server as people see it, where that is not the URL of this client.

        Raises:
            InvalidRequest: The client speaks to a local socket, and no `site` was given.
        """
        server = (site or str(self.client.options.url)).rstrip("/")
        if "://" not in server or server.startswith("unix:"):
            raise refuse(
                f"there are no links below {server!r}: say the server's address in site", op.GET_POST
            )
        place = (team if isinstance(team, str) or team is None else team.name) or "_redirect"
        return f"{server}/{place}/pl/{post.id if isinstance(post, Post) else post}"


class SyncPostLinks(_Permalinks, SyncApi):
    """Links to posts of the sync client."""

    def get_by_link(self, link: str) -> Post:
        """The post that a link leads to, as people copy it.

        Args:
            link: A permalink, or a link to a thread. It may begin with the client's URL or with the address
                that the server's users see (SiteURL), which takes a call more.

        Raises:
            InvalidRequest: The link is not one of this server, or leads to no post.
            ApiError: The server refused: there is no such post, or it may not be read.
        """
        return script.run(self.client.sender, _get_by_link(self.client.sender, link))


class AsyncPostLinks(_Permalinks, AsyncApi):
    """Links to posts of the async client."""

    async def get_by_link(self, link: str) -> Post:
        """As `SyncPostLinks.get_by_link`."""
        return await script.wait(self.client.sender, _get_by_link(self.client.sender, link))
