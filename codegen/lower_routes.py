"""Operations and their locked names -> lines of the operation tables and methods of the endpoint classes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .annotate import Annotator
from .api import MISSING, LockedRoute, OperationFacts, Parameter, RetiredMethod, Spec, Value
from .errors import SpecError
from .load import path_names
from .names import constant, group_name, member_name, method_name
from .reserved import reserved_words, with_reserved
from .typeexpr import ANY, Type

BODY_PARAMETERS = ("form_data", "multipart_data", "json_body")
_PARAMETER_OF_KIND = {
    "json": "json_body",
    "multipart": "multipart_data",
    "form": "form_data",
    "raw": "form_data",
}
_FORBIDDEN = frozenset({*BODY_PARAMETERS, "op", "self"})
_NO_METHOD = frozenset({"ConnectWebSocket"})
_SHADOWS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})


@dataclass(frozen=True)
class Returns:
    """What a 2xx answer becomes.

    `types` is empty where the answer is handed out as it came. `switch` names the boolean parameter that
    makes the answer the second of two types.
    """

    types: tuple[Type, ...] = ()
    may_be_empty: bool = False
    switch: str = ""


@dataclass(frozen=True)
class ParameterPlan:
    """One parameter of a method; `kind` is path, query or the name of a body parameter."""

    name: str
    kind: str
    type: Type | None
    default: Any
    facts: dict[str, Any]


@dataclass(frozen=True)
class RoutePlan:
    """One route: its table line and its method, which stands in one group or several."""

    route: str
    template: str
    id: str
    home: str
    groups: tuple[str, ...]
    method: str
    aliases: tuple[str, ...]
    parameters: tuple[ParameterPlan, ...]
    returns: Returns
    facts: dict[str, Any]
    retired: bool = False

    @property
    def constant(self) -> str:
        """Name of the table line."""
        return constant(self.method)


def lower_routes(spec: Spec) -> list[RoutePlan]:
    """All routes that have a method, those of 0.4.1 that the server has removed last.

    Raises:
        SpecError: Lock and catalogue disagree, or two things get one name.
    """
    _match(spec)
    plans = [
        _plan(op, spec.lock.routes[op.route], Annotator(spec))
        for op in spec.operations
        if op.id not in _NO_METHOD
    ]
    plans += [_retired(entry) for entry in spec.lock.retired]
    _refuse_collisions(plans)
    reserved = reserved_words(plan.route for plan in plans)
    return [replace(p, template=with_reserved(p.template, reserved.get(p.route, {}))) for p in plans]


def _match(spec: Spec) -> None:
    routes = {op.route for op in spec.operations}
    for route in spec.lock.routes:
        if route not in routes:
            raise SpecError(f"names.lock.yaml: {route}", "no operation in spec/operations has this route")
    for op in spec.operations:
        if op.route not in spec.lock.routes:
            raise SpecError(
                f"operations: {op.id}",
                f"the route is not in names.lock.yaml; proposed entry:\n  {propose(op)}",
            )


def propose(op: OperationFacts) -> str:
    """The lock entry that the naming rules give a new route."""
    body = [
        _PARAMETER_OF_KIND[b.kind] + ("" if b.required and len(op.bodies) == 1 else "=null")
        for b in op.bodies
    ]
    query = [v.name if v.required else f"{v.name}={_json(v)}" for v in op.query]
    keyword = ["*", *body, *query] if body or query else []
    groups = "|".join(group_name(tag) for tag in op.tags)
    parameters = ", ".join([*path_names(op.path), *keyword])
    return f"'{op.route}': '{groups}.{method_name(op.id, op.tags[0])}({parameters})'"


def _json(value: Value) -> str:
    return json.dumps(None if value.default is MISSING else value.default)


def _plan(op: OperationFacts, locked: LockedRoute, annotator: Annotator) -> RoutePlan:
    place = f"names.lock.yaml: {op.route}"
    for value in op.query:
        if value.name in _FORBIDDEN:
            raise SpecError(op.route, f"a parameter may not be called {value.name!r}")
    positional = [p.name for p in locked.parameters if p.positional]
    names = _renamed(path_names(op.path), positional, place)
    path = re.sub(r"\{(\w+)\}", lambda m: f"{{{names[m[1]]}}}", op.path)
    types = {names[v.name]: v for v in op.path_params} | {v.name: v for v in op.query}
    parameters = _either_body(tuple(_parameter(p, op, types, annotator, place) for p in locked.parameters))
    query = ",".join(v.name + "*" * bool(v.facts.get("repeat")) for v in op.query)
    for value in op.query:
        if value.name not in {p.name for p in locked.parameters}:
            raise SpecError(place, f"the signature lacks the query parameter {value.name!r}")
    return RoutePlan(
        route=f"{op.verb} {path}",
        template=f"{op.verb} {path}" + (f"{{?{query}}}" if query else ""),
        id=op.id,
        home=locked.groups[0],
        groups=locked.groups,
        method=locked.method,
        aliases=locked.aliases,
        parameters=parameters,
        returns=returned(op),
        facts=op.facts,
    )


def _renamed(documented: list[str], locked: list[str], place: str) -> dict[str, str]:
    """Today's path parameter names to the locked ones; equal names first, the others in order."""
    if len(documented) != len(locked):
        raise SpecError(place, f"the path has the parameters {documented}, the signature {locked}")
    left = iter([name for name in locked if name not in documented])
    return {name: name if name in locked else next(left) for name in documented}


def _parameter(
    parameter: Parameter, op: OperationFacts, types: dict[str, Value], annotator: Annotator, place: str
) -> ParameterPlan:
    if parameter.name in BODY_PARAMETERS:
        kinds = [b.type for b in op.bodies if _PARAMETER_OF_KIND[b.kind] == parameter.name]
        kind = kinds[0] if kinds else None
        return ParameterPlan(parameter.name, parameter.name, kind, parameter.default, {})
    if parameter.name not in types:
        raise SpecError(place, f"the operation has no parameter {parameter.name!r}")
    value = types[parameter.name]
    default = parameter.default
    if annotator.is_enum(value.type.kind) and isinstance(default, str):
        default = EnumDefault(value.type.kind, _member(annotator.spec, value.type.kind, default))
    return ParameterPlan(
        parameter.name, "path" if parameter.positional else "query", value.type, default, value.facts
    )


def _either_body(parameters: tuple[ParameterPlan, ...]) -> tuple[ParameterPlan, ...]:
    """A body of 0.5.0 that goes out as JSON today: the old parameter may be left out for `json_body`."""
    sent = next((p for p in parameters if p.kind == "json_body"), None)
    return tuple(
        replace(p, type=sent.type, default=EITHER) if sent and p.kind == "multipart_data" else p
        for p in parameters
    )


class _Either:
    """The default of a parameter that is needed unless another one is given; its repr is the expression."""

    def __repr__(self) -> str:
        return "EITHER"


EITHER = _Either()


@dataclass(frozen=True)
class EnumDefault:
    """A default that is a member of an enum; its repr is the expression."""

    enum: str
    member: str

    def __repr__(self) -> str:
        return f"{self.enum}.{self.member}"


def _member(spec: Spec, enum: str, value: str) -> str:
    locked = {v: name for name, v in spec.lock.enums.get(enum, {}).items()}
    return locked.get(value) or member_name(value, spec.enums[enum].values.index(value))


def returned(op: OperationFacts) -> Returns:
    """The type of the 2xx answers: JSON with a described body, otherwise the answer as it came."""
    good = [answer for answer in op.answers if 200 <= answer.status < 300]
    typed = [a.type for a in good if a.content_type == "application/json" and a.type is not None]
    if not typed:
        return Returns()
    alternatives: list[Type] = []
    for kind in typed:
        for part in kind.args if kind.kind == "union" else (kind,):
            if part.plain() not in [known.plain() for known in alternatives]:
                alternatives.append(part)
    types = tuple(kind.plain() for kind in alternatives)
    if len(types) > 1:  # where a list is among them, null stands for an empty one
        conditions = [a.second_if for a in good if a.second_if.endswith("=true")]
        return Returns(types, switch=conditions[0].removesuffix("=true") if conditions else "")
    # Of a list, null is an empty one: the decoder makes it so.
    nothing = any(kind.nullable and kind.kind != "list" for kind in typed)
    return Returns(types, may_be_empty=nothing or any(a.content_type is None for a in good))


def _retired(entry: RetiredMethod) -> RoutePlan:
    parameters = []
    for parameter in entry.parameters:
        kind = "path" if parameter.positional else "query"
        if parameter.name in BODY_PARAMETERS:
            kind = parameter.name
        parameters.append(
            ParameterPlan(
                parameter.name,
                kind,
                entry.body if kind == "json_body" else Type("str"),
                parameter.default,
                {},
            )
        )
    query = ",".join(p.name for p in parameters if p.kind == "query")
    return RoutePlan(
        route=entry.route,
        template=entry.route + (f"{{?{query}}}" if query else ""),
        id="",
        home=entry.group,
        groups=(entry.group,),
        method=entry.method,
        aliases=(),
        parameters=tuple(parameters),
        returns=Returns((entry.returns,)) if entry.returns else Returns(),
        facts={},
        retired=True,
    )


def _refuse_collisions(plans: list[RoutePlan]) -> None:
    methods: dict[tuple[str, str], str] = {}
    constants: dict[tuple[str, str], str] = {}
    for plan in plans:
        _claim(constants, (plan.home, plan.constant), plan.route)
        for group in plan.groups:
            for method in (plan.method, *plan.aliases):
                _claim(methods, (group, method), plan.route)
                if method in _SHADOWS:
                    raise SpecError(plan.route, f"a method may not be called {method!r}")
        for parameter in plan.parameters:
            if parameter.kind == "path" and parameter.name in _FORBIDDEN:
                raise SpecError(plan.route, f"a parameter may not be called {parameter.name!r}")


def _claim(taken: dict[tuple[str, str], str], key: tuple[str, str], route: str) -> None:
    if key in taken:
        raise SpecError(route, f"{key[0]}.{key[1]} is already {taken[key]}")
    taken[key] = route


def by_group(plans: list[RoutePlan]) -> dict[str, list[tuple[str, RoutePlan]]]:
    """Methods by group: (name, route), aliases after the name they stand for."""
    groups: dict[str, list[tuple[str, RoutePlan]]] = {}
    for plan in plans:
        for group in plan.groups:
            groups.setdefault(group, []).extend((name, plan) for name in (plan.method, *plan.aliases))
    return dict(sorted(groups.items()))


def mentioned(plan: RoutePlan) -> Iterator[str]:
    """The schemas and enums that a method's signature mentions."""
    for kind in (*plan.returns.types, *(p.type or ANY for p in plan.parameters)):
        yield from kind.refs()
