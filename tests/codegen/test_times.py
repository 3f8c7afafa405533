"""Which fields get a twin as `datetime`, under which name, and what stops the generator."""

from __future__ import annotations

import pytest

from codegen.errors import SpecError
from codegen.lower_models import FieldPlan
from codegen.times import times_of
from codegen.typeexpr import Type

FACT = "Milliseconds since 1970; 0 if not deleted."


def field(name: str, kind: str = "int", doc: str = FACT) -> FieldPlan:
    return FieldPlan(name, name, Type(kind), required=False, default=None, doc=doc)


def test_a_name_ends_in_time_in_the_place_of_at() -> None:
    fields = [field("create_at"), field("last_login"), field("at_home")]
    assert times_of("Post", fields) == (
        ("create_time", "create_at"), ("last_login_time", "last_login"), ("at_home_time", "at_home"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "other", [field("x_at", "str"), field("x_at", doc="Seconds since 1970."), field("x_at", doc="")]
)
def test_what_is_not_called_milliseconds_has_none(other: FieldPlan) -> None:
    assert times_of("Post", [other]) == ()


@pytest.mark.parametrize("owner", ["CreateUserJsonBody", "CreateUserJsonBody.Props"])
def test_what_is_only_sent_has_none(owner: str) -> None:
    assert times_of(owner, [field("create_at")]) == ()


def test_a_field_of_that_name_stops_the_generator() -> None:
    with pytest.raises(SpecError, match="create_time"):
        times_of("Post", [field("create_at"), field("create_time", "str", "")])
