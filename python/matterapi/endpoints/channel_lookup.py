"""Channels by whatever names them: what `client.channels` offers beside the server's own operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.models.channels import Channel

from .base import AsyncApi, SyncApi
from .links import Link, is_link, read_link
from .operations import channels as op
from .steps import call, is_id, refuse

if TYPE_CHECKING:
    from matterapi.calls.sender import Sender
    from matterapi.models.shared import User
    from matterapi.models.teams import Team

TeamReference: TypeAlias = "str | Team"
"""A team: its id, its name or a link to it as text, or the team itself."""

UserReference: TypeAlias = "str | User"
"""A user: his id or his name, with or without `@`, as text, or the user himself."""


def find_channel(sender: Sender, channel: str, team: TeamReference | None) -> Script[Channel]:
    """The channel that a text names."""
    link: Link | None = None
    if is_link(channel):
        link = yield from read_link(channel, str(sender.options.url), op.GET_CHANNEL)
        if not link.channel:
            raise refuse(f"the link {channel!r} names no channel", op.GET_CHANNEL)
    name = link.channel if link else channel
    if name.startswith("@"):
        return (yield from find_direct_channel(sender, name))
    if is_id(name):
        return (yield from call(op.GET_CHANNEL, channel_id=name))
    return (yield from _channel_by_name(sender, name.removeprefix("~"), link.team if link else team))


def _channel_by_name(sender: Sender, name: str, team: TeamReference | None) -> Script[Channel]:
    if not team:
        message = f"say in which team the channel {name!r} is: a name alone does not tell"
        raise refuse(message, op.GET_CHANNEL_BY_NAME)
    if isinstance(team, str) and is_link(team):
        # Here, because who uses one group shall not load the models of others.
        from .team_lookup import find_team  # noqa: PLC0415

        team = yield from find_team(sender, team)
    known = team if isinstance(team, str) else team.id
    if is_id(known):
        return (yield from call(op.GET_CHANNEL_BY_NAME, team_id=known, channel_name=name))
    return (yield from call(op.GET_CHANNEL_BY_NAME_FOR_TEAM_NAME, team_name=known, channel_name=name))


def find_direct_channel(sender: Sender, user: UserReference) -> Script[Channel]:
    """The channel between the own user and another, which is made if it is not there."""
    from .operations import users as users_op  # noqa: PLC0415 - see `_channel_by_name`
    from .own_user import own_user  # noqa: PLC0415 - see `_channel_by_name`

    own = yield from own_user(sender)
    other = user if isinstance(user, str) else user.id
    if not is_id(other):
        found = yield from call(users_op.GET_USER_BY_USERNAME, username=other.removeprefix("@"))
        other = found.id
    return (yield from call(op.CREATE_DIRECT_CHANNEL, [own.id, other]))


class SyncChannelLookup(SyncApi):
    """Finding channels with the sync client."""

    def resolve(self, channel: str, team: TeamReference | None = None) -> Channel:
        """The channel that a text names.

        Args:
            channel: Its id; its name as in links (`town-square` or `~town-square`), which needs the team; a
                link to it; or `@` and a user's name for the direct channel with him. What looks like an id
                (26 of a to z and 0 to 9) is taken for one.
            team: The team of a channel that is given by name: its id, its name, a link, or the team.

        Raises:
            InvalidRequest: The link is not one of this server or names no channel, or the team is missing.
            ApiError: The server refused: there is no such channel, or it may not be seen.
        """
        return script.run(self.client.sender, find_channel(self.client.sender, channel, team))

    def get_direct_channel(self, user: UserReference) -> Channel:
        """The direct channel between the own user and another, which the server makes if it is not there.

        Args:
            user: His name, with or without `@`, his id (26 of a to z and 0 to 9), or the user.

        Raises:
            ApiError: The server refused: there is no such user, or he may not be written to.
        """
        return script.run(self.client.sender, find_direct_channel(self.client.sender, user))


class AsyncChannelLookup(AsyncApi):
    """Finding channels with the async client."""

    async def resolve(self, channel: str, team: TeamReference | None = None) -> Channel:
        """As `SyncChannelLookup.resolve`."""
        return await script.wait(self.client.sender, find_channel(self.client.sender, channel, team))

    async def get_direct_channel(self, user: UserReference) -> Channel:
        """As `SyncChannelLookup.get_direct_channel`."""
        return await script.wait(self.client.sender, find_direct_channel(self.client.sender, user))
