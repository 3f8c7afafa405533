from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.errors import SpecError
from codegen.typeexpr import Type, list_of, map_of, parse

_LEAVES = st.sampled_from(["str", "int", "any", "User", "PostList.Posts"]).map(Type)
_TYPES = st.recursive(_LEAVES, lambda inner: inner.map(list_of) | inner.map(map_of), max_leaves=6)


@given(_TYPES, st.booleans(), st.booleans())
def test_a_type_reads_back_as_it_was_written(kind: Type, nullable: bool, null_as_empty: bool) -> None:
    marked = Type(kind.kind, kind.args, nullable, null_as_empty)
    assert parse(str(marked)) == marked


def test_a_union_holds_its_alternatives_in_order() -> None:
    assert parse("list[Team] | TeamsWithCount").args == (list_of(Type("Team")), Type("TeamsWithCount"))


def test_references_are_found_at_any_depth() -> None:
    assert list(parse("map[list[Reaction]] | User").refs()) == ["Reaction", "User"]


@pytest.mark.parametrize("text", ["", "string", "list", "list[", "list[str", "str]", "User |", "a-b"])
def test_a_bad_expression_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(SpecError, match=r"schemas/x\.yaml: A"):
        parse(text, "schemas/x.yaml: A")
