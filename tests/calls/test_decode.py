import json
import logging
from collections.abc import Callable
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, TypeAdapter

from matterapi.calls.codec import decode
from matterapi.calls.operation import Operation
from matterapi.client.exceptions import ApiError, DecodeError, MatterapiError, ResourceNotFound
from matterapi.decoding import lenient
from matterapi.decoding.lenient import fill_null_lists, salvage
from matterapi.response import Response
from matterapi.types import BaseArray, BaseConfig, BaseMapping

Make = Callable[..., Any]
ROUTE = "GET /api/v4/things"


class Kind(str, Enum):
    OPEN = "O"


class Reaction(BaseConfig):
    emoji: str | None = None


class Post(BaseConfig):
    id: str | None = None
    kind: Kind | None = None
    create_at: int | None = None
    file_ids: list[str] | None = None
    reactions: list[Reaction] | None = None
    from_: str | None = Field(default=None, alias="from")
    either: list[str] | str | None = None


class Page(BaseConfig):
    class Posts(BaseMapping[Post]):
        root: dict[str, Post]

    order: list[str] | None = None
    posts: Posts | None = None
    names: "Names | None" = None
    strict: list[int] = Field(default_factory=list)
    first: Post | None = None


class Names(BaseArray[str]):
    root: list[str]


class Strict(BaseConfig):
    id: str
    count: int


@pytest.fixture(autouse=True)
def _nothing_reported_yet() -> None:
    lenient._reported.clear()


def answer(content: Any, status: int = 200, content_type: str = "application/json") -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = [("Content-Type", content_type), ("X-Request-Id", "r1")]
    return Response(status, headers, body, url="https://chat.example.com/team/api/v4/things")


def test_a_success_becomes_the_declared_type(operation: Make) -> None:
    post = decode(operation(Post), answer({"id": "a", "kind": "O", "from": "x", "new": 1}))
    assert post == Post.model_validate({"id": "a", "kind": Kind.OPEN, "from": "x", "new": 1})
    assert post.model_extra == {"new": 1}
    assert decode(operation(list[str]), answer(["a"], status=201)) == ["a"]


def test_the_response_itself_is_given_where_declared_or_asked_for(operation: Make) -> None:
    response = answer(b"\x89PNG", content_type="image/png")
    assert decode(operation(Response), response) is response
    assert decode(operation(Post), response, skip=True) is response


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("status", [101, 302, 304, 404, 500])
def test_another_status_is_an_error_in_any_case(operation: Make, status: int, skip: bool) -> None:
    for returns in (Post, Response):
        with pytest.raises(ApiError) as caught:
            decode(operation(returns, ROUTE), answer(b"", status), skip)
        assert (caught.value.status_code, caught.value.route) == (status, ROUTE)


def test_a_redirect_names_its_target(operation: Make) -> None:
    with pytest.raises(ApiError, match=r"https://elsewhere\.example\.com"):
        decode(operation(Post), Response(302, [("Location", "https://elsewhere.example.com/")]))


def test_no_body_is_none_where_the_operation_may_have_none(operation: Make) -> None:
    assert decode(operation(Post | None), answer(b"", status=204)) is None
    assert decode(operation(type(None)), answer(b"")) is None


def test_no_body_is_an_error_where_json_is_declared(operation: Make) -> None:
    with pytest.raises(DecodeError, match="no body") as caught:
        decode(operation(Post, ROUTE), answer(b""))
    assert (caught.value.route, caught.value.request_id, caught.value.status_code) == (ROUTE, "r1", 200)


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "text/plain", "image/png", ""])
def test_a_page_instead_of_json_points_to_url_or_proxy(operation: Make, content_type: str) -> None:
    response = answer(b"<html>" + b"x" * 1000, content_type=content_type)
    with pytest.raises(DecodeError, match="not JSON") as caught:
        decode(operation(Post, ROUTE), response)
    text = str(caught.value)
    is_page = content_type.startswith("text/html")
    assert ("most likely it is https://chat.example.com." if is_page else "or a proxy in between") in text
    assert "b'<html>x" in text
    assert "status 200" in text
    assert content_type.partition(";")[0] in text
    assert text.count("x") < 250
    assert caught.value.response is response


def test_json_under_another_content_type_is_not_lost(operation: Make) -> None:
    assert decode(operation(Post), answer({"id": "a"}, content_type="text/plain")).id == "a"


@pytest.mark.parametrize(
    "content", [b'{"id": "a"', b'{"id": NaN}', b'{"new": Infinity}', b"[" * 400, b"nope"]
)
def test_what_is_not_json_is_an_error_with_the_raw_answer(operation: Make, content: bytes) -> None:
    response = answer(content)
    with pytest.raises(DecodeError, match="no JSON document") as caught:
        decode(operation(Post, ROUTE), response)
    assert (caught.value.route, caught.value.request_id) == (ROUTE, "r1")
    assert caught.value.response is response


def test_the_words_nan_and_infinity_in_a_text_are_harmless(operation: Make) -> None:
    assert decode(operation(Post), answer({"id": "NaN Infinity"})).id == "NaN Infinity"


ERROR = {
    "id": "app.channel.get_channels.not_found.app_error",
    "message": "No channels were found.",
    "detailed_error": "",
    "request_id": "r2",
    "status_code": 404,
}
ERROR_BYTES = json.dumps(ERROR, separators=(",", ":")).encode()


def test_a_list_cut_off_by_an_error_is_that_error(operation: Make) -> None:
    for content in (b"[" + ERROR_BYTES, b'[{"id":"a"},' + ERROR_BYTES, b'[{"id":"' + ERROR_BYTES):
        with pytest.raises(ResourceNotFound) as caught:
            decode(operation(list[Post]), answer(content))
        assert (caught.value.status_code, caught.value.error_id) == (404, ERROR["id"])
        assert caught.value.request_id == "r2"


def test_two_documents_are_an_error_that_quotes_the_second(operation: Make) -> None:
    with pytest.raises(DecodeError, match=r"two JSON documents.*get_channels\.not_found"):
        decode(operation(list[Post]), answer(b'[{"id":"a"}]' + ERROR_BYTES))
    with pytest.raises(DecodeError, match="no JSON document"):
        decode(operation(list[Post]), answer(b"[] []"))


def test_lines_of_json_become_a_list(operation: Make) -> None:
    content_type = "application/x-ndjson"
    for content, ids in ((b'{"id":"a"}\n{"id":"b"}\n', ["a", "b"]), (b'{"id":"a"}', ["a"]), (b"\n", [])):
        posts = decode(operation(list[Post]), answer(content, content_type=content_type))
        assert [post.id for post in posts] == ids
    with pytest.raises(ResourceNotFound):
        decode(operation(list[Post]), answer(b'{"id":"a"}\n' + ERROR_BYTES, content_type=content_type))


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'{"id":"\\ud800"}', "\ufffd"),
        (b'{"id":"a\xff"}', "a\ufffd"),
        (b'\xef\xbb\xbf{"id":"a"}', "a"),
        (b'{"id":"a","id":"b"}', "b"),
    ],
)
def test_odd_text_is_mended(operation: Make, content: bytes, value: str) -> None:
    assert decode(operation(Post), answer(content)).id == value


def test_numbers_of_any_size_are_kept(operation: Make) -> None:
    post = decode(operation(Post), answer(b'{"create_at":123456789012345678901234567890,"new":1e400}'))
    assert (post.create_at, post.new) == (123456789012345678901234567890, float("inf"))


def test_a_null_list_is_empty_and_an_absent_one_is_none(operation: Make) -> None:
    page = decode(
        operation(Page),
        answer({"order": None, "posts": {"a": {"file_ids": None, "reactions": [{"emoji": None}]}, "b": {}}}),
    )
    assert isinstance(page.posts, Page.Posts)
    assert page.order == []
    assert (page.posts["a"].file_ids, page.posts["b"].file_ids) == ([], None)
    assert page.posts["a"].reactions == [Reaction(emoji=None)]
    assert "file_ids" in page.posts["a"].model_fields_set


@pytest.mark.parametrize(
    ("returns", "value"),
    [
        (list[Post], []),
        (list[Post] | None, []),
        (Post | list[Post], []),
        (Names, []),
        (Post, None),
        (dict[str, Post], {}),
        (Post | None, None),
    ],
)
def test_a_null_answer_is_an_empty_list_or_none(operation: Make, returns: Any, value: Any) -> None:
    assert decode(operation(returns), answer(None)) == value


def test_null_inside_containers_is_mended(operation: Make) -> None:
    assert decode(operation(dict[str, list[Post]]), answer({"a": None})) == {"a": []}
    assert decode(operation(Page), answer({"names": None, "strict": None, "posts": None})).strict == []
    page = decode(operation(Page), answer({"names": None}))
    assert page.names == Names([])


def test_null_stays_none_where_a_list_is_one_of_several_types(operation: Make) -> None:
    assert decode(operation(Post), answer({"either": None})).either is None


def test_null_for_a_model_is_none(operation: Make) -> None:
    page = decode(operation(Page), answer({"posts": {"a": None, "b": {"id": "x"}}}))
    assert (page.posts["a"], page.posts["b"].id) == (None, "x")


def test_an_unknown_enum_value_is_kept_and_reported_once(
    operation: Make, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        posts = decode(
            operation(list[Post]), answer([{"kind": "O"}, {"id": "a", "kind": "X"}, {"kind": "Y"}])
        )
        assert [post.kind for post in posts] == [Kind.OPEN, "X", "Y"]
        assert (posts[1].id, type(posts[1])) == ("a", Post)
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("matterapi", logging.WARNING)
    assert "Post.kind" in record.getMessage()
    assert "'X'" in record.getMessage()


def test_a_drifted_type_is_kept_and_its_value_not_logged(
    operation: Make, caplog: pytest.LogCaptureFixture
) -> None:
    post = decode(operation(Post), answer({"create_at": "sesame", "file_ids": {"a": 1}, "id": "a", "new": 1}))
    assert (post.create_at, post.file_ids, post.id, post.new) == ("sesame", {"a": 1}, "a", 1)
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert "Post.create_at: the server sent str" in messages[0]
    assert "sesame" not in "".join(messages)


def test_one_bad_element_costs_nothing_else(operation: Make) -> None:
    page = decode(
        operation(Page),
        answer({"posts": {"a": {"id": "x"}, "b": 5, "c": {"reactions": [7, {"emoji": "e"}]}}}),
    )
    assert type(page.posts) is Page.Posts
    assert page.posts["a"] == Post(id="x")
    assert page.posts["b"] == 5
    assert page.posts["c"].reactions == [7, Reaction(emoji="e")]


def test_a_salvaged_model_remembers_what_was_set(operation: Make) -> None:
    post = decode(operation(Post), answer({"from": 5, "new": 1}))
    assert post.model_fields_set == {"from_", "new"}
    assert post.model_dump(by_alias=True, exclude_unset=True, warnings=False) == {"from": 5, "new": 1}


def test_a_missing_required_field_is_none(operation: Make, caplog: pytest.LogCaptureFixture) -> None:
    strict = decode(operation(Strict), answer({"id": "a"}))
    assert (strict.id, strict.count) == ("a", None)
    assert "Strict.count: the server sent nothing" in caplog.text


def test_another_shape_of_the_whole_answer_is_kept(operation: Make, caplog: pytest.LogCaptureFixture) -> None:
    assert decode(operation(list[Post], ROUTE), answer({"a": 1})) == {"a": 1}
    assert decode(operation(Post, ROUTE), answer([1])) == [1]
    assert "GET /api/v4/things.answer" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*Post.model_fields, "x"]), inner)
    ),
    max_leaves=10,
)
TYPES = st.sampled_from([Post, Page, Names, list[Post], dict[str, list[Post]], Page | None, Strict, int])


@given(JSON, TYPES)
def test_no_json_answer_is_ever_lost(value: Any, declared: Any) -> None:
    salvaged = salvage(declared, value, ROUTE)
    if isinstance(value, dict) and isinstance(salvaged, BaseModel) and not isinstance(salvaged, Names):
        kept = set(salvaged) if isinstance(salvaged, BaseMapping) else salvaged.model_fields_set
        assert {"from_" if name == "from" and isinstance(salvaged, Post) else name for name in value} <= kept
    elif isinstance(value, list) and isinstance(salvaged, (list, Names)):
        assert len(salvaged) == len(value)


@given(JSON.filter(lambda value: value is not None), TYPES)
def test_salvage_and_validation_agree_where_the_value_fits(value: Any, declared: Any) -> None:
    adapter = TypeAdapter(declared)
    try:
        validated = adapter.validate_json(json.dumps(value))
    except ValueError:
        return
    assert salvage(declared, value, ROUTE) == fill_null_lists(declared, validated)


@given(st.binary(max_size=60), st.sampled_from(["application/json", "text/html", "application/x-ndjson"]))
def test_any_bytes_give_a_value_or_a_typed_error(content: bytes, content_type: str) -> None:
    try:
        decode(Operation(ROUTE, list[Post]), answer(content, content_type=content_type))
    except MatterapiError as error:
        assert error.route == ROUTE
