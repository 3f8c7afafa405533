"""What the event stream is told of `ws_reconnect_wait_time`."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client import base


class Started(Exception):
    """Instead of a connection."""


@pytest.mark.parametrize("make", [SyncClient, AsyncClient])
@pytest.mark.parametrize(("given", "told"), [({}, None), ({"ws_reconnect_wait_time": 5}, 5.0)])
def test_its_default_of_5_s_does_not_lengthen_the_first_waits(
    make: Any, given: dict[str, Any], told: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float | None] = []

    def start(_core: Any, *, longest_wait: float | None, **_more: Any) -> None:
        waits.append(longest_wait)
        raise Started

    monkeypatch.setattr(base, "EventStream", start)
    client = make(options={"url": "http://127.0.0.1:9", "auth": {"token": "t"}, **given})
    with pytest.raises(Started):
        client.start_ws_sync(print)

    assert waits == [told]
