"""`client.status.set_custom_status`, and the same read back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from matterapi import exceptions
from matterapi.content import CustomStatus
from matterapi.testing import MattermostServer


async def test_a_status_is_said_read_and_taken_back(client: Any, server: MattermostServer) -> None:
    assert await client.status.get_custom_status() is None
    ends = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    await client.status.set_custom_status(CustomStatus("In a call", ":phone:", ends))
    said = CustomStatus("In a call", "phone", ends, "date_and_time")
    assert await client.status.get_custom_status() == said
    assert (await client.users.get_user("me")).custom_status == said
    await client.status.set_custom_status("Away")
    assert await client.status.get_custom_status(server.admin.id) == CustomStatus("Away")
    await client.status.set_custom_status(None)
    assert await client.status.get_custom_status() is None


async def test_the_status_of_another_user(client: Any, server: MattermostServer) -> None:
    bob = server.create_user("bob")
    await client.status.set_custom_status(CustomStatus(emoji="tada"), bob["id"])
    assert await client.status.get_custom_status(bob["id"]) == CustomStatus(emoji="tada")
    assert await client.status.get_custom_status() is None


async def test_what_cannot_be_said_is_refused(client: Any, server: MattermostServer) -> None:
    for status in ["", CustomStatus("x", expires_at=datetime(2030, 1, 1))]:  # noqa: DTZ001 - that is the point
        with pytest.raises(exceptions.InvalidRequest):
            await client.status.set_custom_status(status)
    assert list(server.requests) == []
    with pytest.raises(exceptions.InvalidOrMissingParameters):
        await client.status.set_custom_status(CustomStatus(emoji="no-such-emoji"))
