"""Times as `datetime` beside the milliseconds; otherwise models are as they were without them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from matterapi import models
from matterapi.bases.times import TimeOf, time_of_milliseconds
from matterapi.models import Post, PostUserRecentCustomStatusDeleteJsonBody, Session, Status, User

UTC = timezone.utc


def test_a_time_is_that_of_the_milliseconds_in_utc_and_none_for_never() -> None:
    post = Post.model_validate({"create_at": 1_700_000_000_123, "delete_at": 0})
    assert post.create_time == datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC)
    assert post.create_time.utcoffset() is not None
    assert (post.delete_time, post.edit_time) == (None, None)


def test_a_time_follows_its_field() -> None:
    post = Post(create_at=1000)
    post.create_at = 2000
    assert post.create_time == datetime(1970, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_a_name_is_that_of_the_field_with_time_in_the_place_of_at() -> None:
    user = User(last_login=1000, last_picture_update=1000)
    assert user.last_login_time == user.last_picture_update_time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert Session(expires_at=0).expires_time is None


@pytest.mark.parametrize("value", [None, 0, "soon", 1.5, [1], 10**18, -(10**18), 10**400])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert time_of_milliseconds(value) is None
    assert Post.model_construct(create_at=value).create_time is None


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_time_comes_back_to_the_millisecond(moment: datetime) -> None:
    whole = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    since = whole - datetime(1970, 1, 1, tzinfo=UTC)
    milliseconds = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
    assert time_of_milliseconds(milliseconds) == (whole if milliseconds else None)


def test_a_time_is_no_field() -> None:
    post, body = Post(create_at=1000), {"create_at": 1000}
    assert "create_time" not in Post.model_fields
    assert post.model_dump(exclude_unset=True) == body
    assert post == Post.model_validate(body)
    assert pickle.loads(pickle.dumps(post)) == post  # noqa: S301 - our own
    with pytest.raises(AttributeError, match="create_time"):
        post.create_time = datetime.now(UTC)  # type: ignore[misc, assignment, unused-ignore]


def test_a_key_of_that_name_that_a_server_sends_is_kept_beside_it() -> None:
    post = Post.model_validate_json('{"create_at": 1000, "create_time": "noon"}')
    assert post.create_time == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert post.model_dump(exclude_unset=True) == {"create_at": 1000, "create_time": "noon"}


def test_what_is_not_in_milliseconds_or_only_sent_has_none() -> None:
    assert not hasattr(Status, "dnd_end_time_time")
    assert not hasattr(PostUserRecentCustomStatusDeleteJsonBody, "expires_time")


def classes() -> Iterator[type[BaseModel]]:
    for name in models.__all__:
        model = getattr(models, name)
        assert import_module(model.__module__) is not None
        yield model


def test_every_time_of_every_model_reads_a_field_of_whole_numbers() -> None:
    found = 0
    for model in classes():
        for name, value in vars(model).items():
            if not isinstance(value, TimeOf):
                continue
            found += 1
            field = repr(value).split("'")[1]
            assert name.endswith("_time")
            assert name not in model.model_fields
            assert "int" in str(model.model_fields[field].annotation), (model, field)
    assert found > 200
