"""Teams by whatever names them: what `client.teams` offers beside the server's own operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.calls import script
from matterapi.calls.script import Script
from matterapi.models.teams import Team

from .base import AsyncApi, SyncApi
from .links import is_link, read_link
from .operations import teams as op
from .steps import call, is_id, refuse

if TYPE_CHECKING:
    from matterapi.calls.sender import Sender


def find_team(sender: Sender, team: str) -> Script[Team]:
    """The team that a text names."""
    name = team
    if is_link(team):
        link = yield from read_link(team, str(sender.options.url), op.GET_TEAM_BY_NAME)
        if not link.team:
            raise refuse(f"the link {team!r} names no team", op.GET_TEAM_BY_NAME)
        name = link.team
    elif is_id(team):
        return (yield from call(op.GET_TEAM, team_id=team))
    return (yield from call(op.GET_TEAM_BY_NAME, name=name))


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
