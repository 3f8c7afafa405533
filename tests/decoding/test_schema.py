"""The core's decoder against pydantic: the same bytes give an equal instance, or the decoder gives up."""

import copy
import json
import pickle
import string
import sys
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, RootModel, TypeAdapter, ValidationError, field_validator

from matterapi import models
from matterapi.decoding.lenient import fill_null_lists, salvage
from matterapi.decoding.model_fields import extra_type, json_names
from matterapi.decoding.schema import decoder_for
from matterapi.types import BaseConfig
from tests.support.examples import examples

MODELS = [
    models.Post,
    models.PostList,
    models.User,
    models.Channel,
    models.ChannelMember,
    models.Team,
    models.FileInfo,
    models.Reaction,
    models.SidebarCategory,
    models.UserThreads,
    models.Bot,
    models.Config,
    models.GetPluginsResponse200,
    models.GetUsersByGroupChannelIdsResponse200,
    models.CommandResponse,
]

words = st.text(string.ascii_letters + string.digits + ' "\\/\n<é😀', max_size=12)
integers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    st.none() | st.booleans() | integers | floats | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


def values(declared: Any, depth: int = 0) -> st.SearchStrategy[Any]:  # noqa: PLR0911
    """JSON values of a declared type, objects as dicts under the server's names."""
    origin, arguments = get_origin(declared), get_args(declared)
    if origin in {Union, UnionType}:
        return st.one_of(*(values(argument, depth) for argument in arguments))
    if origin is list:
        return st.lists(values(arguments[0], depth + 1), max_size=0 if depth > 3 else 2)
    if origin is dict:
        return st.dictionaries(words, values(arguments[1], depth + 1), max_size=0 if depth > 3 else 2)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: words, int: integers, float: floats, bool: st.booleans(), NoneType: st.none(), Any: anything
    }  # fmt: skip
    if declared in simple:
        return simple[declared]
    if isinstance(declared, type) and issubclass(declared, Enum):
        return st.sampled_from([member.value for member in declared])
    if isinstance(declared, type) and issubclass(declared, RootModel):
        return st.deferred(lambda: values(declared.model_fields["root"].annotation, depth + 1))
    assert issubclass(declared, BaseModel), declared
    return st.deferred(lambda: objects(declared, depth))


@cache
def objects(model: type[BaseModel], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    model.model_rebuild()
    fields = {
        json_names(name, field)[0]: values(field.annotation, depth + 1)
        for name, field in model.model_fields.items()
        if depth <= 3 or field.is_required()
    }
    required = {json_names(n, f)[0] for n, f in model.model_fields.items() if f.is_required()}
    known = st.fixed_dictionaries(
        {name: fields[name] for name in fields if name in required},
        optional={name: fields[name] for name in fields if name not in required},
    )
    taken = {key for n, f in model.model_fields.items() for key in (n, *json_names(n, f))}
    free = values(extra_type(model), depth + 1) if depth <= 3 else st.nothing()
    unknown = st.dictionaries(words.filter(lambda key: key not in taken), free, max_size=2)
    return st.builds(lambda a, b: {**a, **b}, known, unknown)


def by_pydantic(declared: Any, content: bytes) -> Any:
    try:
        return fill_null_lists(declared, TypeAdapter(declared).validate_json(content))
    except ValidationError:
        # A null that stands for an empty list where a list is required.
        return salvage(declared, json.loads(content), "GET /")


def assert_same(ours: Any, theirs: Any) -> None:
    """Equal in everything that users see of an instance."""
    assert ours == theirs
    assert type(ours) is type(theirs)
    assert ours.model_fields_set == theirs.model_fields_set
    assert type(ours.model_fields_set) is set
    assert ours.model_extra == theirs.model_extra
    assert list(ours.__dict__) == list(theirs.__dict__)
    for arguments in ({}, {"by_alias": True, "exclude_unset": True}):
        assert ours.model_dump(**arguments) == theirs.model_dump(**arguments)
        assert ours.model_dump_json(**arguments) == theirs.model_dump_json(**arguments)
    assert repr(ours) == repr(theirs)
    for twin in (copy.copy(ours), copy.deepcopy(ours), ours.model_copy(), pickle.loads(pickle.dumps(ours))):  # noqa: S301
        assert twin == theirs
        assert twin.model_fields_set == theirs.model_fields_set


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@examples(15)
@given(data=st.data())
def test_an_instance_equals_pydantics(model: type[BaseModel], data: st.DataObject) -> None:
    body = data.draw(objects(model, 0))
    content = json.dumps(body, ensure_ascii=data.draw(st.booleans())).encode()
    ours = decoder_for(model).decode(content)
    assert ours is not NotImplemented
    assert_same(ours, by_pydantic(model, content))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@examples(15)
@given(data=st.data())
def test_any_json_gives_pydantics_value_or_none_of_ours(model: type[BaseModel], data: st.DataObject) -> None:
    body = data.draw(objects(model, 0))
    if body:
        body[data.draw(st.sampled_from(sorted(body)))] = data.draw(anything)
    content = json.dumps(body).encode()
    ours = decoder_for(model).decode(content)
    if ours is not NotImplemented:
        assert_same(ours, by_pydantic(model, content))


@examples(300)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_crash_the_decoder_and_only_json_is_taken(content: bytes) -> None:
    value = decoder_for(Any).decode(content)
    if value is not NotImplemented:
        assert (
            value == json.loads(content.decode("utf-8-sig"), strict=True)
            or "\\ud" in content.decode().lower()
        )


def decoded(content: str, declared: Any = models.User) -> Any:
    return decoder_for(declared).decode(content.encode())


@pytest.mark.parametrize(
    "content",
    [
        '{"id":5}',
        '{"id":"a","id":"b"}',
        '{"extra":1,"extra":2}',
        '{"create_at":1.5}',
        '{"create_at":"5"}',
        '{"create_at":123456789012345678901234567890}',
        '{"email_verified":1}',
        '{"notify_props":[]}',
        "[]",
        "null",
        "",
        '{"id":"a"',
        '{"id":"a"} x',
        '{"id":NaN}',
        '{"x":' + "[" * 200 + "]" * 200 + "}",
        '{"x":' + "1" * 4_300 + "e-400}",
    ],
)
def test_a_surprise_is_left_to_pydantic(content: str) -> None:
    assert decoded(content) is NotImplemented


def test_invalid_utf_8_is_left_to_pydantic() -> None:
    assert decoder_for(models.User).decode(b'{"id":"\xff"}') is NotImplemented


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('\ufeff {"x":1}', {"x": 1}),
        ('"\\ud800"', "\ufffd"),
        ("1e400", float("inf")),
        ("-0.0", -0.0),
        ("9223372036854775807", 2**63 - 1),
        ('{"a":[{},[]],"":null}', {"a": [{}, []], "": None}),
    ],
)
def test_odd_but_valid_json_has_its_value(content: str, value: Any) -> None:
    assert decoded(content, Any) == value


def test_null_lists_are_empty_and_absent_ones_none() -> None:
    post = decoded('{"file_ids":null,"participants":null,"metadata":{"files":null}}', models.Post)
    assert (post.file_ids, post.participants, post.metadata.files) == ([], [], [])
    assert decoded("{}", models.Post).file_ids is None
    assert decoded("null", list[models.Post]) == []


def test_null_objects_with_free_keys_are_empty_and_absent_ones_none() -> None:
    channel = decoded('{"props":null,"name":"n"}', models.Channel)
    assert decoded("{}", models.Channel).props is None
    assert len(channel.props) == 0
    assert "props" in channel.model_fields_set
    post = decoded('{"props":null,"metadata":{"images":null}}', models.Post)
    assert (list(post.props), list(post.metadata.images)) == ([], [])
    assert decoded("null", dict[str, int]) == {}
    # An object with fields of its own is not there.
    assert decoded('{"metadata":null}', models.Post).metadata is None


def test_a_field_may_come_under_its_python_name() -> None:
    content = '{"service_settings":{"SiteURL":"u"}}'
    assert_same(decoded(content, models.Config), by_pydantic(models.Config, content.encode()))


def test_defaults_are_not_shared_between_instances() -> None:
    first, second = decoded('{"x":1}'), decoded('{"x":1}')
    first.model_extra["y"] = 2
    first.username = "ann"
    first.model_fields_set.add("z")
    assert (second.model_extra, second.username) == ({"x": 1}, None)
    assert second.model_fields_set == {"x"}
    assert decoded("{}").model_fields_set == set()


def test_repeated_strings_are_one_object() -> None:
    user_id = "a" * 26
    posts = decoded(f'[{{"user_id":"{user_id}"}},{{"user_id":"{user_id}"}}]', list[models.Post])
    assert posts[0].user_id is posts[1].user_id


def test_the_values_of_an_instance_are_smaller_than_a_dict_and_can_be_changed_like_one() -> None:
    """They share their keys; whatever is done to one instance stays its own."""
    first, second = decoded('[{"message":"a"},{"message":"b"}]', list[models.Post])
    assert sys.getsizeof(vars(first)) < sys.getsizeof(dict(vars(first)))
    del first.message
    first.own = 1
    vars(first)["root_id"] = "r"
    assert ("message" in vars(first), vars(first)["root_id"], first.own) == (False, "r", 1)
    assert_same(second, by_pydantic(models.Post, b'{"message":"b"}'))
    assert list(vars(second)) == list(models.Post.model_fields)


COMMON: dict[str, Any] = {
    "type": "p",
    "delete_at": 7,
    "is_pinned": True,
    "channel_id": "c" * 26,
    "root_id": "",
}
ODD: list[dict[str, Any]] = [
    {**COMMON, "channel_id": "d" * 26, "is_pinned": False},
    {**COMMON, "delete_at": 70, "type": "pp", "root_id": "r"},
    {key: COMMON[key] for key in ("type", "is_pinned")},
    {},
    {**COMMON, "own": {"type": "p"}},
    {**COMMON, "metadata": {"embeds": [{"type": "link", "url": "p"}], "files": None}},
    {key: COMMON[key] for key in reversed(COMMON)},
    {**COMMON, "message": COMMON["channel_id"]},
    {**COMMON, "channel_id": "c" * 26 + '"'},
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("before", [1, 6, 7, 8, 9])
def test_what_many_instances_share_is_not_given_to_one_that_differs(odd: dict[str, Any], before: int) -> None:
    body = [COMMON] * before + [odd] + [COMMON] * 9 + [odd]
    content = json.dumps(body, separators=(",", ":")).encode()
    ours = decoder_for(list[models.Post]).decode(content)
    for post, one in zip(ours, body, strict=True):
        assert_same(post, by_pydantic(models.Post, json.dumps(one).encode()))


@pytest.mark.parametrize("odd", ['{"channel_id":5}', '{"delete_at":7.5}', '{"is_pinned":"p"}', '{"type":"p'])
def test_a_surprise_after_many_equal_instances_is_one(odd: str) -> None:
    common = json.dumps(COMMON, separators=(",", ":"))
    assert decoded(f"[{','.join([common] * 9)},{odd}]", list[models.Post]) is NotImplemented


def test_what_one_body_repeats_is_not_expected_of_the_next() -> None:
    for channel_id in ("c" * 26, "d" * 26):
        ours = decoded(json.dumps([{**COMMON, "channel_id": channel_id}] * 20), list[models.Post])
        assert {post.channel_id for post in ours} == {channel_id}
        assert decoded("{}", models.Post).channel_id is None


class Usual(BaseConfig):
    """A model of its own for each test that learns what is usual for it."""

    name: str | None = None
    count: int | None = None


@pytest.mark.parametrize("changed", [0, 1, 2])
def test_changing_the_set_fields_of_one_instance_changes_no_other(changed: int) -> None:
    class Local(Usual):
        pass

    instances = decoded('[{"name":"a"},{"name":"b"},{"name":"c"}]', list[Local])
    one = instances.pop(changed)
    one.count = 1
    one.model_fields_set.discard("name")
    assert one.model_fields_set == {"count"}
    assert one.model_dump(exclude_unset=True) == {"count": 1}
    assert [other.model_fields_set for other in instances] == [{"name"}] * 2


@pytest.mark.parametrize("changed", [0, 1, 2])
@pytest.mark.parametrize("content", ['{"own":1}', '{"name":"a"}', '{"name":"a","own":1}', "{}"])
def test_what_is_put_into_model_extra_later_does_not_count_as_set(content: str, changed: int) -> None:
    """As in pydantic."""

    class Local(Usual):
        pass

    ours = decoded(f"[{','.join([content] * 3)}]", list[Local])[changed]
    theirs = Local.model_validate_json(content)
    for instance in (ours, theirs):
        instance.model_extra["last"] = 3
    assert "last" not in ours.model_fields_set
    assert ours.model_fields_set == theirs.model_fields_set
    assert ours == theirs
    assert ours.model_extra == theirs.model_extra
    assert ours.model_dump(exclude_unset=True) == theirs.model_dump(exclude_unset=True)


def test_a_model_without_extra_fields_says_so() -> None:
    """As in pydantic: None, not an empty dict."""

    class Closed(Usual):
        model_config = ConfigDict(extra="ignore")

    for instance in (Closed(), Closed.model_validate_json("{}")):
        assert instance.model_extra is None


def test_set_fields_are_known_only_of_instances_of_the_decoder() -> None:
    class Local(Usual):
        pass

    class Child(Local):
        pass

    assert decoded('{"name":"a"}', Local).model_fields_set == {"name"}
    assert Local(count=1).model_fields_set == {"count"}
    for model in (Usual, Child):
        with pytest.raises(AttributeError):
            _ = model.__new__(model).model_fields_set


class Shouting(models.User):
    @field_validator("username")
    @classmethod
    def _shout(cls, value: str) -> str:
        return value.upper()


class Plain(BaseConfig):
    """A model of the user's own, without code."""

    name: str
    parent: "Plain | None" = None


def test_a_users_validator_runs() -> None:
    assert decoded('{"username":"ann"}', Shouting).username == "ANN"


def test_a_users_own_recursive_model_is_decoded() -> None:
    content = '{"name":"a","parent":{"name":"b","parent":null}}'
    assert_same(decoded(content, Plain), by_pydantic(Plain, content.encode()))
    assert decoded("{}", Plain) is NotImplemented
