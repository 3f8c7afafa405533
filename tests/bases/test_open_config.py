"""Objects whose keys are free read like dicts, and their declared fields are attributes as ever."""

import copy
import json
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.models import Channel, ChannelMember, Post, Session, User, UserNotifyProps
from matterapi.response import Response
from matterapi.types import BaseConfig, OpenConfig


def decoded(declared: Any, content: Any) -> Any:
    return decode(Operation("GET /x", declared), Response(200, (), json.dumps(content).encode()))


FREE = {
    "post.props": lambda content: decoded(Post, {"props": content}).props,
    "user.props": lambda content: decoded(User, {"props": content}).props,
    "session.props": lambda content: decoded(Session, {"props": content}).props,
    "user.notify_props": lambda content: decoded(User, {"notify_props": content}).notify_props,
    "member.notify_props": lambda content: decoded(ChannelMember, {"notify_props": content}).notify_props,
    "user.timezone": lambda content: decoded(User, {"timezone": content}).timezone,
}
every_one = pytest.mark.parametrize("make", FREE.values(), ids=FREE)


@every_one
def test_it_reads_like_a_dict(make: Any) -> None:
    content = {"from_bot": "true", "Other": "x"}
    props = make(content)
    assert "from_bot" in props
    assert "missing" not in props
    assert props["from_bot"] == "true"
    assert props.get("missing") is None
    assert props.get("missing", 3) == 3
    assert len(props) == 2
    assert list(props) == list(content) == list(props.keys())
    assert list(props.values()) == list(content.values())
    assert dict(props) == {**props} == dict(props.items()) == content
    with pytest.raises(KeyError, match="missing"):
        props["missing"]


@every_one
def test_it_is_changed_like_a_dict(make: Any) -> None:
    props = make({"a": "1"})
    props["b"] = "2"
    del props["a"]
    assert dict(props) == {"b": "2"}
    assert props.model_dump(exclude_unset=True) == {"b": "2"}
    with pytest.raises(KeyError):
        del props["a"]


@every_one
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=3), max_size=5))
def test_all_its_keys_are_those_that_were_sent(make: Any, content: dict[str, str]) -> None:
    props = make(content)
    assert dict(props) == content
    for twin in (copy.deepcopy(props), pickle.loads(pickle.dumps(props))):  # noqa: S301
        assert dict(twin) == content


def test_declared_fields_are_attributes_and_keys_by_the_name_of_the_server() -> None:
    notify = decoded(User, {"notify_props": {"email": "true", "own": "x"}}).notify_props
    assert (notify.email, notify["email"], notify.own) == ("true", "true", "x")
    assert notify.push is None
    assert "push" not in notify
    assert set(notify) == {"email", "own"}
    zone = decoded(User, {"timezone": {"useAutomaticTimezone": "true"}}).timezone
    assert zone.use_automatic_timezone == "true"
    assert dict(zone) == {"useAutomaticTimezone": "true"}


def test_a_declared_field_is_set_and_removed_by_its_key() -> None:
    notify = UserNotifyProps(email="true")
    notify["push"] = "all"
    assert notify.push == "all"
    del notify["email"]
    assert notify.email is None
    assert dict(notify) == {"push": "all"}
    assert notify.model_dump(exclude_unset=True) == {"push": "all"}
    with pytest.raises(KeyError):
        del notify["email"]


@every_one
def test_an_object_without_keys_is_true_as_every_model_is(make: Any) -> None:
    props = make({})
    assert len(props) == 0
    assert bool(props) is True
    assert list(props) == []


def test_every_model_is_true_whatever_it_holds() -> None:
    class Free(OpenConfig[str]):
        if not TYPE_CHECKING:
            __pydantic_extra__: dict[str, str]

    for model in (Free(), Post.Props(), UserNotifyProps(), Channel(), Post()):
        assert isinstance(model, BaseConfig)
        assert bool(model) is True


def test_other_models_still_yield_pairs() -> None:
    assert ("id", "p") in list(Post(id="p"))
