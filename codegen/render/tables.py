"""`endpoints/operations/<group>.py`: one line a route."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.annotate import Annotator
from codegen.lower_bodies import Bodies, BodyPlan
from codegen.lower_routes import Returns, RoutePlan
from codegen.paths import OPERATIONS

from . import header


def render_tables(
    plans: list[RoutePlan],
    keys: Mapping[str, tuple[str, ...]],
    bodies: Bodies,
    annotator: Annotator,
) -> dict[str, str]:
    """The operation tables by path; by route `keys` are those of the bodies, `bodies` those with fields."""
    homes: dict[str, list[RoutePlan]] = {}
    for plan in plans:
        homes.setdefault(plan.home, []).append(plan)
    files = {
        f"{OPERATIONS}/{home}.py": _table(home, found, keys, bodies, annotator)
        for home, found in homes.items()
    }
    spec = annotator.spec
    text = header("The tables of operations, one module for each resource.", spec.server_version)
    return files | {f"{OPERATIONS}/__init__.py": text}


def _table(
    home: str,
    plans: list[RoutePlan],
    keys: Mapping[str, tuple[str, ...]],
    bodies: Bodies,
    annotator: Annotator,
) -> str:
    spec = annotator.spec
    refs = [ref for plan in plans for kind in plan.returns.types for ref in kind.refs()]
    typing = (
        ["from typing import Any", ""] if any("Any" in _type(p.returns, annotator) for p in plans) else []
    )
    imports = [*typing, *annotator.model_imports(refs, "...models.", f"operations/{home}")]
    if any(not plan.returns.types for plan in plans):
        imports.append("from ...http.response import Response")
    imports.append("from ...calls.operation import Operation as Op")
    text = header(f"Operations of `{home}`.", spec.server_version)
    of_methods = bodies.of_methods
    lines = [
        f"{plan.constant} = {_line(plan, keys.get(plan.route, ()), of_methods.get(plan.route), annotator)}"
        for plan in plans
    ]
    return text + "\n" + "\n".join(imports) + "\n\n# fmt: off\n" + "\n".join(lines) + "\n"


def _line(plan: RoutePlan, keys: tuple[str, ...], body: BodyPlan | None, annotator: Annotator) -> str:
    kind = _type(plan.returns, annotator)
    if len(plan.returns.types) > 1:
        call = "Op.either"
        kind = ", ".join(annotator.of(t) for t in plan.returns.types)
    else:
        call = "Op.maybe" if plan.returns.may_be_empty else "Op"
    known = f', keys="{" ".join(keys)}"' if keys else ""
    facts = [f', {name}="{key}"' for name in ("repeat_key", "kept_key") if (key := plan.facts.get(name))]
    if body is not None:
        texts = {"needed": body.needed, "renamed": [f"{name}={raw}" for name, raw in body.renamed]}
        facts += [f', {name}="{" ".join(found)}"' for name, found in texts.items() if found]
    return f'{call}("{plan.template}", {kind}{known}{"".join(facts)})'


def _type(returns: Returns, annotator: Annotator) -> str:
    return " | ".join(annotator.of(kind) for kind in returns.types) or "Response"


def annotation(returns: Returns, annotator: Annotator) -> str:
    """The return annotation of a method with these answers."""
    text = _type(returns, annotator)
    return f"{text} | None" if returns.may_be_empty else text
