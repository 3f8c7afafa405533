"""`endpoints/{sync_raw,async_raw}/<group>.py`: the same calls, which return their answers."""

from __future__ import annotations

from codegen.annotate import Annotator
from codegen.lower_routes import RoutePlan, by_group
from codegen.names import class_name
from codegen.paths import ASYNC_RAW, SYNC_RAW

from . import header
from .endpoints import is_switched
from .tables import annotation


def render_raw(plans: list[RoutePlan], annotator: Annotator) -> dict[str, str]:
    """All modules and their two packages by path."""
    files: dict[str, str] = {}
    version = annotator.spec.server_version
    for facade, folder in (("sync", SYNC_RAW), ("async", ASYNC_RAW)):
        files[f"{folder}/__init__.py"] = header(
            f"The {facade} groups of `client.with_raw_response`.", version
        )
        for group, methods in by_group(plans).items():
            files[f"{folder}/{group}.py"] = _module(facade, group, methods, annotator)
    return files


def _module(facade: str, group: str, methods: list[tuple[str, RoutePlan]], annotator: Annotator) -> str:
    name, parent = class_name(group), f"{facade.title()}RawApi"
    method_class = "AsyncRawMethod" if facade == "async" else "RawMethod"
    switched = [plan for _, plan in methods if is_switched(plan)]
    refs = [ref for plan in switched for kind in plan.returns.types for ref in kind.refs()]
    models = annotator.model_imports(refs, "...models.", group)
    lines = [
        header(f"Raw responses of `client.{group}`, {facade}.", annotator.spec.server_version),
        "from __future__ import annotations\n",
        f"from typing import {'TYPE_CHECKING, ' if switched else ''}Final\n",
        f"from ..{facade}_api.{group} import {name}",
        f"from ..raw import {', '.join(sorted((method_class, parent)))}",
        *(["\nif TYPE_CHECKING:", *(f"    {line}" for line in models)] if switched else []),
        f"\n\nclass Raw{name}({parent}):",
        f'    """The calls of `{name}`, which return their answers here."""\n',
    ]
    for method, plan in methods:
        # Of overloads type checkers would read one only.
        declared = (
            f"Final[{method_class}[..., {annotation(plan.returns, annotator)}]]"
            if plan in switched
            else "Final"
        )
        lines.append(f"    {method}: {declared} = {method_class}({name}.{method})")
    return "\n".join(lines) + "\n"
