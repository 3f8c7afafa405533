"""Times that a call sends."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from matterapi.exceptions import InvalidOrMissingParameters
from matterapi.models import UpdateUserCustomStatusJsonBody


async def test_a_custom_status_ends_at_a_datetime_but_not_at_milliseconds(client: Any) -> None:
    end = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    status = {"emoji": "calendar", "text": "away"}
    for body in (
        {**status, "expires_at": end},
        UpdateUserCustomStatusJsonBody(**status, expires_at=end.isoformat()),
    ):
        await client.status.update_user_custom_status("me", json_body=body)
        kept = (await client.users.get_user("me")).props["customStatus"]
        assert end.strftime("%Y-%m-%dT%H:%M:%S") in kept
    with pytest.raises(InvalidOrMissingParameters):
        milliseconds = int(end.timestamp() * 1000)
        await client.status.update_user_custom_status("me", json_body={**status, "expires_at": milliseconds})
