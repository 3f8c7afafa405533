"""Which fields are times in milliseconds, and what their twins as `datetime` are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .errors import SpecError

if TYPE_CHECKING:
    from .lower_models import FieldPlan

_FACT = "Milliseconds since 1970"
_ENDING = "_at"


def times_of(owner: str, fields: Iterable[FieldPlan]) -> tuple[tuple[str, str], ...]:
    """The attributes that give the times of a class as `datetime`, and the fields that they read.

    `create_at` becomes `create_time`, `last_login` becomes `last_login_time`. What is only sent needs none.

    Args:
        owner: The schema, with the classes around it.
        fields: Its fields.

    Raises:
        SpecError: Such a name is that of a field.
    """
    plans = tuple(fields)
    if owner.partition(".")[0].endswith("JsonBody"):
        return ()
    found = tuple(
        (f"{plan.name.removesuffix(_ENDING)}_time", plan.name)
        for plan in plans
        if plan.doc.startswith(_FACT) and plan.type.kind == "int"
    )
    if taken := {name for name, _ in found} & {plan.name for plan in plans}:
        raise SpecError(owner, f"{sorted(taken)} are fields, and cannot be times as well")
    return found
