"""`matterapi.bodies`: JSON bodies as `TypedDict`s."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

from codegen.annotate import Annotator
from codegen.lower_bodies import Bodies, BodyPlan, by_module
from codegen.lower_models import FieldPlan
from codegen.lower_routes import RoutePlan
from codegen.paths import BODIES

from . import header
from .endpoints import mentions
from .models import lazy_package


def render_bodies(plans: list[RoutePlan], bodies: Bodies, annotator: Annotator) -> dict[str, str]:
    """The modules and their package by path."""
    modules = by_module(bodies.of(plans))
    files = {f"{BODIES}/{name}.py": _module(name, plans, annotator) for name, plans in modules.items()}
    if not modules:
        return {}
    homes = {
        name: module
        for module, plans in modules.items()
        for plan in plans
        for name in ((plan.dict_name, plan.keywords_name) if plan.keywords else (plan.dict_name,))
    }
    doc = "The JSON bodies of calls as types of dicts and of keywords, loaded on first use."
    files[f"{BODIES}/__init__.py"] = lazy_package(doc, homes, annotator.spec)
    return files


def _module(name: str, plans: list[BodyPlan], annotator: Annotator) -> str:
    classes = "\n\n".join(text for plan in plans for text in _classes(plan, annotator))
    refs = [ref for plan in plans for field in plan.fields for ref in field.type.refs()]
    standard = ["from collections.abc import Sequence"] if mentions("Sequence", classes) else []
    standard += ["from typing import Any"] if mentions("Any", classes) else []
    extensions = [name for name in ("Required", "TypedDict") if mentions(name, classes)]
    local = [
        *(["from ..bases.json_object import JsonObject"] if mentions("JsonObject", classes) else []),
        *annotator.enum_imports(refs, ".."),
        *annotator.model_imports([ref for ref in refs if mentions(ref, classes)], "..models.", name),
    ]
    imports = [*standard, "", f"from typing_extensions import {', '.join(extensions)}", "", *local]
    doc = header(f"Bodies whose models are in `matterapi.models.{name}`.", annotator.spec.server_version)
    return f"{doc}\n{chr(10).join(imports)}\n\n\n{classes}"


def _classes(plan: BodyPlan, annotator: Annotator) -> Iterator[str]:
    keys = {field.raw: field for field in sorted(plan.fields, key=lambda field: not field.required)}
    if not plan.iterator:
        yield _class(plan.dict_name, plan.doc, keys, annotator)
    if plan.keywords and plan.keywords_name != plan.dict_name:
        doc = f"{plan.doc} Its fields as keywords{f' of `{plan.iterator}`' if plan.iterator else ''}."
        yield _class(plan.keywords_name, doc, {field.name: field for field in plan.keywords}, annotator)


def _class(name: str, doc: str, fields: Mapping[str, FieldPlan], annotator: Annotator) -> str:
    if not all(key.isidentifier() and not keyword.iskeyword(key) for key in fields):
        members = ", ".join(f'"{key}": {_annotation(f, annotator)}' for key, f in fields.items())
        return f'{name} = TypedDict("{name}", {{{members}}}, total=False)\n"""{doc}"""\n'
    lines = [f"class {name}(TypedDict, total=False):", f'    """{doc}"""\n']
    for key, field in fields.items():
        lines.append(f"    {key}: {_annotation(field, annotator)}")
        if field.doc:
            lines.append(f'    """{field.doc}"""')
    return "\n".join(lines) + "\n"


def _annotation(field: FieldPlan, annotator: Annotator) -> str:
    text = annotator.body(field.type)
    left_out = field.default is None and not field.required and not field.always_sent
    if (left_out or field.type.nullable or field.type.null_as_empty) and text != "Any":
        text += " | None"
    return f"Required[{text}]" if field.required else text
