"""Which keys a JSON body may have, for the warning about those that it may not."""

from __future__ import annotations

from .annotate import Annotator
from .lower_bodies import flat
from .lower_models import ClassPlan, ModulePlan
from .lower_routes import RoutePlan
from .typeexpr import Type


def body_keys(
    routes: list[RoutePlan], modules: list[ModulePlan], annotator: Annotator
) -> dict[str, tuple[str, ...]]:
    """The server's names of the fields of a body, or of the objects that it lists, by route.

    The fields of what comes back are among them where the two have some in common: the server reads such a
    body into the whole object (a new command has more than the three fields that are described), and what it
    sent may be sent back. Routes without a JSON body of known keys are left out.
    """
    classes = {name: plan for module in modules for name, plan in flat(module.classes)}
    found = {}
    for route in routes:
        kinds = [p.type for p in route.parameters if p.kind == "json_body" and p.type is not None]
        for keys in filter(None, (_keys(kind, classes, annotator) for kind in kinds)):
            back = [_keys(kind, classes, annotator) for kind in route.returns.types]
            more = [key for other in back if not set(keys).isdisjoint(other) for key in other]
            found[route.route] = tuple(dict.fromkeys([*keys, *more]))
    return found


def _keys(kind: Type, classes: dict[str, ClassPlan], annotator: Annotator) -> tuple[str, ...]:
    """The keys of an object of this type; none where they are free."""
    if kind.kind == "union":
        parts = [_keys(arg, classes, annotator) for arg in kind.args]
        return tuple(dict.fromkeys(key for part in parts for key in part)) if all(parts) else ()
    if kind.kind == "list":
        return _keys(kind.args[0], classes, annotator)
    plan = classes.get(annotator.resolve(kind.kind))
    if plan is None or plan.extra is not None:
        return ()
    if plan.root is not None:
        return _keys(plan.root, classes, annotator) if plan.root.kind == "list" else ()
    return tuple(field.raw for field in plan.fields)
