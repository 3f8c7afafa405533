"""Fields of a body given as keywords: what is sent, and what is refused before anything is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from matterapi import exceptions
from matterapi.calls import unknown_keys
from matterapi.calls.keyword_body import KEYWORDS, keyword_body
from matterapi.calls.operation import Operation
from matterapi.endpoints.operations.posts import CREATE_POST
from matterapi.models import CreatePostJsonBody
from matterapi.testing import MattermostServer
from tests.support.faces import make_client

NO_SERVER = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def nothing_warned_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_keys, "_warned", set())


@pytest.fixture
def server() -> Iterator[MattermostServer]:
    with MattermostServer(stateless=True) as server:
        yield server


@pytest.mark.parametrize("face", ["posts", "with_raw_response.posts"])
@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, r"create_post\(\) needs its body: .*'channel_id', 'message' are required"),
        ({"set_online": True}, r"create_post\(\) needs its body: .*'channel_id', 'message' are required"),
        ({"channel_id": "c"}, r"create_post\(\) lacks required keywords of its body: 'message'$"),
        ({"channel_id": "c", "mesage": "m"}, "'message'; it got 'mesage', which it does not know"),
        (
            {"json_body": {"channel_id": "c", "message": "m"}, "root_id": "r"},
            "as json_body or as keywords, not both: beside json_body it got 'root_id'",
        ),
        ({"json_body": CreatePostJsonBody(channel_id="c", message="m"), "message": "m"}, "not both"),
    ],
)
async def test_a_body_that_is_missing_incomplete_or_double_is_refused_before_anything_is_sent(
    server: MattermostServer, kind: str, face: str, given: dict[str, Any], problem: str
) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    for name in face.split("."):
        client = getattr(client, name)
    with pytest.raises(TypeError, match=problem):
        await client.create_post(**given)
    assert server.requests == []


async def test_a_body_of_optional_fields_only_must_be_given_all_the_same(connect: Callable[..., Any]) -> None:
    with pytest.raises(
        TypeError, match=r"PostsApi\.patch_post\(\) needs its body: json_body, or keywords of"
    ):
        await connect(NO_SERVER).posts.patch_post("p")


async def test_a_body_that_is_optional_may_be_left_out(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    for given in ({}, {"collapsed_threads_supported": True}):
        await client.posts.set_post_unread("u", "p", **given)
    assert [request.body for request in server.requests] == [b"", b'{"collapsed_threads_supported":true}']


async def test_none_is_a_value_and_what_is_left_out_is_not_sent(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    await client.posts.patch_post("p", message="m", props=None)
    assert server.requests[-1].body == b'{"message":"m","props":null}'


async def test_parameters_of_the_call_are_none_of_the_body(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    await client.posts.create_post(channel_id="c", message="m", pending_post_id="x", set_online=False)
    request = server.requests[-1]
    assert orjson.loads(request.body) == {"channel_id": "c", "message": "m", "pending_post_id": "x"}
    assert request.query == {"set_online": ["false"]}


async def test_a_post_of_keywords_is_safe_to_repeat_too(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    await client.posts.create_post(channel_id="c", message="m")
    assert len(orjson.loads(server.requests[-1].body)["pending_post_id"]) == 26


async def test_models_in_keywords_are_sent_under_the_servers_names(
    server: MattermostServer, kind: str
) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    metadata = CreatePostJsonBody.Metadata(
        priority=CreatePostJsonBody.Metadata.Priority(priority="urgent", requested_ack=True)
    )
    await client.posts.create_post(channel_id="c", message="m", metadata=metadata, pending_post_id="x")
    sent = orjson.loads(server.requests[-1].body)
    assert sent["metadata"] == {"priority": {"priority": "urgent", "requested_ack": True}}


async def test_a_keyword_goes_out_under_the_servers_name(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    await client.users.migrate_auth_to_ldap(from_="saml", force=True, match_field="email")
    assert orjson.loads(server.requests[-1].body) == {"from": "saml", "force": True, "match_field": "email"}


async def test_an_unknown_keyword_is_sent_with_a_warning_as_a_key_of_a_dict_is(
    server: MattermostServer, kind: str
) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    with pytest.warns(exceptions.UnknownKeyWarning, match=r"'mesage'.*did you mean 'message'\?"):
        await client.posts.patch_post("p", mesage="m")
    assert server.requests[-1].body == b'{"mesage":"m"}'


async def test_iterators_take_the_fields_that_they_do_not_fill(server: MattermostServer, kind: str) -> None:
    client = make_client(kind, server.url, {"token": server.admin.token})
    async for _ in client.posts.iter_search_posts_in_all_teams(terms="x", is_or_search=True, limit=1):
        pass
    sent = orjson.loads(server.requests[-1].body)
    assert (sent["terms"], sent["is_or_search"]) == ("x", True)
    with pytest.raises(TypeError, match=r"PostsApi\.iter_search_posts_in_all_teams\(\) lacks .*: 'terms'"):
        client.posts.iter_search_posts_in_all_teams(is_or_search=True)


async def test_the_files_that_a_post_of_keywords_lost_are_named(kind: str) -> None:
    with MattermostServer() as server:
        channel = server.factory.channel("town-square")
        client = make_client(kind, server.url, {"token": server.admin.token})
        with pytest.warns(exceptions.DroppedValueWarning):
            await client.posts.create_post(channel_id=channel["id"], message="m", file_ids=["f" * 26])


def test_no_warning_is_given_of_what_a_body_with_free_keys_does_not_know() -> None:
    op: Operation[Any] = Operation("POST /x", dict, needed="a")
    with pytest.raises(TypeError, match=r"lacks required keywords of its body: 'a'$"):
        keyword_body(op, "x", KEYWORDS, {"b": 1})


def test_keywords_are_not_copied_where_none_has_another_name() -> None:
    fields = {"channel_id": "c", "message": "m"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert keyword_body(CREATE_POST, "create_post", KEYWORDS, fields) is fields
