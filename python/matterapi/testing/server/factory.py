"""Users, teams, channels and posts in bulk, written straight into the state of a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matterapi.testing.effects.accounts import create_account
from matterapi.testing.effects.channels import create_channel
from matterapi.testing.effects.membership import create_team, join_channel, join_team
from matterapi.testing.effects.posting import check_message, mark_viewed
from matterapi.testing.effects.system_posts import count_post
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.state.posts import new_post
from matterapi.testing.state.world import World
from matterapi.testing.websocket.hub import Hub

PASSWORD = "a-Password-1"  # noqa: S105


class Factory:
    """Makes what REST would have made, without requests.

    Users, teams and channels are announced by the events that they cause on the real server. Posts are not:
    they are a history that was there before anybody listened.

    Args:
        world: The server's state.
        hub: Where events are published.
        run: Calls a function on the server's thread.
    """

    def __init__(self, world: World, hub: Hub, run: Callable[[Callable[[], Any]], Any]) -> None:
        self._world = world
        self._hub = hub
        self._run = run

    def users(self, count: int, *, prefix: str = "user") -> list[JsonObject]:
        """Create accounts `user-1`, `user-2` and so on, numbered on from those that are there.

        Args:
            count: How many, from 0.
            prefix: Begin of their names.

        Raises:
            AppError: The prefix makes no username.
            ValueError: `count` is negative.
        """
        _check_count(count)

        def make() -> list[JsonObject]:
            world = self._world
            number, made = 0, list[JsonObject]()
            while len(made) < count:
                number += 1
                name = f"{prefix}-{number}"
                if world.users.by_username(name) is None:
                    fields = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
                    made.append(dict(create_account(world, self._hub, fields)))
            return made

        return list(self._run(make))

    def team(self, name: str = "team", *, members: Sequence[str] = ()) -> JsonObject:
        """Create an open team of the admin, or return the one of that name, and let users join.

        Args:
            name: Its name.
            members: Ids of users.

        Raises:
            KeyError: A user is unknown.
            ValueError: The server has no account yet.
        """

        def make() -> JsonObject:
            world, creator = self._world, self._creator()
            team = world.teams.by_name(name)
            if team is None:
                fields = {"name": name, "display_name": name.capitalize(), "type": "O"}
                team = create_team(world, self._hub, creator, fields)
            for user_id in members:
                join_team(world, self._hub, team, self._user(user_id), by=creator)
            return dict(team)

        return dict(self._run(make))

    def channel(
        self,
        name: str = "channel",
        *,
        team_id: str | None = None,
        private: bool = False,
        members: Sequence[str] = (),
    ) -> JsonObject:
        """Create a channel of the admin, or return the one of that name, and let users join it and its team.

        Args:
            name: Its name.
            team_id: Its team; by default the one called `team`, made if it is not there.
            private: Whether it is private.
            members: Ids of users.

        Raises:
            KeyError: The team or a user is unknown.
            ValueError: The server has no account yet.
        """
        wanted_team = team_id or str(self.team()["id"])

        def make() -> JsonObject:
            world, creator = self._world, self._creator()
            team = world.teams.get(wanted_team)
            if team is None:
                raise KeyError(f"no team has the id {wanted_team!r}")
            channel = world.channels.by_name(wanted_team, name)
            if channel is None:
                kind = "P" if private else "O"
                fields = {
                    "team_id": wanted_team,
                    "name": name,
                    "display_name": name.capitalize(),
                    "type": kind,
                }
                channel = world.channels.get(create_channel(world, self._hub, creator, fields)["id"])
            if channel is None:
                raise KeyError(name)
            for user_id in members:
                join_team(world, self._hub, team, self._user(user_id), by=creator)
                join_channel(world, self._hub, channel, self._user(user_id), by=creator)
            return dict(channel)

        return dict(self._run(make))

    def posts(
        self,
        channel_id: str,
        count: int = 1,
        *,
        message: str = "message {number}",
        authors: Sequence[str] = (),
        spacing_ms: int = 1000,
    ) -> list[JsonObject]:
        """Write posts, the last of them now and the others before it; 100,000 take some seconds.

        Args:
            channel_id: Where.
            count: How many, from 0.
            message: Their text; `{number}` stands for the number of the post, from 1. A mention is refused,
                for it would have to be counted: post such a message as a client does.
            authors: Ids of members who take turns; by default the one who came first.
            spacing_ms: Milliseconds between two posts.

        Raises:
            KeyError: The channel is unknown, or an author is no member of it.
            ValueError: A number is negative, or the message mentions somebody.
            AppError: The message is too long.
        """
        _check_count(count)
        if spacing_ms < 0:
            raise ValueError(f"spacing_ms cannot be {spacing_ms}: it is 0 or more")
        if "@" in message:
            raise ValueError(f"the message {message!r} may mention somebody: post it as a client does")
        check_message(message)
        return list(self._run(lambda: self._write(channel_id, count, message, authors, spacing_ms)))

    def _write(
        self, channel_id: str, count: int, message: str, authors: Sequence[str], spacing_ms: int
    ) -> list[JsonObject]:
        world = self._world
        channel, members = world.channels.get(channel_id), world.channels.members(channel_id)
        if channel is None:
            raise KeyError(f"no channel has the id {channel_id!r}")
        writers = list(authors) or list(members)[:1]
        strangers = [writer_id for writer_id in writers if writer_id not in members]
        if strangers or not writers:
            raise KeyError(f"not in the channel: {', '.join(strangers) or 'nobody is'}")
        start = world.now() - max(count - 1, 0) * spacing_ms
        made: list[JsonObject] = []
        for number in range(count):
            fields = {"channel_id": channel_id, "message": message.replace("{number}", str(number + 1))}
            author_id = writers[number % len(writers)]
            post = new_post(world.ids.new(), start + number * spacing_ms, author_id, fields)
            world.posts.add(post)
            count_post(channel, post)
            made.append(post)
        for author_id in writers[:count]:
            mark_viewed(channel, members[author_id])
        return [dict(post) for post in made]

    def _creator(self) -> JsonObject:
        creator = next(iter(self._world.users), None)
        if creator is None:
            raise ValueError("the server has no account yet: create a user first")
        return creator

    def _user(self, user_id: str) -> JsonObject:
        user = self._world.users.get(user_id)
        if user is None:
            raise KeyError(f"no user has the id {user_id!r}")
        return user


def _check_count(count: int) -> None:
    if count < 0:
        raise ValueError(f"count cannot be {count}: it is 0 or more")
