"""Being in a channel: what `client.channels` offers beside the server's own operations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.calls.sender import logger
from matterapi.errors.exceptions import InvalidRequest, MatterapiError

from .base import AsyncApi, SyncApi
from .operations import channels as op
from .steps import call

if TYPE_CHECKING:
    from matterapi.calls.async_sender import AsyncSender
    from matterapi.calls.sync_sender import SyncSender

_INTERVAL = 4.0
_PATIENCE = 5.0
"""Seconds for each phase of a call that only says "typing" once more: leaving waits for the one under way."""


def _mark_read(channel_id: str) -> Script[None]:
    yield from call(op.VIEW_CHANNEL, {"channel_id": channel_id}, user_id="me")


def _say(channel_id: str, root_id: str | None) -> Script[None]:
    # Here, because who uses one group shall not load the models of others.
    from .operations import users as users_op  # noqa: PLC0415

    body = {"channel_id": channel_id, **({"parent_id": root_id} if root_id else {})}
    yield from call(users_op.PUBLISH_USER_TYPING, body, user_id="me")


def _say_again(channel_id: str, root_id: str | None) -> Script[None]:
    """The same for the times after the first, whose failure is no reason to end the work."""
    try:
        yield from _say(channel_id, root_id)
    except MatterapiError as error:
        logger.info("could not say that the user is typing: %s", error)


def _check(interval: float) -> None:
    if not interval > 0:
        raise InvalidRequest(f"the interval is {interval!r} and not a number of seconds")


class SyncChannelPresence(SyncApi):
    """Being in a channel with the sync client."""

    def mark_read(self, channel_id: str) -> None:
        """Mark all of a channel as read by the own user, also on his other devices.

        Args:
            channel_id: Id of the channel (26 characters).

        Raises:
            ApiError: The server refused.
        """
        script.run(self.client.sender, _mark_read(channel_id))

    @contextmanager
    def typing(
        self, channel_id: str, *, root_id: str | None = None, interval: float = _INTERVAL
    ) -> Iterator[None]:
        """Show the own user as typing in a channel, until the block is left or he writes.

            with client.channels.typing(channel_id):
                answer = work_for_a_while()

        The others are told when the block is entered, and every few seconds after that by a thread. When
        they hear nothing more, their clients stop to show it after 5 seconds (by default:
        TimeBetweenUserTypingUpdatesMilliseconds in model/config.go).

        Args:
            channel_id: Id of the channel (26 characters).
            root_id: Id of the post in whose thread he types.
            interval: Seconds between two times.

        Raises:
            ApiError: The server refused the first time. Later failures are logged, and it goes on.
            InvalidRequest: `interval` is not positive.
        """
        _check(interval)
        sender = self.client.sender
        script.run(sender, _say(channel_id, root_id))
        left = Event()
        again = sender.changed(timeout=_PATIENCE, retries=0)
        # No daemon: at the end of the program it must not be stopped within a call.
        thread = Thread(target=_repeat, args=(again, channel_id, root_id, interval, left), name="typing")
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join()


class AsyncChannelPresence(AsyncApi):
    """Being in a channel with the async client."""

    async def mark_read(self, channel_id: str) -> None:
        """As `SyncChannelPresence.mark_read`."""
        await script.wait(self.client.sender, _mark_read(channel_id))

    @asynccontextmanager
    async def typing(
        self, channel_id: str, *, root_id: str | None = None, interval: float = _INTERVAL
    ) -> AsyncIterator[None]:
        """As `SyncChannelPresence.typing`, for `async with`; a task of the running loop repeats it."""
        import asyncio  # noqa: PLC0415 - programs without a loop need none

        _check(interval)
        sender = self.client.sender
        await script.wait(sender, _say(channel_id, root_id))
        again = sender.changed(timeout=_PATIENCE, retries=0)
        task = asyncio.create_task(_repeat_async(again, channel_id, root_id, interval), name="typing")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


def _repeat(sender: SyncSender, channel_id: str, root_id: str | None, interval: float, left: Event) -> None:
    while not left.wait(interval):
        script.run(sender, _say_again(channel_id, root_id))


async def _repeat_async(sender: AsyncSender, channel_id: str, root_id: str | None, interval: float) -> None:
    import asyncio  # noqa: PLC0415 - programs without a loop need none

    while True:
        await asyncio.sleep(interval)
        await script.wait(sender, _say_again(channel_id, root_id))
