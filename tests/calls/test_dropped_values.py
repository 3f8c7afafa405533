"""Values of a list that the server did not take, without a word."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from matterapi.exceptions import DroppedValueWarning
from matterapi.models import CreatePostJsonBody, PatchPostJsonBody
from matterapi.testing import MattermostServer
from tests.support.faces import make_client

UNKNOWN = ["f" * 26, "g" * 26]


async def _channel_and_file(client: Any, server: MattermostServer) -> tuple[str, str]:
    channel = server.factory.channel("files")
    [uploaded] = await client.files.upload(channel["id"], ("a.txt", b"text"))
    return channel["id"], uploaded.id


@pytest.mark.parametrize("as_model", [False, True])
async def test_files_that_the_server_left_out_of_a_post_are_named(
    client: Any, server: MattermostServer, as_model: bool
) -> None:
    channel_id, file_id = await _channel_and_file(client, server)
    body = {"channel_id": channel_id, "message": "m", "file_ids": [UNKNOWN[0], file_id, UNKNOWN[1]]}
    with pytest.warns(DroppedValueWarning) as told:
        post = await client.posts.create_post(json_body=CreatePostJsonBody(**body) if as_model else body)
    assert post.file_ids == [file_id]
    (text,) = (str(one.message) for one in told)
    assert text.startswith(f"POST /api/v4/posts was done without 2 of its file_ids: {', '.join(UNKNOWN)};")


async def test_a_post_with_all_its_files_or_none_is_no_news(client: Any, server: MattermostServer) -> None:
    channel_id, file_id = await _channel_and_file(client, server)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        post = await client.posts.create_post(json_body={"channel_id": channel_id, "file_ids": [file_id]})
        assert post.file_ids == [file_id]
        await client.posts.patch_post(post.id, json_body=PatchPostJsonBody(message="edited"))
        await client.posts.create_post(json_body={"channel_id": channel_id, "message": "m", "file_ids": None})


async def test_an_answer_that_was_not_read_says_nothing(kind: str, server: MattermostServer) -> None:
    auth = {"token": server.admin.token}
    client = make_client(kind, server.url, auth, skip_response_parsing=True)
    channel = server.factory.channel("files")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answer = await client.posts.create_post(
            json_body={"channel_id": channel["id"], "message": "m", "file_ids": UNKNOWN}
        )
    assert answer.status_code == 201
