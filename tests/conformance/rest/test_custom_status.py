"""What users say about themselves, and until when (api4/status.go, model/custom_status.go)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.conformance.http import Answer, Http
    from tests.conformance.scene import Scene

REFUSED = (400, "api.context.invalid_body_param.app_error")


@pytest.fixture(scope="module")
def somebody(scene: Scene) -> Http:
    return scene.user()


def _later(**fields: int) -> str:
    moment = datetime.now(timezone.utc) + timedelta(**(fields or {"hours": 1}))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _set(user: Http, **fields: Any) -> Answer:
    return user.put(f"/users/{user.id}/status/custom", fields)


def _kept(user: Http) -> Any:
    return json.loads(user.get("/users/me").json["props"]["customStatus"])


@pytest.mark.parametrize(
    ("duration", "expires_at"),
    [
        ("one_hour", None),
        ("one_hour", 1_900_000_000_000),
        ("one_hour", "1900000000000"),
        ("one_hour", "2099-01-01T10:00:00"),
        ("one_hour", "2099-01-01 10:00:00Z"),
        ("one_hour", "2001-01-01T10:00:00Z"),
        ("", "2001-01-01T10:00:00Z"),
        ("an_hour", "2099-01-01T10:00:00Z"),
        ("one_hour", "0001-01-01T00:00:00Z"),
        ("", ""),
    ],
)
def test_a_time_that_is_none_or_past_and_an_unknown_duration_are_400(
    somebody: Http, duration: str, expires_at: Any
) -> None:
    """model/custom_status.go, AreDurationAndExpirationTimeValid; the time is one of RFC 3339."""
    fields = {"emoji": "calendar", "text": "away", "duration": duration}
    answer = _set(somebody, **fields, **({} if expires_at is None else {"expires_at": expires_at}))
    assert answer.failure == REFUSED


def test_neither_emoji_nor_text_is_400(somebody: Http) -> None:
    """api4/status.go, updateUserCustomStatus."""
    assert _set(somebody, duration="").failure == REFUSED


@pytest.mark.parametrize("zone", ["Z", "+02:00"])
def test_a_duration_with_a_time_to_come_is_kept_as_it_is(somebody: Http, zone: str) -> None:
    """api4/status.go, updateUserCustomStatus."""
    at = _later(hours=24).replace("Z", zone)
    assert _set(somebody, emoji="calendar", text="away", duration="today", expires_at=at).status == 200
    assert _kept(somebody) == {"emoji": "calendar", "text": "away", "duration": "today", "expires_at": at}


def test_a_time_without_a_duration_makes_it_date_and_time(somebody: Http) -> None:
    """model/custom_status.go, PreSave."""
    assert _set(somebody, text="away", expires_at=_later()).status == 200
    assert _kept(somebody)["duration"] == "date_and_time"


def test_a_status_may_have_no_end_and_no_emoji(somebody: Http) -> None:
    """model/custom_status.go: the zero time, and no default for the emoji."""
    assert _set(somebody, text="here").status == 200
    kept = {"emoji": "", "text": "here", "duration": "", "expires_at": "0001-01-01T00:00:00Z"}
    assert _kept(somebody) == kept


def test_a_text_is_cut_at_100_characters(somebody: Http) -> None:
    """model/custom_status.go, PreSave."""
    assert _set(somebody, text="x" * 101).status == 200
    assert _kept(somebody)["text"] == "x" * 100


@pytest.mark.parametrize("emoji", ["no_such_emoji", ":calendar:"])
def test_an_emoji_that_is_not_there_is_400(somebody: Http, emoji: str) -> None:
    """app/status.go, SetCustomStatus: by its name, without colons."""
    failure = (400, "api.custom_status.set_custom_statuses.emoji_not_found")
    assert _set(somebody, emoji=emoji, text="x").failure == failure


def test_a_status_that_is_taken_back_leaves_an_empty_text(somebody: Http) -> None:
    """model/user.go, ClearCustomStatus."""
    assert _set(somebody, text="here").status == 200
    assert somebody.delete(f"/users/{somebody.id}/status/custom").status == 200
    assert somebody.get("/users/me").json["props"]["customStatus"] == ""


def test_of_one_text_the_last_status_is_remembered(scene: Scene) -> None:
    """model/custom_status.go, RecentCustomStatuses.Add: five, the newest first."""
    user = scene.user()
    for emoji, text in (("one", "a"), ("two", "b"), ("three", "a")):
        assert _set(user, emoji=emoji, text=text).status == 200
    kept = user.get("/users/me/preferences/custom_status/name/recent_custom_statuses").json["value"]
    assert [(one["emoji"], one["text"]) for one in json.loads(kept)] == [("three", "a"), ("two", "b")]
