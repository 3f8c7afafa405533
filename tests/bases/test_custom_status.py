"""What users say about themselves: from the text in their props, and to the body that the server takes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from matterapi.bases.custom_status import CustomStatus
from matterapi.models import User

NEVER = "0001-01-01T00:00:00Z"


def user(status: Any) -> User:
    text = status if isinstance(status, str) else json.dumps(status)
    return User.model_validate({"props": {"customStatus": text}})


def test_the_text_in_the_props_is_an_object() -> None:
    found = user({"emoji": "phone", "text": "Call", "duration": "one_hour",
                  "expires_at": "2030-01-31T12:00:00.123456789+02:00"}).custom_status  # fmt: skip
    moment = datetime(2030, 1, 31, 10, 0, 0, 123_456, tzinfo=timezone.utc)
    assert found == CustomStatus("Call", "phone", moment, "one_hour")


def test_the_zero_time_of_the_server_means_never() -> None:
    found = user({"emoji": "", "text": "Hi", "duration": "", "expires_at": NEVER}).custom_status
    assert found == CustomStatus("Hi")


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "[1]", "no JSON", "[" * 100_000, '{"emoji": "", "text": ""}']
)
def test_what_is_no_status_is_none(text: str) -> None:
    assert user(text).custom_status is None


def test_a_user_without_props_has_none() -> None:
    assert User().custom_status is None
    assert User.model_validate({"props": {}}).custom_status is None


@pytest.mark.parametrize("expires_at", ["soon", 5, None, "9999-12-31T23:59:59-23:59", "2030-13-01T00:00:00Z"])
def test_a_time_that_is_none_does_not_hide_the_text(expires_at: Any) -> None:
    assert user({"text": "Hi", "expires_at": expires_at}).custom_status == CustomStatus("Hi")


def test_the_body_has_what_was_said_only() -> None:
    assert CustomStatus("Hi").to_json() == {"emoji": "", "text": "Hi"}
    moment = datetime(2030, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert CustomStatus("Hi", ":phone:", moment, "today").to_json() == {
        "emoji": "phone", "text": "Hi", "duration": "today", "expires_at": "2030-01-31T12:00:00+02:00",
    }  # fmt: skip


@pytest.mark.parametrize("status", [CustomStatus(), CustomStatus("Hi", expires_at=datetime(2030, 1, 1))])  # noqa: DTZ001 - that is the point
def test_what_the_server_would_refuse_is_refused(status: CustomStatus) -> None:
    with pytest.raises(ValueError, match=r"text or an emoji|time zone"):
        status.to_json()
