"""The posts of a channel: what `client.posts` offers beside the server's own operations."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from matterapi.models.posts import Post

from .base import AsyncApi, SyncApi
from .operations import posts as op

if TYPE_CHECKING:
    from matterapi.calls.page_plans import Listed
    from matterapi.calls.pages import AsyncPageIterator, PageIterator
    from matterapi.calls.paging import Walk


def _walk(
    channel_id: str,
    span: dict[str, Any],
    newest_first: bool,
    limit: int | None,
    per_page: int | None,
) -> tuple[Listed, Walk]:
    # Here, because most programs call more than they iterate.
    from matterapi.calls.channel_walk import Span, walk  # noqa: PLC0415
    from matterapi.calls.page_plans import Listed, PagePlan, page_size  # noqa: PLC0415

    plan = PagePlan()
    route = op.GET_POSTS_FOR_CHANNEL
    values = {"channel_id": channel_id, "skipFetchThreads": True}
    size = page_size(route, plan.most, limit, per_page)
    return Listed(route, plan, limit, per_page, values), walk(Span(**span), newest_first, size)


class SyncChannelPosts(SyncApi):
    """The posts of a channel, of the sync client."""

    def iter_channel(
        self,
        channel_id: str,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | datetime | None = None,
        until: int | datetime | None = None,
        newest_first: bool = True,
        per_page: int | None = None,
        limit: int | None = None,
    ) -> PageIterator[Post]:
        """All posts of a channel, replies too, each once, by the time of their creation.

        Beside `get_posts_for_channel`. Complete whatever number of posts has one millisecond, also while
        posts are written and deleted. A post that is there from the begin of the walk to its end comes
        exactly once, as it was when its page came; one that is written or deleted meanwhile comes once or
        not at all. Deleted posts are left out. Posts of the same millisecond come by id.

        `since` and `until` look at the time at which a post was written, unlike `since` of
        `get_posts_for_channel`, of which the server answers at most 1,000 of all changes: edits and
        deletions of older posts are not here.

        Args:
            channel_id: Id of the channel (26 characters).
            after: Only posts written later than this post (its id); others of its millisecond are left out.
            before: Only posts written earlier than this post (its id); others of its millisecond are left
                out.
            since: Only posts written at this time or later: milliseconds since 1970, or a `datetime`
                (without a zone it is local time).
            until: Only posts written before this time.
            newest_first: False for the oldest first. The server lists that way behind a post only: without
                `after` its place in the channel is searched for first, with some small requests.
            per_page: Posts asked for at once, at most 200, which is the default.
            limit: The most posts to give.
        """
        span = {"after": after, "before": before, "since": since, "until": until}
        return self._walked(*_walk(channel_id, span, newest_first, limit, per_page))


class AsyncChannelPosts(AsyncApi):
    """The posts of a channel, of the async client."""

    def iter_channel(
        self,
        channel_id: str,
        *,
        after: str | None = None,
        before: str | None = None,
        since: int | datetime | None = None,
        until: int | datetime | None = None,
        newest_first: bool = True,
        per_page: int | None = None,
        limit: int | None = None,
    ) -> AsyncPageIterator[Post]:
        """As `SyncChannelPosts.iter_channel`, for `async for`."""
        span = {"after": after, "before": before, "since": since, "until": until}
        return self._walked(*_walk(channel_id, span, newest_first, limit, per_page))
