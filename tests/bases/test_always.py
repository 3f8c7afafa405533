"""Fields that a type checker takes as always there: at run time nothing depends on it."""

from __future__ import annotations

import json
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from matterapi.bases.always import SENT, Always
from matterapi.bases.models import BaseConfig
from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.endpoints import operations
from matterapi.models import Channel, Group, Post, PostList, User
from matterapi.models.posts import Post as SamePost
from matterapi.response import Response
from tests.support.always_sent import always_sent, lacking


def decoded(declared: Any, body: Any) -> Any:
    response = Response(200, [("Content-Type", "application/json")], json.dumps(body).encode())
    return decode(Operation("GET /api/v4/things", declared), response)


def test_an_instance_made_by_hand_may_leave_them_out_or_give_none() -> None:
    assert SamePost is Post
    assert Post().id is None
    assert Post(id=None, message="m").model_dump(exclude_unset=True) == {"id": None, "message": "m"}  # type: ignore[arg-type]


@pytest.mark.parametrize("post", [{"message": "m"}, {"id": None, "message": "m", "new": 1}])
def test_an_answer_without_one_loses_nothing_else(post: dict[str, Any], caplog: Any) -> None:
    found = decoded(PostList, {"order": ["a"], "posts": {"a": post}}).posts["a"]
    assert (found.id, found.message, found.model_extra) == (None, "m", {"new": 1} if "new" in post else {})
    assert found.model_dump(exclude_unset=True) == post
    assert sorted(lacking([found]))[:1] == ["Post.channel_id"]


@pytest.fixture(params=["core", "pydantic"])
def post_class(request: pytest.FixtureRequest) -> type[BaseModel]:
    """A model that nobody has decoded yet, which the core decodes, or has to leave to pydantic."""

    class Fresh(BaseConfig):
        id: Always[str] = SENT
        message: Always[str] = SENT
        props: dict[str, int] | None = None

    if request.param == "pydantic":

        def initialise(self: BaseConfig, **values: Any) -> None:
            BaseConfig.__init__(self, **values)

        Fresh.__init__ = initialise  # type: ignore[method-assign]
    return Fresh


def test_what_an_answer_lacks_is_logged_once(post_class: Any, caplog: Any) -> None:
    for body in ({"message": "m"}, {"message": "n"}, {"id": "a"}):
        decoded(list[post_class], [{"props": None, **body}])
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split(",")[0] for line in lines] == [
        "Fresh: the server left out id",
        "Fresh: the server left out message",
    ]


def test_what_may_be_left_out_is_not_missed(post_class: Any, caplog: Any) -> None:
    decoded(post_class, {"id": "a", "message": ""})
    assert caplog.records == []


def test_lists_that_the_server_sends_as_null_are_empty_ones() -> None:
    found = decoded(PostList, {"order": None, "posts": None})
    assert (found.order, len(found.posts)) == ([], 0)


def test_the_fields_that_every_program_reads_are_among_them() -> None:
    for model, names in (
        (Post, "id channel_id user_id root_id message create_at update_at delete_at type"),
        (Channel, "id team_id type name display_name header purpose"),
        (User, "id username email first_name last_name nickname roles locale"),
        (Group, "id display_name source"),
    ):
        assert set(names.split()) <= always_sent()[model.__name__]
    assert "file_ids" not in always_sent()["Post"], "absent where empty before 10.6"


def is_list(operation: Operation[Any]) -> bool:
    return any(get_origin(each) is list for each in (operation.returns, *get_args(operation.returns)))


def test_no_method_says_that_a_list_may_be_none() -> None:
    """Of an answer that is a list, null is an empty one."""
    tables = [
        import_module(f"{operations.__name__}.{each.name}") for each in iter_modules(operations.__path__)
    ]
    found = [each for table in tables for each in vars(table).values() if isinstance(each, Operation)]
    lists = [each for each in found if get_origin(each.returns) in {list, UnionType} and is_list(each)]
    assert len(lists) > 100
    assert [each.place for each in lists if type(None) in get_args(each.returns)] == []
    null = Response(200, [("Content-Type", "application/json")], b"null")
    assert [each.place for each in lists if decode(each, null) != []] == []
