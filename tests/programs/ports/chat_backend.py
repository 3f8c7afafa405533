"""As errbot's backend for Mattermost: people and rooms looked up, presence, reactions, rooms made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from matterapi import SyncClient
from matterapi.events import Posted, StatusChange, UserAdded
from matterapi.exceptions import ResourceNotFound
from matterapi.models import Channel, Post, User


@dataclass(frozen=True)
class Message:
    """What a backend hands to its plugins."""

    text: str
    sender: str
    room: str
    is_direct: bool
    thread: str


class Backend:
    """One bot in one team."""

    def __init__(self, client: SyncClient, team_name: str) -> None:
        self._client = client
        self.me = client.users.get_user("me")
        self.team_id = client.teams.get_team_by_name(team_name).id

    def person(self, name: str) -> User | None:
        try:
            return self._client.users.get_user_by_username(name.removeprefix("@"))
        except ResourceNotFound:
            return None

    def room(self, name: str) -> Channel:
        try:
            return self._client.channels.get_channel_by_name(self.team_id, name)
        except ResourceNotFound:
            body = {"team_id": self.team_id, "name": name, "display_name": name.title(), "type": "P"}
            return self._client.channels.create_channel(json_body=body)

    def rooms(self) -> list[str]:
        return [
            channel.name
            for channel in self._client.channels.get_channels_for_team_for_user("me", self.team_id)
        ]

    def occupants(self, room: Channel) -> Iterator[str]:
        for member in self._client.channels.iter_channel_members(room.id):
            yield self._client.users.get_user(member.user_id).username

    def invite(self, room: Channel, name: str) -> None:
        if person := self.person(name):
            self._client.channels.add_channel_member(room.id, json_body={"user_id": person.id})

    def topic(self, room: Channel, text: str) -> str:
        return self._client.channels.patch_channel(room.id, json_body={"header": text}).header

    def leave(self, room: Channel) -> None:
        self._client.channels.remove_user_from_channel(room.id, self.me.id)

    def change_presence(self, status: str) -> None:
        self._client.status.update_user_status(
            self.me.id, json_body={"user_id": self.me.id, "status": status}
        )

    def send(self, room: Channel, text: str, thread: str = "") -> Post:
        body = {"channel_id": room.id, "message": text, "root_id": thread}
        return self._client.posts.create_post(json_body=body)

    def whisper(self, name: str, text: str) -> Post:
        person = self.person(name)
        if person is None:
            raise LookupError(name)
        return self.send(self._client.channels.create_direct_channel(json_body=[self.me.id, person.id]), text)

    def react(self, post: Post, emoji: str) -> None:
        body = {"user_id": self.me.id, "post_id": post.id, "emoji_name": emoji}
        self._client.reactions.save_reaction(json_body=body)

    def unreact(self, post: Post, emoji: str) -> None:
        self._client.reactions.delete_reaction(self.me.id, post.id, emoji)

    def serve_once(self, ready: Callable[[], object]) -> Iterator[Message | str]:
        """What comes until somebody is added to a room."""
        with self._client.events(Posted, StatusChange, UserAdded, own_posts=False) as stream:
            stream.ready(timeout=30)
            ready()
            for event in stream:
                match event:
                    case Posted(post=post):
                        sender = self._client.users.get_user(post.user_id).username
                        is_direct = event.channel_type == "D"
                        yield Message(
                            post.message, sender, event.channel_name, is_direct, post.root_id or post.id
                        )
                    case StatusChange():
                        yield event.status
                    case UserAdded():
                        yield event.user_id
                        return
