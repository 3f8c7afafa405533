"""Dumps of answers whose values are not of their declared types."""

import json
import warnings
from typing import Any

import pytest

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.models import Post, PostList, User
from matterapi.response import Response
from matterapi.types import BaseArray, BaseMapping


class Names(BaseArray[str]):
    root: list[str]


class Counts(BaseMapping[int]):
    root: dict[str, int]


DRIFTED = {
    "a number for a text": (User, {"id": 5}),
    "a text for a number": (Post, {"id": "p", "create_at": "soon"}),
    "an object for a list": (Post, {"id": "p", "file_ids": {"a": 1}}),
    "a text for an object": (Post, {"id": "p", "props": "none"}),
    "inside another": (PostList, {"order": ["p"], "posts": {"p": {"id": "p", "reply_count": "many"}}}),
    "in an array": (Names, ["a", 5]),
    "in a mapping": (Counts, {"a": "one"}),
}


@pytest.mark.parametrize(("declared", "content"), DRIFTED.values(), ids=DRIFTED)
def test_a_drifted_value_is_dumped_as_it_came_and_without_a_word(declared: Any, content: Any) -> None:
    model = decode(Operation("GET /x", declared), Response(200, (), json.dumps(content).encode()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert model.model_dump(exclude_unset=True) == content
        assert model.model_dump(mode="json", exclude_unset=True) == content
        assert json.loads(model.model_dump_json(exclude_unset=True)) == content


@pytest.mark.filterwarnings("ignore:The `(dict|json)` method is deprecated")
def test_the_dumps_of_old_are_silent_too() -> None:
    user = decode(Operation("GET /x", User), Response(200, (), b'{"id": 5}'))
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        assert user.dict(exclude_unset=True) == {"id": 5}
        assert json.loads(user.json(exclude_unset=True)) == {"id": 5}


def test_who_asks_for_the_warnings_gets_them() -> None:
    user = decode(Operation("GET /x", User), Response(200, (), b'{"id": 5}'))
    for dump in (user.model_dump, user.model_dump_json):
        with pytest.warns(UserWarning, match="serializer warnings"):
            dump(warnings=True)
