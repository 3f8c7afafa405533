"""The limits of JSON: what they refuse says which option it is, and what real servers send passes."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from matterapi._core import JsonTooLargeError, check_room
from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.client import exceptions as e
from matterapi.decoding.plain_json import MAX_DECODED_SIZE, parse_json
from matterapi.endpoints.operations import channels, posts, users
from matterapi.events.frame_value import MAX_EVENT_SIZE
from matterapi.events.frames import Reader
from matterapi.response import Response
from tests.attacks.conftest import Attack
from tests.attacks.cost import assert_linear
from tests.support.recorded import recordings
from tests.support.scripted import Connection, answer

MIB = 1024 * 1024
NDJSON = "application/x-ndjson"


def recorded(operation: str) -> Any:
    """The largest JSON value that a real server sent for an operation."""
    return max(
        (item for item in recordings() if item.operation == operation), key=lambda item: len(item.body)
    ).json


def numbered(template: dict[str, Any], count: int, **fields: Any) -> list[dict[str, Any]]:
    return [template | {"id": f"{n:026}"} | fields for n in range(count)]


def posts_of(size: int, count: int) -> dict[str, Any]:
    """A list of posts of the greatest length, with texts that Python keeps in four bytes a character."""
    post = next(iter(recorded("GetPostsForChannel")["posts"].values()))
    made = numbered(post, count, message="😀" * (size // 4))
    return {"order": [post["id"] for post in made], "posts": {post["id"]: post for post in made}}


LARGE: dict[str, tuple[Operation[Any], str, Any]] = {
    "1,000 posts of 64 KiB": (posts.GET_POSTS_FOR_CHANNEL, "posts", lambda: posts_of(64 * 1024, 1000)),
    "200 posts": (posts.GET_POSTS_FOR_CHANNEL, "posts", lambda: posts_of(200, 200)),
    "10,000 users": (users.GET_USERS, "", lambda: numbered(recorded("GetUsers")[0], 10_000)),
    "10,000 channels": (
        channels.GET_ALL_CHANNELS, "", lambda: numbered(recorded("GetAllChannels")[0], 10_000),
    ),
    "10,000 members of a channel": (
        channels.GET_CHANNEL_MEMBERS, "", lambda: numbered(recorded("GetChannelMembers")[0], 10_000),
    ),
    "a map of 100,000 entries": (
        Operation("GET /api/v4/x", dict[str, str]), "",
        lambda: {f"{n:026}": "v" * 26 for n in range(100_000)},
    ),
    "a map of 100,000 numbers": (
        Operation("GET /api/v4/x", dict[str, Any]), "", lambda: {f"{n:026}": n for n in range(100_000)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_the_largest_answers_of_real_servers_pass(name: str) -> None:
    op, place, make = LARGE[name]
    value = make()
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    result = decode(op, Response(200, [("Content-Type", "application/json")], body))

    assert len(body) < 64 * MIB
    assert len(getattr(result, place) if place else result) == len(value[place] if place else value)


@pytest.mark.parametrize("name", ["1,000 posts of 64 KiB", "10,000 users", "10,000 members of a channel"])
def test_so_they_do_where_pydantic_has_to_judge(name: str) -> None:
    op, place, make = LARGE[name]
    value = make()
    first = value[place][value["order"][0]] if place else value[0]
    # A type that is not the declared one.
    first["user_id" if place or "user_id" in first else "username"] = 5
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    result = decode(op, Response(200, [("Content-Type", "application/json")], body))

    assert len(getattr(result, place) if place else result) == len(value[place] if place else value)


def test_so_do_10_000_memberships_line_by_line() -> None:
    members = recorded("GetChannelMembersWithTeamDataForUser")
    member = members[0] if isinstance(members, list) else members
    body = b"\n".join([json.dumps(member).encode()] * 10_000)

    result = decode(
        users.GET_CHANNEL_MEMBERS_WITH_TEAM_DATA_FOR_USER, Response(200, [("Content-Type", NDJSON)], body)
    )

    assert len(result) == 10_000


async def test_the_limit_of_bytes_is_that_of_json_and_errors_only(attack: Attack) -> None:
    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            name = request[0].split()[1].rpartition("/")[2]
            status = "500 Internal Server Error" if name.startswith("e") else "200 OK"
            connection.send(answer(b'{"id":"u1"}' + b" " * (int(name[1:]) - 11), status))

    with attack(script, max_json_size=1000) as (_, client):
        assert (await client.users.get_user("u1000")).id == "u1"
        with pytest.raises(e.InternalServerError):
            await client.users.get_user("e1000")
        assert len((await client.files.get_file("f1001")).content) == 1001
        for name in ("u1001", "e1001"):
            with pytest.raises(e.DecodeError, match=r"1000 bytes that max_json_size.*GET /api/v4/users/"):
                await client.users.get_user(name)
        with pytest.raises(e.DecodeError, match="max_json_size"):
            await client.files.get_file("e1001")


async def test_the_smaller_of_two_limits_comes_first(attack: Attack) -> None:
    body = answer(b'{"id":"u1"}' + b" " * 1000)

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(body)

    with attack(script, max_json_size=1000, max_response_size=900) as (_, client):
        with pytest.raises(e.DecodeError, match="900 bytes that max_response_size"):
            await client.users.get_user("u1")
    with attack(script, max_json_size=None, max_response_size=None) as (_, client):
        assert (await client.users.get_user("u1")).id == "u1"


async def test_the_limit_of_values_can_be_set(attack: Attack) -> None:
    body = answer(b"[" + b",".join([b"{}"] * 100) + b"]")

    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(body)

    with attack(script, max_decoded_size=10_000) as (_, client):
        with pytest.raises(
            e.DecodeError, match=r"10000 bytes of memory.*max_decoded_size.*GET /api/v4/users"
        ):
            await client.users.get_users()
        with pytest.raises(
            e.DecodeError, match=r"10000 bytes of memory.*max_decoded_size.*GET /api/v4/teams"
        ):
            await client.teams.get_all_teams()
    with attack(script, max_decoded_size=None) as (_, client):
        assert len(await client.users.get_users()) == 100
        assert len(await client.teams.get_all_teams()) == 100


DEEP = b"[" + b",".join([b"[[[[[[[[[[[]]]]]]]]]]]"] * (8 * MIB // 23)) + b"]"


def test_json_without_a_type_is_bounded() -> None:
    with pytest.raises(JsonTooLargeError, match=f"{MAX_DECODED_SIZE} bytes"):
        parse_json(DEEP)
    with pytest.raises(ValueError, match=f"{MAX_DECODED_SIZE} bytes"):
        Response(200, [], DEEP).json()


def test_a_frame_of_which_too_much_would_be_made_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    frame = b'{"event":"posted","data":{"x":' + DEEP[: 8 * MIB - 100].rpartition(b",")[0] + b"]}}"
    good = b'{"event":"posted","data":{}}'
    large = json.dumps({"event": "posted", "data": {"post": "x" * 7 * MIB}}).encode()

    assert [event["event"] for event in Reader().events([good, frame, large, good])] == ["posted"] * 3

    assert str(MAX_EVENT_SIZE) in caplog.text
    assert "left out" in caplog.text


def test_counting_is_linear_in_any_text() -> None:
    for piece in (b"[", b'"', b"\\", b'"\\', b'{"a":', b"\n", b"\xff"):
        assert_linear(lambda text: check_room(text, None), lambda size, piece=piece: piece * size, 2 * MIB)
