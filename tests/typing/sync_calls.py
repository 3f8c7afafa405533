"""The sync client: calls, sessions, raw answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from typing_extensions import assert_type

from matterapi import Response, SyncClient
from matterapi.calls.pages import PageIterator
from matterapi.endpoints.base import SyncCaller
from matterapi.endpoints.sync_api import UsersApi
from matterapi.endpoints.sync_api.posts import PostsApi
from matterapi.models import (
    Channel,
    ChannelWithTeamData,
    CreatePostJsonBody,
    Draft,
    KnownUsers,
    Post,
    PostList,
    Reaction,
    StatusOK,
    Team,
    TeamsWithCount,
    UploadFileResponse201,
    User,
)
from matterapi.response import ApiResponse


def groups(client: SyncClient) -> None:
    assert_type(client.users, UsersApi)
    assert_type(client.posts, PostsApi)
    assert_type(client.posts.client, SyncCaller)
    assert_type(client.posts.skip_response_parsing, bool)
    assert_type(client.active_token, str | None)


def answers(client: SyncClient) -> None:
    assert_type(client.users.get_user("me"), User)
    assert_type(client.users.get_user(user_id="me"), User)
    assert_type(client.users.get_users(page=0, active=True), list[User])
    assert_type(client.channels.get_channel_by_name(team_id="t", channel_name="c"), Channel)
    assert_type(client.posts.get_posts_for_channel("c"), PostList)
    assert_type(client.posts.delete_post("p"), StatusOK)
    assert_type(client.users.get_known_users(), KnownUsers)
    assert_type(list(client.users.get_known_users()), list[str])


def answers_that_may_be_empty(client: SyncClient) -> None:
    assert_type(client.reactions.get_reactions("p"), list[Reaction])
    assert_type(client.users.get_drafts("me", "t"), list[Draft])
    for reaction in client.reactions.get_reactions("p") or []:
        assert_type(reaction, Reaction)


def answers_of_two_types(client: SyncClient, with_count: bool) -> None:
    assert_type(client.teams.get_all_teams(), list[Team])
    assert_type(client.teams.get_all_teams(include_total_count=False), list[Team])
    assert_type(client.teams.get_all_teams(include_total_count=True).total_count, int)
    found = client.teams.get_all_teams(include_total_count=with_count)
    assert_type(found, list[Team] | TeamsWithCount)
    if isinstance(found, TeamsWithCount):
        assert_type(found.teams, list[Team])
    else:
        assert_type(found, list[Team])


def iterators(client: SyncClient) -> None:
    users = client.users.iter_users(in_team="t", limit=5)
    assert_type(users, PageIterator[User])
    assert_type(list(users), list[User])
    assert_type(users.first(), User | None)
    for page in users.pages():
        assert_type(page, list[User])
    for post in client.posts.iter_channel("c", since=0, newest_first=False):
        assert_type(post, Post)
    assert_type(next(client.teams.iter_all_teams()), Team)
    assert_type(next(client.posts.iter_post_thread("p")), Post)
    with client.channels.iter_search_all_channels(json_body={"term": "x"}) as found:
        assert_type(next(found), ChannelWithTeamData)


def lists_of_posts(client: SyncClient) -> None:
    posts = client.posts.get_posts_for_channel("c")
    assert_type(list(posts), list[Post])
    assert_type(len(posts), int)


def bodies(client: SyncClient) -> None:
    body = CreatePostJsonBody(channel_id="c", message="Hello", file_ids=["f"])
    assert_type(client.posts.create_post(json_body=body), Post)
    assert_type(client.posts.create_post(json_body={"channel_id": "c", "message": "Hello"}), Post)
    assert_type(client.users.get_users_by_ids(json_body=["u"]), list[User])


def files(client: SyncClient) -> None:
    with Path("picture.png").open("rb") as file:
        sent = client.files.upload_file(channel_id="c", multipart_data={"files": {"picture.png": file}})
    assert_type(sent, UploadFileResponse201)
    got = client.files.get_file("f")
    assert_type(got, Response)
    assert_type(got.content, bytes)
    assert_type(got.headers["content-type"], str)
    assert_type(got.json(), Any)


def session(client: SyncClient) -> None:
    with client.session() as inner:
        assert_type(inner, SyncClient)
        assert_type(inner.users.get_user("me"), User)
    with client as same:
        assert_type(same, SyncClient)


class OwnClient(SyncClient):
    """A client with a shortcut of its own."""

    def my_name(self) -> str | None:
        return self.users.get_user("me").username


def subclass(client: OwnClient) -> None:
    with client.session() as inner:
        assert_type(inner, OwnClient)
        assert_type(inner.my_name(), str | None)


def raw_responses(client: SyncClient) -> None:
    raw = client.with_options(timeout=5).with_raw_response
    answer = raw.users.get_user("me")
    assert_type(answer, ApiResponse[User])
    assert_type(answer.parse(), User)
    assert_type(answer.status_code, int)
    assert_type(answer.request_id, str | None)
    assert_type(raw.users.get_users(page=1).parse(), list[User])
    assert_type(raw.teams.get_all_teams(include_total_count=True).parse(), TeamsWithCount)
    assert_type(raw.teams.get_all_teams().parse(), list[Team])
    assert_type(raw.users.get_drafts("me", "t").parse(), list[Draft])
    assert_type(raw.files.get_file("f").parse(), Response)
    raw.users.get_user(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    raw.users.get_user("me", "you")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    raw.users.iter_users()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
