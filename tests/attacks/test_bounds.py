"""Work on what a server says ends: errors read 64 KiB, salvage meets so many misfits and no more."""

from __future__ import annotations

import gzip
import json
import logging
import pickle
from typing import Any

import pytest
from pydantic import BaseModel

from matterapi.client.exceptions import ApiError, DecodeError, ResourceNotFound
from matterapi.decoding import lenient
from matterapi.decoding.lenient import MAX_MISFITS, MAX_NESTING
from matterapi.http.response import MAX_KEPT
from matterapi.models.channels import Channel
from matterapi.models.commands import AutocompleteData
from matterapi.models.posts import Post
from matterapi.models.users import User
from tests.support.scripted import answer, serve

from .conftest import Attack

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def _nothing_reported_yet() -> None:
    lenient._reported.clear()


def squeezed(body: bytes, status: str = "200 OK", content_type: str = "application/json") -> bytes:
    """Some kilobytes on the wire."""
    return answer(gzip.compress(body), status, content_type, Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"bearer " * (4 * MIB // 7), "text/plain"),
        (b'"token":"' + b'\\"' * (2 * MIB), "text/html"),
        (b"[" + b'"token=a",' * (MIB // 2) + b"1]", "application/json"),
        (b'{"id":"x","status_code":500,"message":"' + b"a" * 4 * MIB + b'"}', "application/json"),
        (b'{"id":"' * (MIB // 2), "application/json"),
    ],
)
@pytest.mark.parametrize("wire", ["plain", "tls"])
async def test_an_error_reads_and_keeps_64_kib(attack: Attack, body: bytes, content_type: str) -> None:
    with attack(serve(squeezed(body, "500 X", content_type))) as (_, client):
        with pytest.raises(ApiError) as caught:
            await client.users.get_user("me")
    error = caught.value
    assert error.response is not None
    assert len(error.response.content) == MAX_KEPT
    assert error.response.num_bytes_downloaded == len(body)
    assert len(error.message) <= 2 * MAX_KEPT
    assert len(pickle.dumps(error)) <= 6 * MAX_KEPT


async def test_an_error_behind_a_long_success_is_found_at_its_end(attack: Attack) -> None:
    error = b'{"id":"api.x.app_error","message":"No.","status_code":404}'
    user = b'{"id":"%s"},' % (b"a" * 1000)
    with attack(serve(squeezed(b"[" + user * 2000 + error))) as (_, client):
        with pytest.raises(ResourceNotFound) as caught:
            await client.users.get_users()
    assert (caught.value.error_id, caught.value.message) == ("api.x.app_error", "No.")


async def test_an_error_object_before_the_last_64_kib_is_not_looked_for(attack: Attack) -> None:
    long = b'[{"id":"x","message":"' + b"a" * MAX_KEPT + b'","status_code":404}'
    with attack(serve(squeezed(long))) as (_, client):
        with pytest.raises(DecodeError):
            await client.users.get_users()


def last_record(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if "what follows" in one.getMessage()]


async def test_salvage_ends_says_so_once_and_loses_nothing(
    attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    many = [{"id": 1, "n": n} for n in range(MAX_MISFITS)]
    with attack(serve(squeezed(json.dumps(many).encode()))) as (_, client):
        users = await client.users.get_users()
    assert len(users) == len(many)
    # The list itself does not fit either; an object and its field are two.
    whole = (MAX_MISFITS - 1) // 2
    assert all(type(user) is User and user.id == 1 for user in users[:whole])
    assert users[whole + 1 :] == many[whole + 1 :]
    (said,) = last_record(caplog)
    assert said.startswith("GET /api/v4/users: 10000 values")


async def test_a_drift_in_every_object_of_the_longest_real_list_is_salvaged(
    attack: Attack, caplog: pytest.LogCaptureFixture
) -> None:
    many = [{"id": f"c{n}", "scheme_id": 7} for n in range(4_900)]
    with attack(serve(squeezed(json.dumps(many).encode()))) as (_, client):
        channels = await client.channels.get_channels_for_user("me")
    assert all(type(channel) is Channel and channel.scheme_id == 7 for channel in channels)
    assert last_record(caplog) == []


def test_misfits_within_misfits_are_taken_apart_to_a_depth_only(caplog: pytest.LogCaptureFixture) -> None:
    value: dict[str, Any] = {"Trigger": 1}
    for _ in range(100):
        value = {"Trigger": "t", "SubCommands": [value]}
    fitted: Any = lenient.salvage(AutocompleteData, value, "GET /x")
    depth = 0
    while isinstance(fitted, BaseModel):
        fitted, value, depth = fitted.sub_commands[0], value["SubCommands"][0], depth + 1  # type: ignore[attr-defined]
    # A model and the list in it are two.
    assert depth == MAX_NESTING // 2
    assert fitted == value


def test_every_answer_begins_anew(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(3):
        posts = lenient.salvage(list[Post], [{"id": 1}] * (MAX_MISFITS // 3), "GET /x")
        assert {type(post) for post in posts} == {Post}
    assert last_record(caplog) == []
