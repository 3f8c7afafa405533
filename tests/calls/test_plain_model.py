"""A model that orjson writes is the JSON that pydantic writes; what may differ is pydantic's."""

from __future__ import annotations

import enum
import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    computed_field,
    field_serializer,
)

from matterapi import models
from matterapi.calls.json_body import dump_json
from matterapi.calls.plain_model import dump_plain


class Kind(enum.Enum):
    OPEN = "O"


class Text(str, enum.Enum):
    OPEN = "O"


class Open(BaseModel):
    model_config = ConfigDict(extra="allow", populate_by_name=True)

    from_: Any = Field(default=None, alias="from")
    shown: Any = Field(default=None, validation_alias="taken", serialization_alias="given")
    plain: Any = None


class Lister(BaseModel):
    own: Any = None

    @field_serializer("own")
    def _own(self, value: Any) -> str:
        return f"<{value}>"


class Nested(BaseModel):
    values: list[Annotated[int, PlainSerializer(str)]] = []


class Hidden(BaseModel):
    shown: int = 1
    hidden: int = Field(default=2, exclude=True)


class Sum(BaseModel):
    part: int = 1

    @computed_field  # type: ignore[prop-decorator]
    @property
    def twice(self) -> int:
        return self.part * 2


class Row(RootModel[list[int]]):
    pass


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.uuids()
    | st.sampled_from([*Kind, *Text]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def by_pydantic(model: BaseModel) -> Any:
    return json.loads(model.model_dump_json(by_alias=True, exclude_unset=True, warnings=False))


@given(st.dictionaries(st.sampled_from(["from", "taken", "plain", "other", "ä"]), VALUES))
def test_what_orjson_writes_is_what_pydantic_writes(fields: dict[str, Any]) -> None:
    model = Open.model_validate(fields)
    written = dump_plain(model)
    assert written is not None
    assert json.loads(written) == by_pydantic(model)
    assert list(json.loads(written)) == list(by_pydantic(model))


@pytest.mark.parametrize(
    "made", [Lister(own=1), Nested(values=[1]), Hidden(shown=1, hidden=2), Sum(part=1), Row([1])]
)
def test_a_class_that_says_how_to_write_is_written_by_pydantic(made: BaseModel) -> None:
    assert dump_plain(made) is None
    assert json.loads(dump_json(made)) == by_pydantic(made)


class Name(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 12, 1, tzinfo=timezone.utc),
        Decimal("1.5"),
        {1, 2},
        b"bytes",
        2**70,
        {1: "a"},
        Name("a"),
        Hidden(shown=1),
        [Hidden(shown=1)],
    ],
    ids=repr,
)
def test_a_value_that_both_may_write_in_another_way_is_written_by_pydantic(value: Any) -> None:
    model = Open(plain=value)
    assert dump_plain(model) is None
    assert json.loads(dump_json(model)) == by_pydantic(model)


def test_a_further_field_with_the_name_of_another_is_left_to_pydantic() -> None:
    model = Open.model_validate({"plain": 1, "given": 2, "taken": 3})
    assert dump_plain(model) is None


def test_nearly_all_models_of_bodies_are_written_by_orjson() -> None:
    by_orjson = models.CreatePostJsonBody(channel_id="c", message="m"), models.Post.model_construct(id="p")
    assert [dump_plain(model) for model in by_orjson] == [b'{"channel_id":"c","message":"m"}', b'{"id":"p"}']
    # Its lists of files are no JSON at all.
    assert dump_plain(models.UploadFileMultipartData.model_construct()) is None


def test_no_number_that_json_lacks_is_written_as_null() -> None:
    with pytest.raises(ValueError, match="nan"):
        dump_json(Open(plain=float("nan")))


def test_an_identifier_is_written_as_text() -> None:
    assert dump_plain(Open(plain=UUID(int=1))) == b'{"plain":"00000000-0000-0000-0000-000000000001"}'
