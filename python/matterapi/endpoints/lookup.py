"""Teams and channels by whatever names them: an id, a name or a link."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.models.channels import Channel
from matterapi.models.shared import User
from matterapi.models.teams import Team

from .base import AsyncApi, SyncApi
from .links import Link, is_link, read_link
from .operations import channels as channels_op
from .operations import teams as teams_op
from .operations import users as users_op
from .own_user import own_user
from .steps import call, is_id, refuse

if TYPE_CHECKING:
    from matterapi.calls.sender import Sender

TeamReference: TypeAlias = str | Team
"""A team: its id, its name or a link to it as text, or the team itself."""

UserReference: TypeAlias = str | User
"""A user: his id or his name, with or without `@`, as text, or the user himself."""


def find_team(sender: Sender, team: str) -> Script[Team]:
    """The team that a text names."""
    name = team
    if is_link(team):
        link = yield from read_link(team, str(sender.options.url), teams_op.GET_TEAM_BY_NAME)
        if not link.team:
            raise refuse(f"the link {team!r} names no team", teams_op.GET_TEAM_BY_NAME)
        name = link.team
    elif is_id(team):
        return (yield from call(teams_op.GET_TEAM, team_id=team))
    return (yield from call(teams_op.GET_TEAM_BY_NAME, name=name))


def find_channel(sender: Sender, channel: str, team: TeamReference | None) -> Script[Channel]:
    """The channel that a text names."""
    link: Link | None = None
    if is_link(channel):
        link = yield from read_link(channel, str(sender.options.url), channels_op.GET_CHANNEL)
        if not link.channel:
            raise refuse(f"the link {channel!r} names no channel", channels_op.GET_CHANNEL)
    name = link.channel if link else channel
    if name.startswith("@"):
        return (yield from find_direct_channel(sender, name))
    if is_id(name):
        return (yield from call(channels_op.GET_CHANNEL, channel_id=name))
    return (yield from _channel_by_name(sender, name.removeprefix("~"), link.team if link else team))


def _channel_by_name(sender: Sender, name: str, team: TeamReference | None) -> Script[Channel]:
    if not team:
        message = f"say in which team the channel {name!r} is: a name alone does not tell"
        raise refuse(message, channels_op.GET_CHANNEL_BY_NAME)
    if isinstance(team, str) and is_link(team):
        team = yield from find_team(sender, team)
    team_id = team.id if isinstance(team, Team) else team
    if is_id(team_id):
        return (yield from call(channels_op.GET_CHANNEL_BY_NAME, team_id=team_id, channel_name=name))
    op = channels_op.GET_CHANNEL_BY_NAME_FOR_TEAM_NAME
    return (yield from call(op, team_name=team_id, channel_name=name))


def find_direct_channel(sender: Sender, user: UserReference) -> Script[Channel]:
    """The channel between the own user and another, which is made if it is not there."""
    own = yield from own_user(sender)
    other = user.id if isinstance(user, User) else user
    if not is_id(other):
        found = yield from call(users_op.GET_USER_BY_USERNAME, username=other.removeprefix("@"))
        other = found.id
    return (yield from call(channels_op.CREATE_DIRECT_CHANNEL, [own.id, other]))


class SyncTeamLookup(SyncApi):
    """Finding teams with the sync client."""

    def resolve(self, team: str) -> Team:
        """The team that a text names.

        Args:
            team: Its id, its name as in links, or a link to the team or to anything in it.

        Raises:
            InvalidRequest: The link is not one of this server, or names no team.
            ApiError: The server refused: there is no such team, or it may not be seen.
        """
        return script.run(self.client.sender, find_team(self.client.sender, team))


class AsyncTeamLookup(AsyncApi):
    """Finding teams with the async client."""

    async def resolve(self, team: str) -> Team:
        """As `SyncTeamLookup.resolve`."""
        return await script.wait(self.client.sender, find_team(self.client.sender, team))


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
