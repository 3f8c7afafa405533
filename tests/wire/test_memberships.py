"""NDJSON as an iterator of models."""

import json
from typing import Any

import pytest

from matterapi.client import exceptions as e
from matterapi.models import ChannelMemberWithTeamData
from tests.support.scripted import answer, scripted, serve

LINES = b"".join(b'{"channel_id":"c%d","user_id":"u1","team_name":"core"}\n' % n for n in range(3))
FAILED = json.dumps({"id": "app.x.app_error", "message": "failed", "status_code": 500}).encode()


@pytest.mark.parametrize("body", [LINES, LINES.rstrip(), LINES.replace(b"\n", b"\n\n")])
async def test_each_line_is_a_membership(connect: Any, body: bytes) -> None:
    with scripted(serve(answer(body, content_type="application/x-ndjson"))) as server:
        members = [member async for member in connect(server.url).users.iter_channel_members()]
    assert [member.channel_id for member in members] == ["c0", "c1", "c2"]
    assert all(isinstance(member, ChannelMemberWithTeamData) for member in members)


async def test_an_error_behind_some_lines_is_raised_after_them(connect: Any) -> None:
    members = []
    with scripted(serve(answer(LINES + FAILED, content_type="application/x-ndjson"))) as server:
        with pytest.raises(e.ApiError, match="failed"):
            async for member in connect(server.url).users.iter_channel_members():
                members.append(member)  # noqa: PERF401 - what came before the error counts
    assert len(members) == 3


@pytest.mark.parametrize("line", [b"[1]", b"1", b'{"status_code":4', b'"status_code"', b"no JSON", b"\xff"])
async def test_a_line_that_is_no_membership_is_a_decode_error(connect: Any, line: bytes) -> None:
    with scripted(serve(answer(LINES + line, content_type="application/x-ndjson"))) as server:
        with pytest.raises(e.DecodeError) as caught:
            async for member in connect(server.url).users.iter_channel_members():
                assert isinstance(member, ChannelMemberWithTeamData)
    assert caught.value.route == "GET /api/v4/users/{user_id}/channel_members"
