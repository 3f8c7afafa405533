# pyright: strict, reportUnnecessaryTypeIgnoreComment=true
"""JSON bodies as a model, a dict and keywords: what type checkers take, and what they do not.

Both check that each `type: ignore` hides an error.
"""

from __future__ import annotations

from typing import Any

from typing_extensions import assert_type

from matterapi import AsyncClient, SyncClient
from matterapi.bodies import CreatePostJsonBodyDict, MigrateAuthToLdapJsonBodyDict
from matterapi.calls.pages import PageIterator
from matterapi.models import (
    ChannelWithTeamData,
    CreatePostJsonBody,
    EmailInviteWithError,
    LdapSettings,
    Post,
    StatusOK,
    User,
)
from matterapi.response import ApiResponse

typed: CreatePostJsonBodyDict = {"channel_id": "c", "message": "m"}
plain: dict[str, Any] = {"channel_id": "c", "message": "m"}


def keywords(client: SyncClient) -> None:
    assert_type(client.posts.create_post(channel_id="c", message="m"), Post)
    assert_type(client.posts.create_post(channel_id="c", message="m", props={"a": 1}, silent=True), Post)
    assert_type(client.posts.create_post(**typed), Post)
    assert_type(client.posts.create_post(channel_id="c", message="m", file_ids=("f",), root_id=None), Post)
    client.posts.create_post(
        channel_id="c", message="m", metadata=CreatePostJsonBody.Metadata(), props=CreatePostJsonBody.Props()
    )
    client.posts.create_post(channel_id="c", message="m", metadata={"priority": {"priority": "urgent"}})
    assert_type(client.users.patch_user("me", nickname="n"), User)
    assert_type(client.users.patch_user(user_id="me", nickname="n"), User)


def the_forms_of_0_5_0(client: SyncClient) -> None:
    client.posts.create_post(json_body=CreatePostJsonBody(channel_id="c", message="m"), set_online=True)
    client.posts.create_post(json_body={"channel_id": "c", "message": "m", "type": "custom_x"})
    client.posts.create_post(json_body=plain)
    client.posts.create_post(json_body=typed)
    built = {"channel_id": "c"}
    built["message"] = "m"
    client.posts.create_post(json_body=built)
    client.posts.set_post_unread("u", "p", json_body=None)
    client.teams.invite_users_to_team("t", json_body=["a@example.com"])


def bodies_that_are_optional(client: SyncClient) -> None:
    client.posts.set_post_unread("u", "p")
    client.posts.set_post_unread("u", "p", collapsed_threads_supported=True)


def lists_that_may_be_objects(client: SyncClient) -> None:
    client.teams.invite_users_to_team("t", emails=["a@example.com"])


def answers_of_two_types(client: SyncClient) -> None:
    guests = client.teams.invite_guests_to_team("t", emails=["a"], channels=["c"], graceful=True)
    assert_type(guests, list[EmailInviteWithError])
    assert_type(client.teams.invite_guests_to_team("t", emails=["a"], channels=["c"]), StatusOK)


def names_of_python_for_keywords_and_of_the_server_for_dicts(client: SyncClient) -> None:
    client.users.migrate_auth_to_ldap(from_="saml", force=True, match_field="email")
    body: MigrateAuthToLdapJsonBodyDict = {"from": "saml", "force": True, "match_field": "email"}
    client.users.migrate_auth_to_ldap(json_body=body)
    client.ldap.test_ldap_connection(ldap_server="ldap.example.com", ldap_port=389)
    client.ldap.test_ldap_connection(json_body=LdapSettings(LdapServer="ldap.example.com"))


def iterators(client: SyncClient) -> None:
    found = client.channels.iter_search_all_channels(term="x", limit=5)
    assert_type(found, PageIterator[ChannelWithTeamData])
    client.channels.iter_search_all_channels(json_body={"term": "x"})
    client.channels.iter_search_all_channels(term="x", page=1)  # type: ignore[call-overload]


def what_is_refused(client: SyncClient) -> None:
    posts = client.posts
    posts.create_post()  # type: ignore[call-overload]
    posts.create_post(json_body=None)  # type: ignore[call-overload]
    posts.create_post(channel_id="c")  # type: ignore[call-overload]
    posts.create_post(channel_id="c", mesage="m")  # type: ignore[call-overload]
    posts.create_post(channel_id="c", message="m", typ="x")  # type: ignore[call-overload]
    posts.create_post(channel_id=5, message="m")  # type: ignore[call-overload]
    posts.create_post(json_body=typed, message="m")  # type: ignore[call-overload]
    posts.create_post(json_body=typed, channel_id="c", message="m")  # type: ignore[call-overload]
    posts.create_post("c", "m")  # type: ignore[call-overload]
    client.users.migrate_auth_to_ldap(from_="saml", force=True)  # type: ignore[call-overload]
    wrong: CreatePostJsonBodyDict = {"channel_id": "c"}  # type: ignore[typeddict-item]
    posts.create_post(json_body=wrong)


def fields_that_clash_stay_in_the_body(client: SyncClient) -> None:
    client.status.update_user_status("u", json_body={"user_id": "u", "status": "dnd"})
    client.status.update_user_status("u", status="dnd")  # type: ignore[call-arg]


def raw(client: SyncClient) -> None:
    posts = client.with_raw_response.posts
    assert_type(posts.create_post(channel_id="c", message="m"), ApiResponse[Post])
    assert_type(posts.create_post(json_body=plain), ApiResponse[Post])
    assert_type(posts.patch_post("p", message="m").parse(), Post)
    posts.create_post(channel_id="c")  # type: ignore[call-overload]
    posts.patch_post(5, message="m")  # type: ignore[call-overload]


async def asynchronous(client: AsyncClient) -> None:
    posts = client.posts
    assert_type(await posts.create_post(channel_id="c", message="m", silent=True), Post)
    assert_type(await posts.create_post(json_body=plain), Post)
    assert_type(await client.with_raw_response.posts.create_post(**typed), ApiResponse[Post])
    async for post in posts.iter_search_posts_in_all_teams(terms="x", is_or_search=False, limit=1):
        assert_type(post, Post)
    await posts.create_post()  # type: ignore[call-overload]
    await posts.create_post(channel_id="c")  # type: ignore[call-overload]
    await posts.create_post(channel_id="c", mesage="m")  # type: ignore[call-overload]
    await posts.create_post(channel_id=5, message="m")  # type: ignore[call-overload]
    await posts.create_post(json_body=typed, message="m")  # type: ignore[call-overload]
    raw_posts = client.with_raw_response.posts
    await raw_posts.create_post(channel_id="c")  # type: ignore[call-overload]
