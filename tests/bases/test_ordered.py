"""Lists of posts and files that the server sends as ids in order and items by id."""

import json
from typing import Any

import pytest

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.models import FileInfo, FileInfoList, Post, PostList, PostListWithSearchMatches
from matterapi.response import Response
from matterapi.types import BaseConfig

POSTS = {name: {"id": name, "message": f"about {name}"} for name in ("a", "root", "b")}
LISTED = {"order": ["b", "a"], "posts": POSTS, "next_post_id": "", "prev_post_id": ""}


def decoded(declared: Any, content: Any) -> Any:
    return decode(Operation("GET /x", declared), Response(200, (), json.dumps(content).encode()))


@pytest.mark.parametrize("model", [PostList, PostListWithSearchMatches])
def test_iterating_gives_the_posts_that_the_order_names(model: Any) -> None:
    posts = decoded(model, LISTED)
    assert [post.message for post in posts] == ["about b", "about a"]
    assert all(isinstance(post, Post) for post in posts)
    assert len(posts) == 2
    assert [*posts.posts] == ["a", "root", "b"]


def test_files_that_a_search_found_come_in_order_too() -> None:
    files = decoded(FileInfoList, {"order": ["y", "x"], "file_infos": {"x": {"id": "x"}, "y": {"id": "y"}}})
    assert [file.id for file in files] == ["y", "x"]
    assert all(isinstance(file, FileInfo) for file in files)


@pytest.mark.parametrize(
    "content", [{}, {"order": None, "posts": None}, {"order": ["a"]}, {"order": ["gone"], "posts": {}}]
)
def test_what_is_not_there_is_left_out(content: Any) -> None:
    posts = decoded(PostList, content)
    assert list(posts) == []
    assert len(posts) == 0


def test_an_empty_list_is_true_as_every_model_is() -> None:
    assert decoded(PostList, {"order": [], "posts": {}})


def test_it_is_a_model_like_others() -> None:
    posts = decoded(PostList, LISTED)
    assert isinstance(posts, BaseConfig)
    assert posts == PostList.model_validate(LISTED)
    assert posts != PostList.model_validate({**LISTED, "order": ["a"]})
    assert posts.model_dump(exclude_unset=True) == LISTED
    assert PostList.model_validate_json(posts.model_dump_json(exclude_unset=True)) == posts
    assert posts.model_copy(update={"order": ["a"]}).order == ["a"]
    assert "order=['b', 'a']" in repr(posts)
