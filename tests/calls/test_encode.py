import io
import json
import tempfile
from collections.abc import Callable
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from matterapi import models
from matterapi.calls.body import Body, Part
from matterapi.calls.codec import encode
from matterapi.calls.json_body import dump_json
from matterapi.calls.multipart import FILE_FIELDS
from matterapi.client.exceptions import InvalidRequest
from matterapi.types import BaseArray, BaseConfig, BaseMapping, File, FileInfo, MultipartModel

Make = Callable[..., Any]


class Kind(str, Enum):
    OPEN = "O"


class BytesPath:
    def __fspath__(self) -> bytes:
        return b"a.txt"


class Inner(BaseConfig):
    enable: bool | None = Field(default=None, alias="Enable")


class Settings(BaseConfig):
    from_: str | None = Field(default=None, alias="from")
    count: int | None = None
    inner: Inner | None = None


class UploadData(MultipartModel):
    _file_properties: ClassVar[tuple[str, ...]] = ("files",)

    files: File | None = None
    channel_id: str | None = None


def read_json(body: Body | None) -> Any:
    assert body is not None
    assert (body.kind, body.content_type, body.parts) == ("json", "application/json", ())
    assert isinstance(body.data, bytes)
    return json.loads(body.data)


def parts(op: Any, data: Any) -> list[Part]:
    body = encode(op, None, data, None)
    assert body is not None
    assert (body.kind, body.content_type, body.data) == ("multipart", None, b"")
    return list(body.parts)


def test_no_argument_is_no_body(operation: Make) -> None:
    assert encode(operation(), None, None, None) is None


def test_two_bodies_are_refused(operation: Make) -> None:
    with pytest.raises(InvalidRequest, match="give one of") as caught:
        encode(operation(), {}, {}, None)
    assert caught.value.route == "POST /api/v4/things/{thing_id}"


def test_a_model_is_sent_by_alias_without_unset_fields(operation: Make) -> None:
    settings = Settings(from_="a", inner=Inner(enable=True))
    assert read_json(encode(operation(), settings, None, None)) == {"from": "a", "inner": {"Enable": True}}


def test_an_explicit_none_and_undeclared_fields_are_sent(operation: Make) -> None:
    settings = Settings.model_validate({"count": None, "new_field": [1]})
    assert read_json(encode(operation(), settings, None, None)) == {"count": None, "new_field": [1]}


def test_a_value_of_another_type_than_declared_is_sent_as_it_is(operation: Make) -> None:
    settings = Settings.model_construct(count="many")
    assert read_json(encode(operation(), settings, None, None)) == {"count": "many"}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ({}, {}),
        ([], []),
        (["a", "b"], ["a", "b"]),
        ({"a": Settings(from_="x"), 5: [Inner(enable=None)]}, {"a": {"from": "x"}, "5": [{"Enable": None}]}),
        ([Settings(count=1), {"count": None}], [{"count": 1}, {"count": None}]),
        ({"a": 2**80, "b": Settings(from_="x")}, {"a": 2**80, "b": {"from": "x"}}),
        (BaseMapping(root={"a": Inner(enable=True)}), {"a": {"Enable": True}}),
        (BaseArray(root=[1, None]), [1, None]),
        (Kind.OPEN, "O"),
        ("text", "text"),
        (datetime(2026, 1, 2, tzinfo=timezone.utc), "2026-01-02T00:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"a": (1, 2.5, True, None)}, {"a": [1, 2.5, True, None]}),
    ],
)
def test_json_values_are_sent_as_they_are(operation: Make, value: Any, sent: Any) -> None:
    assert read_json(encode(operation(), value, None, None)) == sent


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_every_json_value_survives(value: Any) -> None:
    assert json.loads(dump_json(value)) == value
    assert json.loads(dump_json(Settings.model_validate({"x": value}))) == {"x": value}


def test_bytes_are_json_already(operation: Make) -> None:
    assert encode(operation(), b'{"a":1}', None, None) == Body("json", "application/json", b'{"a":1}')


def endless() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {"a": {1, 2}},
        {"a": b"x"},
        {"a": float("nan")},
        [float("inf")],
        Settings.model_validate({"x": float("nan")}),
        Settings.model_construct(count=object()),
        [Settings.model_construct(count=object())],
        {"a": "\ud800"},
        endless(),
    ],
)
def test_what_has_no_json_form_is_refused_by_route(operation: Make, value: Any) -> None:
    with pytest.raises(InvalidRequest, match="no JSON form") as caught:
        encode(operation(), value, None, None)
    assert caught.value.route == "POST /api/v4/things/{thing_id}"


@pytest.mark.parametrize(
    ("form", "pairs"),
    [
        (
            {"a": "x y&z", "b": True, "c": None, "d": [1, 2], "e": {"k": None}, "f": Kind.OPEN},
            [("a", "x y&z"), ("b", "true"), ("d", "1"), ("d", "2"), ("e", '{"k":null}'), ("f", "O")],
        ),
        (Settings(from_="a", count=None), [("from", "a")]),
    ],
)
def test_a_form_is_urlencoded(operation: Make, form: Any, pairs: list[tuple[str, str]]) -> None:
    body = encode(operation(), None, None, form)
    assert body is not None
    assert (body.kind, body.content_type) == ("raw", "application/x-www-form-urlencoded")
    assert isinstance(body.data, bytes)
    assert parse_qsl(body.data.decode()) == pairs


@pytest.mark.parametrize("source", [b"abc", io.BytesIO(b"abc"), Path("a.bin")])
def test_one_file_alone_is_the_whole_body(operation: Make, source: Any) -> None:
    expected = Body("raw", "application/octet-stream", source)
    assert encode(operation(), None, None, source) == expected
    assert encode(operation(), None, source, None) == expected


def test_text_is_a_path_under_every_name_of_the_server_for_files(operation: Make) -> None:
    expected = Body("raw", "application/octet-stream", Path("a.bin"))
    assert encode(operation(), None, "a.bin", None) == encode(operation(), None, None, "a.bin") == expected
    for name in FILE_FIELDS:
        assert parts(operation(), {name: "b.txt"}) == [Part(name, "b.txt", "text/plain", Path("b.txt"))]
        assert parts(operation(), {name: {"c.txt": "b.bin"}}) == [
            Part("c.txt", "c.txt", "text/plain", Path("b.bin"))
        ]


def test_the_file_fields_of_all_models_take_text_as_a_path() -> None:
    names = {
        model.model_fields[name].alias or name
        for model in (getattr(models, name) for name in models.__all__)
        for name in getattr(model, "_file_properties", ())
    }
    assert len(names) > 4
    assert names == FILE_FIELDS


@pytest.mark.parametrize("route", ["POST /api/v4/files", "POST /api/v4/files{?channel_id,filename}"])
@pytest.mark.parametrize(
    "data", [{"channel_id": "c"}, {"channel_id": "c", "files": []}, {"channel_id": "c", "files": None}]
)
def test_an_upload_without_a_file_is_refused(operation: Make, route: str, data: dict[str, Any]) -> None:
    for one in (data, UploadData(**data)):
        with pytest.raises(InvalidRequest, match="no file"):
            encode(operation(route=route), None, one, None)
        assert encode(operation(), None, one, None) is not None


@pytest.mark.parametrize("data", [{}, {"files": []}, {"files": {}}, {"files": None}, {"channel_id": None}])
def test_a_form_without_a_part_is_refused(operation: Make, data: dict[str, Any]) -> None:
    for one in (data, UploadData(**data)):
        with pytest.raises(InvalidRequest, match="the form is empty"):
            encode(operation(), None, one, None)


def test_files_in_a_dict_carry_their_keys_as_part_and_file_names(operation: Make) -> None:
    first, second = io.BytesIO(b"1"), io.BytesIO(b"2")
    expected = [
        Part("upload1.png", "upload1.png", "image/png", first),
        Part("upload2", "upload2", "application/octet-stream", second),
    ]
    files = {"upload1.png": first, "upload2": second}
    assert parts(operation(), {"files": files}) == expected
    assert parts(operation(), UploadData(files=files)) == expected


def test_plain_fields_come_before_files_in_their_order(operation: Make) -> None:
    data = {"files": b"x", "channel_id": "c", "client_ids": ["1", "2"], "flag": True, "none": None, "n": 5}
    assert [part[:2] for part in parts(operation(), data)] == [
        ("channel_id", None),
        ("client_ids", None),
        ("client_ids", None),
        ("flag", None),
        ("n", None),
        ("files", "upload"),
    ]
    assert [part.source for part in parts(operation(), data)[:5]] == [b"c", b"1", b"2", b"true", b"5"]
    assert parts(operation(), {"emoji": {"name": "x"}, "image": b"i"})[0].source == b'{"name":"x"}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"x", ("upload", "application/octet-stream", b"x")),
        (bytearray(b"x"), ("upload", "application/octet-stream", b"x")),
        ("dir/report.txt", ("report.txt", "text/plain", Path("dir/report.txt"))),
        (PurePosixPath("a.pdf"), ("a.pdf", "application/pdf", Path("a.pdf"))),
        (Path("dir/a.pdf"), ("a.pdf", "application/pdf", Path("dir/a.pdf"))),
        (("a.txt", b"x"), ("a.txt", "text/plain", b"x")),
        (("a.txt", "dir/b.pdf"), ("a.txt", "text/plain", Path("dir/b.pdf"))),
        (("a.txt", "b.pdf", "text/csv"), ("a.txt", "text/csv", Path("b.pdf"))),
        ((None, "b.pdf"), ("b.pdf", "application/pdf", Path("b.pdf"))),
        ((None, b"x", None), ("upload", "application/octet-stream", b"x")),
        (FileInfo(payload=b"x", file_name="a.png"), ("a.png", "image/png", b"x")),
        (FileInfo(payload=b"x", mime_type="a/b"), ("upload", "a/b", b"x")),
        (FileInfo(payload="b.pdf"), ("b.pdf", "application/pdf", Path("b.pdf"))),
    ],
)
def test_a_file_is_given_in_many_forms(operation: Make, value: Any, expected: tuple[Any, ...]) -> None:
    for data in ({"files": value}, UploadData(files=value)):
        assert parts(operation(), data) == [Part("files", *expected)]


def test_a_list_is_several_files_of_one_field(operation: Make) -> None:
    assert parts(operation(), {"files": [("a.png", b"1"), b"2"]}) == [
        Part("files", "a.png", "image/png", b"1"),
        Part("files", "upload", "application/octet-stream", b"2"),
    ]


def test_names_inside_a_dict_yield_to_given_ones(operation: Make) -> None:
    files = {"a": ("b.png", b"1"), "c.png": FileInfo(payload=b"2")}
    assert [part[:3] for part in parts(operation(), {"files": files})] == [
        ("a", "b.png", "image/png"),
        ("c.png", "c.png", "image/png"),
    ]


def test_an_open_file_has_its_own_name(operation: Make, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpeg"
    path.write_bytes(b"x")
    with path.open("rb") as file:
        (part,) = parts(operation(), {"image": file})
        assert part == Part("image", "photo.jpeg", "image/jpeg", file)
    with tempfile.TemporaryFile() as unnamed:
        assert parts(operation(), {"image": unnamed})[0].filename == "upload"


def test_files_under_any_field_name_are_recognised_by_their_kind(operation: Make) -> None:
    for data in ({"anything": b"x"}, UploadData.model_validate({"anything": b"x"})):
        assert parts(operation(), data) == [Part("anything", "upload", "application/octet-stream", b"x")]


def test_a_text_under_another_name_is_a_plain_field(operation: Make) -> None:
    assert parts(operation(), {"importFrom": "slack"}) == [Part("importFrom", None, None, b"slack")]


def test_a_model_without_files_is_sent_by_alias(operation: Make) -> None:
    assert parts(operation(), Settings(from_="a")) == [Part("from", None, None, b"a")]


@pytest.mark.parametrize(
    "value",
    [5, object(), ["a.txt", 5], ("a", b"x", "b", {}), io.StringIO("text"), [None], "nul\0", BytesPath()],
)
def test_what_is_no_file_is_refused_by_route(operation: Make, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        encode(operation(), None, {"files": value}, None)
    assert caught.value.route == "POST /api/v4/things/{thing_id}"


def test_an_async_file_is_refused(operation: Make) -> None:
    class AsyncFile:
        async def read(self) -> bytes:
            return b""

    with pytest.raises(InvalidRequest, match="a binary file object"):
        encode(operation(), None, {"files": AsyncFile()}, None)


def test_a_file_in_text_mode_is_refused(operation: Make, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    with path.open() as file, pytest.raises(InvalidRequest, match="binary mode"):
        encode(operation(), None, {"files": file}, None)


@pytest.mark.parametrize(
    "route", ["POST /api/v4/teams/{team_id}/files/search", "POST /api/v4/files/search{?x}"]
)
def test_a_file_search_sends_json_under_either_name(operation: Make, route: str) -> None:
    op = operation(route=route)
    for body in (encode(op, None, {"terms": "a"}, None), encode(op, {"terms": "a"}, None, None)):
        assert read_json(body) == {"terms": "a"}
