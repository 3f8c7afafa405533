import copy
import io
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from matterapi.types import BaseArray, BaseConfig, BaseMapping, File, FileInfo, MultipartModel


class Post(BaseConfig):
    id: str | None = None
    from_: str | None = Field(default=None, alias="from")


class PostsById(BaseMapping[Post]):
    root: dict[str, Post]


class Names(BaseArray[str]):
    root: list[str]


class UploadData(MultipartModel):
    _file_properties: ClassVar[tuple[str, ...]] = ("image",)

    image: File
    import_from: str | None = Field(default=None, alias="importFrom")
    size: int | None = None


def test_a_model_is_built_by_field_name_and_by_alias() -> None:
    assert Post(from_="a").from_ == "a"
    assert Post.model_validate({"from": "a"}).from_ == "a"


def test_a_model_keeps_undeclared_fields_as_attributes() -> None:
    post = Post.model_validate({"id": "a", "model_extra_field": 1})
    assert post.model_extra == {"model_extra_field": 1}
    assert post.model_extra_field == 1  # type: ignore[attr-defined]


def test_importing_the_types_gives_no_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import matterapi.types"],
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


@given(st.dictionaries(st.text(max_size=3), st.integers()), st.text(max_size=3), st.integers())
def test_a_mapping_reads_like_its_dict(content: dict[str, int], key: str, default: int) -> None:
    mapping: BaseMapping[int] = BaseMapping(root=dict(content))
    assert mapping == content
    assert dict(**mapping) == content
    assert list(mapping) == list(content)
    assert list(reversed(mapping)) == list(reversed(content))
    assert (len(mapping), key in mapping, mapping.has_key(key)) == (
        len(content),
        key in content,
        key in content,
    )
    assert mapping.get(key, default) == content.get(key, default)
    assert mapping.get(key) == content.get(key)
    assert list(mapping.items()) == list(zip(mapping.keys(), mapping.values(), strict=True))


@given(st.dictionaries(st.text(max_size=2), st.integers(), min_size=1), st.text(max_size=2))
def test_a_mapping_changes_like_its_dict(content: dict[str, int], key: str) -> None:
    mapping: BaseMapping[int] = BaseMapping(root=dict(content))
    assert mapping.setdefault(key, 5) == content.setdefault(key, 5)
    mapping[key] = content[key] = 6
    mapping.update({"x": 1}, y=2)
    content.update({"x": 1}, y=2)
    assert mapping.pop(key) == content.pop(key)
    assert mapping.pop("absent", None) is None
    assert mapping.popitem() == content.popitem()
    assert mapping == content
    mapping.clear()
    assert mapping == {}
    with pytest.raises(KeyError):
        del mapping["absent"]


def test_a_mapping_is_equal_to_a_mapping_of_equal_content() -> None:
    assert PostsById({"a": Post(id="x")}) == {"a": Post(id="x")}
    assert PostsById({"a": Post(id="x")}) == PostsById({"a": Post(id="x")})
    assert PostsById({}) != []


def test_a_mapping_takes_another_one_in_update() -> None:
    posts = PostsById({"a": Post(id="x")})
    posts.update(PostsById({"b": Post(id="y")}))
    assert list(posts) == ["a", "b"]


@given(st.lists(st.integers(), min_size=1), st.integers())
def test_an_array_behaves_like_its_list(content: list[int], item: int) -> None:
    array: BaseArray[int] = BaseArray(root=list(content))
    assert array == content
    array.append(item)
    array.extend([item, 1])
    array.insert(0, 2)
    content += [item, item, 1]
    content.insert(0, 2)
    assert (array.count(item), array.index(item), item in array) == (
        content.count(item),
        content.index(item),
        True,
    )
    array.sort(key=abs, reverse=True)
    content.sort(key=abs, reverse=True)
    array.reverse()
    content.reverse()
    assert (array.pop(), array.pop(0)) == (content.pop(), content.pop(0))
    array.remove(array[0])
    content.remove(content[0])
    assert (list(array), array[:2], len(array)) == (content, content[:2], len(content))
    assert list(reversed(array)) == content[::-1]
    array[:] = []
    assert array == []


@pytest.mark.parametrize("value", [PostsById({"a": Post(id="x")}), Names(["a"])])
def test_a_copy_has_the_class_and_its_own_container(value: Any) -> None:
    copied = value.copy()
    assert type(copied) is type(value)
    copied.clear()
    assert (len(copied), len(value)) == (0, 1)
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value  # noqa: S301


def test_dict_gives_plain_values() -> None:
    assert PostsById({"a": Post(id="x")}).dict(exclude_unset=True) == {"a": {"id": "x"}}
    assert Names(["a"]).dict() == ["a"]


def test_containers_have_no_hash() -> None:
    for value in (PostsById({}), Names([])):
        with pytest.raises(TypeError, match="unhashable"):
            hash(value)


@pytest.mark.parametrize("payload", [b"x", "text", io.BytesIO(b"x"), Path("x.png")])
def test_file_info_keeps_the_very_payload(payload: Any) -> None:
    info = FileInfo(payload=payload, file_name="a.png", mime_type="image/png")
    assert info.payload is payload
    assert info.to_tuple() == ("a.png", payload, "image/png")


@pytest.mark.parametrize(
    "value", [b"x", io.BytesIO(b"x"), ("a", io.BytesIO(b"x")), ["a", b"b"], {"a": io.BytesIO(b"x")}]
)
def test_a_file_field_keeps_the_very_value(value: Any) -> None:
    assert UploadData(image=value).image is value


def test_a_multipart_model_separates_files_from_data_under_the_servers_names() -> None:
    data = UploadData.model_validate({"image": b"x", "importFrom": "slack", "extra": 1})
    assert data.get_files() == {"image": b"x"}
    assert data.get_data() == {"importFrom": "slack", "extra": 1}
