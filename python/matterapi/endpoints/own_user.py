"""The client's own user, asked for once: what `client.users` offers beside the server's own operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.models.shared import User

from .base import AsyncApi, SyncApi
from .operations import users as op
from .steps import call

if TYPE_CHECKING:
    from matterapi.calls.sender import Sender


def own_user(sender: Sender, refresh: bool = False) -> Script[User]:
    """The user of the session: as he is known, or as the server knows him."""
    known = None if refresh else sender.own_user.get(sender.session)
    if isinstance(known, User):
        return known
    user = yield from call(op.GET_USER, user_id="me")
    # The call itself may have logged in.
    sender.own_user.keep(sender.session, user)
    return user


class SyncOwnUser(SyncApi):
    """The own user of the sync client."""

    def me(self, *, refresh: bool = False) -> User:
        """The user that this client is logged in as.

        The server is asked once for each session; after a login the user is asked for anew. The views of a
        client know him too. All callers are given the same object.

        Args:
            refresh: Ask the server in any case.

        Raises:
            ApiError: The server refused.
        """
        return script.run(self.client.sender, own_user(self.client.sender, refresh))


class AsyncOwnUser(AsyncApi):
    """The own user of the async client."""

    async def me(self, *, refresh: bool = False) -> User:
        """As `SyncOwnUser.me`."""
        return await script.wait(self.client.sender, own_user(self.client.sender, refresh))
