"""Keys that a chat user chose, in the props of a post and in every other object with free keys."""

import copy
import inspect
import json
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, PrivateAttr

from matterapi.calls.codec import decode
from matterapi.calls.multipart import multipart_parts
from matterapi.calls.operation import Operation
from matterapi.decoding.lenient import salvage
from matterapi.errors.from_response import api_error
from matterapi.models import Post, PostMetadata, User
from matterapi.response import Response
from matterapi.types import OpenConfig

GET_POST = Operation("GET /api/v4/posts/{post_id}", Post)
GET_USER = Operation("GET /api/v4/users/{user_id}", User)

PROTOCOLS = [
    "__html__",
    "__html_format__",
    "__array__",
    "__array_interface__",
    "__array_struct__",
    "__array_priority__",
    "__array_ufunc__",
    "__cuda_array_interface__",
    "__dataframe__",
    "__dlpack__",
    "__arrow_c_array__",
    "__geo_interface__",
    "__buffer__",
    "__fspath__",
    "__index__",
    "__int__",
    "__len__",
    "__length_hint__",
    "__iter__",
    "__await__",
    "__json__",
    "__call__",
    "__wrapped__",
    "__signature__",
    "__name__",
    "__origin__",
    "__getnewargs__",
    "__getnewargs_ex__",
    "__getinitargs__",
    "__deepcopy__",
    "__copy__",
    "__getstate__",
    "__setstate__",
    "__reduce__",
    "__reduce_ex__",
    "__replace__",
    "__dataclass_fields__",
    "__attrs_attrs__",
    "__struct_fields__",
    "__get_pydantic_core_schema__",
    "__rich__",
    "__rich_console__",
    "__pretty__",
    "__conform__",
    "_repr_html_",
    "_repr_mimebundle_",
    "_repr_png_",
    "_repr_pretty_",
    "_ipython_display_",
    "_ipython_key_completions_",
    "_asdict",
    "_fields",
    "_asyncio_future_blocking",
    "_",
    "keys",
]
OF_THE_CLASS = [
    *["copy", "json", "dict", "model_dump", "model_dump_json", "model_copy", "model_extra"],
    *["model_fields_set", "model_config", "__class__", "__dict__", "__doc__", "__pydantic_extra__"],
    *["__pydantic_fields_set__", "__pydantic_private__", "__eq__", "__repr__", "__init__"],
]
OF_A_MAPPING = ["items", "values", "get"]
WORTH = {"shape": [1], "data": [4096, False], "typestr": "|u1", "version": 3}


class _Open(OpenConfig[Any]):
    if not TYPE_CHECKING:
        __pydantic_extra__: dict[str, Any]


def _answer(body: Any) -> Response:
    return Response(200, (), json.dumps(body).encode())


def _props(made: Callable[[Any], Post]) -> Callable[[dict[str, Any]], Any]:
    return lambda content: made({"id": "p1", "props": content}).props


MADE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "post.props, by the core": _props(lambda body: decode(GET_POST, _answer(body))),
    "post.props, by pydantic": _props(Post.model_validate),
    "post.props, salvaged": _props(lambda body: salvage(Post, {**body, "create_at": []}, "r")),
    "post": lambda content: decode(GET_POST, _answer({"id": "p1", **content})),
    "free keys, by the core": lambda content: decode(
        Operation("GET /x", _Open), Response(200, (), json.dumps(content).encode())
    ),
    "error object": lambda content: (
        api_error(_answer({"id": "i", "message": "m", "status_code": 400, **content}), None).details
    ),
    "free keys, by pydantic": _Open.model_validate,
}
every_way = pytest.mark.parametrize("make", MADE.values(), ids=MADE)


@every_way
def test_a_key_is_no_protocol(make: Callable[[dict[str, Any]], Any]) -> None:
    bare = make({"other": 1})
    for name in PROTOCOLS:
        model = make({name: WORTH, "other": 1})
        assert hasattr(model, name) is hasattr(bare, name), name
        assert getattr(model, name, None) != WORTH, name
        assert model.model_extra[name] == WORTH, name
        assert model.other == 1, name


@every_way
def test_a_key_is_never_before_what_the_class_has(make: Callable[[dict[str, Any]], Any]) -> None:
    for name in OF_THE_CLASS:
        model = make({name: WORTH})
        assert getattr(model, name) is not WORTH, name
        assert model.model_extra[name] == WORTH, name
        assert model.model_dump()[name] == WORTH, name
        assert model.model_fields_set >= {name}, name
        assert json.loads(model.model_dump_json())[name] == WORTH, name


@pytest.mark.parametrize("name", [*OF_A_MAPPING, "keys"])
def test_a_free_key_does_not_hide_a_method_of_the_mapping(name: str) -> None:
    model = MADE["free keys, by the core"]({name: 1})
    assert callable(getattr(model, name))
    assert (model[name], model.get(name), list(model.keys()), dict(model)) == (1, 1, [name], {name: 1})


@every_way
def test_any_model_becomes_a_dict_copy_and_pickle_whatever_its_keys_are(
    make: Callable[[dict[str, Any]], Any],
) -> None:
    content = dict.fromkeys([*PROTOCOLS, *OF_THE_CLASS, *OF_A_MAPPING], "x")
    model = make(content)
    assert dict(model).items() >= content.items()
    for twin in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert twin == model
        assert type(twin) is type(model)
        assert twin.model_extra == model.model_extra == content
    assert {**model.model_dump()}.items() >= content.items()
    assert inspect.unwrap(model) is model
    assert "__html__" in repr(model)


@pytest.mark.parametrize("make", [MADE["post.props, by the core"], MADE["post.props, by pydantic"]])
@given(name=st.text(min_size=1), value=st.integers())
@example(name="from_bot", value=1)
@example(name="items", value=1)
@example(name="__html__", value=1)
def test_only_ordinary_names_are_attributes(
    make: Callable[[dict[str, Any]], Any], name: str, value: int
) -> None:
    model = make({name: value})
    assert model.model_extra == {name: value}
    if name.startswith("_") or name == "keys" or hasattr(type(model), name):
        assert getattr(model, name, None) is not value
    else:
        assert getattr(model, name) == value


def test_the_declared_free_keys_follow_the_same_rule() -> None:
    user = decode(GET_USER, _answer({"id": "u1", "props": {"__html__": "<b>", "keys": "k", "x": "y"}}))
    assert user is not None
    assert user.props is not None
    assert not hasattr(user.props, "__html__")
    assert (user.props["__html__"], user.props["keys"], user.props.x) == ("<b>", "k", "y")  # type: ignore[attr-defined]
    images = PostMetadata.Images.model_validate({"_repr_html_": {"width": 1}})
    assert not hasattr(images, "_repr_html_")
    assert images["_repr_html_"].width == 1


def test_private_attributes_of_a_program_stay_its_own() -> None:
    class Own(Post):
        _seen: int = PrivateAttr(default=3)
        _unset: int

    post = Own.model_validate({"_seen": "theirs", "_unset": "theirs"})
    assert post._seen == 3
    assert not hasattr(post, "_unset")
    post._unset = 4
    assert post._unset == 4
    assert post.model_extra == {"_seen": "theirs", "_unset": "theirs"}


def test_what_a_program_sets_it_gets() -> None:
    props = Post.Props()
    props.from_bot = "true"  # type: ignore[attr-defined]
    assert props.from_bot == "true"  # type: ignore[attr-defined]
    assert Post.Props(keys=1).model_dump() == {"keys": 1}  # type: ignore[call-arg]


@pytest.mark.parametrize("name", ["read", "__next__", "__aiter__"])
def test_a_model_in_a_form_is_never_taken_for_a_file(name: str) -> None:
    value: BaseModel = MADE["post.props, by the core"]({name: "x"})
    (part,) = multipart_parts({"props": value})
    assert (part.filename, json.loads(part.source)) == (None, {name: "x"})  # type: ignore[arg-type]
