"""`matterapi.models` and `matterapi.enums`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from codegen.annotate import Annotator
from codegen.api import MISSING, Spec
from codegen.errors import SpecError
from codegen.lower_models import ClassPlan, EnumPlan, FieldPlan, ModulePlan
from codegen.lower_routes import EnumDefault
from codegen.paths import ENUMS, MODELS
from codegen.typeexpr import ANY

from . import header, packed
from .endpoints import LAZY
from .views import VIEWS


def render_models(modules: list[ModulePlan], enums: list[EnumPlan], annotator: Annotator) -> dict[str, str]:
    """The model modules, their package and the enums by path."""
    members = {(e.name, value): name for e in enums for name, value in e.members}
    renderer = _Renderer(annotator, members)
    files = {f"{MODELS}/{m.name}.py": renderer.module(m) for m in modules}
    files[f"{MODELS}/__init__.py"] = _package(modules, annotator.spec)
    files[ENUMS] = _enums(enums, annotator.spec)
    return files


class _Renderer:
    def __init__(self, annotator: Annotator, members: dict[tuple[str, str], str]) -> None:
        self.annotator = annotator
        self.members = members

    def module(self, plan: ModulePlan) -> str:
        body = "\n\n".join(self._class(cls, "", "") for cls in plan.classes)
        refs = [ref for cls in plan.classes for ref in cls.refs()]
        standard = [
            name
            for name in ("TYPE_CHECKING", "Any", "ClassVar", "Optional")
            if f"{name}[" in body or f" {name}" in body or f"[{name}" in body
        ]
        views = [VIEWS[cls.name] for cls in plan.classes if cls.name in VIEWS]
        if any(view.named for view in views) and "TYPE_CHECKING" not in standard:
            standard.insert(0, "TYPE_CHECKING")
        imports = [f"from typing import {', '.join(standard)}", ""] if standard else []
        fields = [name for name in ("AliasChoices", "Field") if f"{name}(" in body]
        imports += [f"from pydantic import {', '.join(fields)}", ""] if fields else []
        imports += [*self.annotator.enum_imports(refs, ".."), *(view.imported for view in views)]
        bases = {
            base
            for base in (
                "BaseArray",
                "BaseConfig",
                "BaseMapping",
                "MultipartModel",
                "OpenConfig",
                "OrderedConfig",
            )
            if f"({base}" in body
        }
        bases |= {"File"} if ": File" in body or "[File" in body else set()
        bases |= {"SENT", "Always"} if ": Always[" in body else set()
        bases |= {name for name in ("OrDict", "TimeOf") if re.search(rf"\b{name}\b", body)}
        imports.append(f"from ..types import {', '.join(sorted(bases))}")
        imports += self.annotator.model_imports(refs, ".", f"models/{plan.name}", plan.name)
        if named := [f"    {view.named}" for view in views if view.named]:
            imports += ["", "if TYPE_CHECKING:", *named]
        spec = self.annotator.spec
        doc = header(f"Models of `{plan.name}`.", spec.server_version)
        return f"{doc}\n{chr(10).join(imports)}\n\n\n{body}"

    def _class(self, plan: ClassPlan, outer: str, indent: str) -> str:
        full = f"{outer}.{plan.name}" if outer else plan.name
        if full in VIEWS and VIEWS[full].line.partition(":")[0] in {field.name for field in plan.fields}:
            raise SpecError(full, "the name of its view is that of a field")
        inner = indent + "    "
        hide = ", hide_input_in_errors=True" if plan.holds_secrets else ""
        lines = [f"{indent}class {plan.name}({self._parent(plan, full)}{hide}):"]
        if plan.doc:
            lines += [f'{inner}"""{plan.doc}"""', ""]
        for nested in plan.nested:
            lines += [self._class(nested, full, inner), ""]
        if plan.base == "MultipartModel":
            names = "".join(f'"{name}", ' for name in plan.file_fields)
            lines += [f"{inner}_file_properties: ClassVar[tuple[str, ...]] = ({names})", ""]
        secrets = [f'"{field.name}"' for field in plan.fields if field.secret]
        if secrets:
            lines += [
                f"{inner}_secret_fields: ClassVar[frozenset[str]] = frozenset({{{', '.join(secrets)}}})",
                "",
            ]
        if plan.ordered:
            lines += [f'{inner}_items_field: ClassVar[str] = "{plan.ordered[0]}"', ""]
        if plan.extra is not None:
            # Said in each class: pydantic 2.11 does not learn it from the parent's type parameter.
            values = self.annotator.element(plan.extra, full.rpartition(".")[0])
            lines += [f"{inner}if not TYPE_CHECKING:  # a checker would take it for an argument"]
            lines.append(f"{inner}    __pydantic_extra__: dict[str, {values}]")
        for field in plan.fields:
            lines.append(f"{inner}{self._field(field, full)}")
            if field.doc:
                lines.append(f'{inner}"""{field.doc}"""')
        for name, milliseconds in plan.times:
            lines.append(f'{inner}{name}: ClassVar[TimeOf] = TimeOf("{milliseconds}")')
            lines.append(f'{inner}"""`{milliseconds}` as a `datetime`; `None` for never."""')
        if full in VIEWS:
            lines += [f"{inner}{VIEWS[full].line}", f'{inner}"""{VIEWS[full].doc}"""']
        if lines[-1].endswith("):"):
            lines.append(f"{inner}pass")
        lines += [f"\n\n{old} = {plan.name}" for old in plan.aliases]
        return "\n".join(lines) + "\n"

    def _parent(self, plan: ClassPlan, full: str) -> str:
        values = plan.root.args[0] if plan.root else plan.extra
        if plan.ordered:
            values = plan.ordered[1]
        if values is None or (plan.root is None and values == ANY):
            return plan.base
        return f"{plan.base}[{self.annotator.element(values, full.rpartition('.')[0])}]"

    def _field(self, field: FieldPlan, inside: str) -> str:
        annotation = self.annotator.of(field.type, inside)
        if inside.endswith("JsonBody") and self._has_free_keys(field):
            annotation = f"OrDict[{annotation}]" + (" | None" if field.default is None else "")
            return f"{field.name}: {annotation}" + (" = None" if field.default is None else "")
        if field.always_sent:
            default = (
                f"Field(default=SENT, {', '.join(aliases)})" if (aliases := self._aliases(field)) else "SENT"
            )
            return f"{field.name}: Always[{annotation}] = {default}"
        may_be_null = field.type.nullable or field.type.null_as_empty or field.default is None
        if may_be_null or field.default is not MISSING:
            annotation = self.annotator.optional(field.type, inside)
        default = self._default(field)
        if aliases := self._aliases(field):
            arguments = ([f"default={default}"] if default else []) + aliases
            return f"{field.name}: {annotation} = Field({', '.join(arguments)})"
        return f"{field.name}: {annotation}" + (f" = {default}" if default else "")

    def _has_free_keys(self, field: FieldPlan) -> bool:
        schema = self.annotator.spec.schemas.get(self.annotator.resolve(field.type.kind))
        is_open = schema is not None and any(value.name == "..." for value in schema.fields)
        return is_open and (field.default is None or field.default is MISSING) and not self._aliases(field)

    def _aliases(self, field: FieldPlan) -> list[str]:
        if not field.old:
            return [f'alias="{field.raw}"'] if field.name != field.raw else []
        return [
            f'alias="{field.old}"',
            f'validation_alias=AliasChoices("{field.raw}", "{field.old}")',
            f'serialization_alias="{field.raw}"',
        ]

    def _default(self, field: FieldPlan) -> str:
        value: Any = field.default
        if value is MISSING:
            return ""
        if self.annotator.is_enum(field.type.kind) and isinstance(value, str):
            value = EnumDefault(field.type.kind, self.members[field.type.kind, value])
        return json.dumps(value) if isinstance(value, str) else repr(value)


def _package(modules: list[ModulePlan], spec: Spec) -> str:
    homes = {name: m.name for m in modules for cls in m.classes for name in (cls.name, *cls.aliases)}
    return lazy_package("The models of the server's JSON, loaded on first use.", homes, spec)


def lazy_package(doc: str, homes: Mapping[str, str], spec: Spec) -> str:
    """The `__init__.py` of a package whose modules define these names."""
    names: dict[str, list[str]] = {}
    for name, module in sorted(homes.items()):
        names.setdefault(module, []).append(name)
    typed = "".join(
        f"    from .{module} import (\n{packed(found, '        ')}    )\n"
        for module, found in sorted(names.items())
    )
    table = "".join(
        f'    "{module}": (\n{packed([chr(34) + n + chr(34) for n in found], "        ")}    ),\n'
        for module, found in sorted(names.items())
    )
    return (
        header(doc, spec.server_version)
        + "\nfrom __future__ import annotations\n\nfrom importlib import import_module\n"
        + "from typing import TYPE_CHECKING, Any\n\n# fmt: off\nif TYPE_CHECKING:\n"
        + typed
        + "\n__all__ = [\n"
        + packed([f'"{name}"' for name in sorted(homes)], "    ")
        + "]\n_NAMES = {\n"
        + table
        + "}\n# fmt: on\n_HOMES = {name: module for module, names in _NAMES.items() for name in names}\n"
        + LAZY.format(table="_HOMES")
    )


def _enums(enums: list[EnumPlan], spec: Spec) -> str:
    text = header("Sets of values that the server knows; an answer may hold others.", spec.server_version)
    text += "\nfrom enum import Enum\n\n\nclass _Text(str, Enum):\n"
    text += "    def __str__(self) -> str:\n        return str(self.value)\n"
    for enum in enums:
        members = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in enum.members)
        text += f'\n\nclass {enum.name}(_Text):\n    """Values of `{enum.name}`."""\n\n{members}'
    return text
