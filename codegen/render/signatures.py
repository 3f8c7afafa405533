"""The signatures of methods: how they can be called, and what that gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from codegen.annotate import Annotator
from codegen.api import MISSING
from codegen.lower_bodies import BodyPlan
from codegen.lower_routes import BODY_PARAMETERS, EITHER, ParameterPlan, RoutePlan
from codegen.typeexpr import Type

from .tables import annotation

LEFT_OUT = "KEYWORDS"
"""The default of a `json_body` that is needed unless its fields are given as keywords."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


def has_keywords(body: BodyPlan | None) -> bool:
    """Whether a method takes the fields of its body as keywords."""
    return body is not None and bool(body.keywords)


def implementation(plan: RoutePlan, body: BodyPlan | None, annotator: Annotator) -> str:
    """The signature at run time, without parentheses: all ways to call a method in one."""
    parts = _parts(plan, annotator)
    if has_keywords(body):
        parts = {
            name: text if "=" in text or name != "json_body" else f"{text} = {LEFT_OUT}"
            for name, text in parts.items()
        }
        return _joined(plan, parts, "**fields: Any")
    return _joined(plan, parts)


def overloads(plan: RoutePlan, body: BodyPlan | None, annotator: Annotator) -> Iterator[tuple[str, str]]:
    """What type checkers see where one signature does not say it: pairs of signature and returned type."""
    switched = list(_switched(plan, annotator))
    if not has_keywords(body) and len(switched) == 1:
        return
    for fixed, returns in switched:
        for parts, fields in _forms(plan, body, annotator):
            chosen = {name: fixed.get(name, text) for name, text in parts.items()}
            yield _joined(plan, chosen, fields), returns


def _switched(plan: RoutePlan, annotator: Annotator) -> Iterator[tuple[Mapping[str, str], str]]:
    """The returned types, and how the parameter is given that says which of two it is."""
    switch = next((p for p in plan.parameters if p.name == plan.returns.switch), None)
    if switch is None:
        yield _NOTHING, annotation(plan.returns, annotator)
        return
    first, second = (annotator.of(kind) for kind in plan.returns.types)
    yield {switch.name: f"{switch.name}: Literal[True]"}, second
    yield {switch.name: f"{switch.name}: Literal[False] | None = {switch.default!r}"}, first
    yield _NOTHING, f"{first} | {second}"


def _forms(
    plan: RoutePlan, body: BodyPlan | None, annotator: Annotator
) -> Iterator[tuple[dict[str, str], str]]:
    """The parameters with the body as one of them, and with its fields as keywords."""
    parts = _parts(plan, annotator)
    if body is None or not has_keywords(body):
        yield parts, ""
        return
    typed = parts["json_body"].replace("JsonObject", f"{body.dict_name} | JsonObject", 1)
    yield {**parts, "json_body": typed}, ""
    others = {name: text for name, text in parts.items() if name not in BODY_PARAMETERS}
    yield others, f"**fields: Unpack[{body.keywords_name}]"


def _parts(plan: RoutePlan, annotator: Annotator) -> dict[str, str]:
    return {p.name: parameter(p, annotator) for p in plan.parameters}


def _joined(plan: RoutePlan, parts: Mapping[str, str], fields: str = "") -> str:
    positional = [parts[p.name] for p in plan.parameters if p.kind == "path"]
    keyword = [parts[p.name] for p in plan.parameters if p.kind != "path" and p.name in parts]
    star = ["*"] if keyword else []
    return ", ".join(["self", *positional, *star, *keyword, *([fields] if fields else [])])


def parameter(plan: ParameterPlan, annotator: Annotator) -> str:
    """One parameter with its type, and its default unless it is the way to something."""
    text = f"{plan.name}: {_annotation(plan, annotator)}"
    return text if plan.kind == "path" or plan.default is MISSING else f"{text} = {plan.default!r}"


def _annotation(parameter: ParameterPlan, annotator: Annotator) -> str:
    kind = parameter.type
    if parameter.kind == "json_body":
        text = annotator.body(kind) if kind is not None else "JsonObject"
    elif parameter.kind == "multipart_data":
        text = "JsonObject" if kind is None else f"{annotator.of(kind)} | JsonObject"
    elif parameter.kind in BODY_PARAMETERS:
        text = (
            f"{annotator.of(kind)} | JsonObject | bytes"
            if kind is not None and kind.is_ref
            else "JsonObject | bytes"
        )
    else:
        text = annotator.of(kind or Type("str"))
    if (
        parameter.default is MISSING
        or parameter.default is EITHER
        or parameter.kind == "path"
        or text == "Any"
    ):
        return text
    return f"{text} | None"
