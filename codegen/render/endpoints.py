"""`endpoints/{sync_api,async_api}/<group>.py`: both facades from one template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from codegen.annotate import Annotator
from codegen.api import MISSING
from codegen.docstring import method_lines, words
from codegen.lower_pages import PagesPlan
from codegen.lower_routes import BODY_PARAMETERS, EITHER, ParameterPlan, RoutePlan, by_group, mentioned
from codegen.names import class_name
from codegen.paths import ASYNC_API, SYNC_API
from codegen.typeexpr import Type

from . import header, packed
from .tables import annotation

MIXINS: dict[str, tuple[tuple[str, str], ...]] = {
    "channels": (("channel_lookup", "ChannelLookup"), ("channel_presence", "ChannelPresence")),
    "files": (("files", "FileTransfers"),),
    "posts": (
        ("channel_posts", "ChannelPosts"),
        ("long_posts", "LongPosts"),
        ("post_links", "PostLinks"),
    ),
    "status": (("custom_statuses", "CustomStatuses"),),
    "teams": (("team_lookup", "TeamLookup"),),
    "users": (("memberships", "Memberships"), ("own_user", "OwnUser")),
    "webhooks": (("incoming_webhooks", "IncomingWebhooks"),),
}
"""Hand-written parents of endpoint classes: group -> (module beside them, class without Sync/Async)."""

_RAISES = """
    Raises:
        ApiError: The server refused; the subclass tells the status.
        TransportError: No answer arrived.
        DecodeError: The answer was not what it claimed to be.
    """


def render_endpoints(plans: list[RoutePlan], pages: list[PagesPlan], annotator: Annotator) -> dict[str, str]:
    """All endpoint modules and their two packages by path."""
    groups = by_group(plans)
    iterators = {page.route.route: page for page in pages}
    files: dict[str, str] = {}
    for facade, folder in (("Sync", SYNC_API), ("Async", ASYNC_API)):
        files[f"{folder}/__init__.py"] = _package(facade, list(groups), annotator)
        for group, methods in groups.items():
            files[f"{folder}/{group}.py"] = _module(facade, group, methods, iterators, annotator)
    return files


def _module(
    facade: str,
    group: str,
    methods: list[tuple[str, RoutePlan]],
    iterators: Mapping[str, PagesPlan],
    annotator: Annotator,
) -> str:
    spec = annotator.spec
    blocks = []
    for name, plan in methods:
        blocks.append(_method(facade, group, name, plan, annotator))
        if plan.route in iterators and name == plan.method:
            blocks.append(iterator_method(facade, _table(plan.home, group), iterators[plan.route], annotator))
    body = "\n".join(blocks)
    parents = [*(f"{facade}{name}" for _, name in MIXINS.get(group, ())), f"{facade}Api"]
    items = [iterators[plan.route].item for _, plan in methods if plan.route in iterators]
    imports = _imports(facade, group, methods, body, items=items, annotator=annotator)
    subject = words(group, spec.glossary)
    return (
        header(f"Calls of `client.{group}`, {facade.lower()}.", spec.server_version)
        + f"\nfrom __future__ import annotations\n\n{imports}\n\n\n"
        + f"class {class_name(group)}({', '.join(parents)}):\n"
        + f'    """Calls about {subject}.\n{_RAISES}"""\n\n{body}'
    )


def _imports(
    facade: str,
    group: str,
    methods: list[tuple[str, RoutePlan]],
    body: str,
    *,
    items: list[Type],
    annotator: Annotator,
) -> str:
    plans = [plan for _, plan in methods]
    refs = [ref for plan in plans for ref in mentioned(plan)] + [ref for item in items for ref in item.refs()]
    standard = ["import warnings"] if any(plan.retired for plan in plans) else []
    standard += ["from collections.abc import Sequence"] if "Sequence[" in body else []
    typing = [
        name
        for name in ("TYPE_CHECKING", "Any", "Literal", "overload")
        if (name == "TYPE_CHECKING" and items) or _names(name, body)
    ]
    standard += [f"from typing import {', '.join(typing)}"] if typing else []
    names = [f"{facade}Api", *(name for name in ("EITHER", "JsonObject") if _names(name, body))]
    mixins = [f"from ..{module} import {facade}{name}" for module, name in MIXINS.get(group, ())]
    local = [
        *annotator.enum_imports(refs, "..."),
        *annotator.model_imports(
            [ref for ref in refs if _names(annotator.resolve(ref), body)], "...models.", group
        ),
        *(["from ...http.response import Response"] if any(not p.returns.types for p in plans) else []),
        *mixins,
        f"from ..base import {', '.join(sorted(names))}",
    ]
    homes = sorted({plan.home for plan in plans})
    local += [f"from ..operations import {home} as {_table(home, group)}" for home in homes]
    kind = "AsyncPageIterator" if facade == "Async" else "PageIterator"
    lazy = ["", "if TYPE_CHECKING:", f"    from ...calls.pages import {kind}"] if items else []
    return "\n".join([*standard, *([""] if standard else []), *local, *lazy])


def _names(name: str, body: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", body) is not None


def _table(home: str, group: str) -> str:
    return "op" if home == group else f"{home}_op"


def _method(facade: str, group: str, name: str, plan: RoutePlan, annotator: Annotator) -> str:
    call_async, wait = ("async ", "await ") if facade == "Async" else ("", "")
    define = f"    {call_async}def {name}"
    lines = [f"    @overload\n{define}{signature}: ..." for signature in _overloads(plan, annotator)]
    lines.append(f"{define}({_signature(plan, annotator)}) -> {annotation(plan.returns, annotator)}:")
    doc = method_lines(plan, name, annotator.spec.glossary)
    lines += [f'        """{doc[0]}', *(f"        {line}".rstrip() for line in doc[1:]), '        """']
    if plan.retired:
        lines += [
            "        warnings.warn(",
            f'            "{name} is retired: current servers may not know {plan.route}",',
            "            DeprecationWarning,",
            "            stacklevel=2,",
            "        )",
        ]
    table = _table(plan.home, group)
    arguments = "".join(f", {p.name}={p.name}" for p in plan.parameters)
    return "\n".join([*lines, f"        return {wait}self._call({table}.{plan.constant}{arguments})"]) + "\n"


def is_switched(plan: RoutePlan) -> bool:
    """Whether a parameter says which of two types the answer has."""
    return any(p.name == plan.returns.switch for p in plan.parameters)


def _overloads(plan: RoutePlan, annotator: Annotator) -> Iterator[str]:
    """Signatures that tell a type checker which of two types a boolean parameter selects."""
    switch = next((p for p in plan.parameters if p.name == plan.returns.switch), None)
    if switch is None:
        return
    first, second = (annotator.of(kind) for kind in plan.returns.types)
    yield f"({_signature(plan, annotator, {switch.name: 'Literal[True]'})}) -> {second}"
    off = f"Literal[False] | None = {switch.default!r}"
    yield f"({_signature(plan, annotator, {switch.name: off})}) -> {first}"
    yield f"({_signature(plan, annotator)}) -> {first} | {second}"


def _signature(plan: RoutePlan, annotator: Annotator, fixed: Mapping[str, str] = MappingProxyType({})) -> str:
    positional = [p for p in plan.parameters if p.kind == "path"]
    keyword = [p for p in plan.parameters if p.kind != "path"]
    parts = ["self", *(f"{p.name}: {_annotation(p, annotator)}" for p in positional)]
    if keyword:
        parts.append("*")
    for parameter in keyword:
        if parameter.name in fixed:
            parts.append(f"{parameter.name}: {fixed[parameter.name]}")
            continue
        parts.append(_keyword(parameter, annotator))
    return ", ".join(parts)


def _keyword(parameter: ParameterPlan, annotator: Annotator) -> str:
    text = f"{parameter.name}: {_annotation(parameter, annotator)}"
    return text if parameter.default is MISSING else f"{text} = {parameter.default!r}"


def iterator_method(facade: str, table: str, page: PagesPlan, annotator: Annotator) -> str:
    """The method that walks through all pages of an operation."""
    positional = [f"{p.name}: {_annotation(p, annotator)}" for p in page.parameters if p.kind == "path"]
    keyword = [_keyword(p, annotator) for p in page.parameters if p.kind != "path"]
    own = ["per_page: int | None = None", "limit: int | None = None"]
    signature = ", ".join(["self", *positional, "*", *keyword, *own])
    kind = "AsyncPageIterator" if facade == "Async" else "PageIterator"
    given = [f"{p.name}={p.name}" for p in page.parameters]
    given += [f"{name}={value!r}" for name, value in page.fixed.items()]
    arguments = ", ".join([f"{table}.{page.route.constant}", "limit", "per_page", *given])
    lines = [
        f"    def {page.name}({signature}) -> {kind}[{annotator.of(page.item)}]:",
        f'        """All items of `{page.route.method}`, each once, page by page.',
        "",
        "        Args:",
        f"            per_page: Items asked for at once, at most {page.size}, which is the default.",
        "            limit: The most items to give.",
        '        """',
        f"        return self._pages({arguments})",
    ]
    return "\n".join(lines) + "\n"


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


def _package(facade: str, groups: list[str], annotator: Annotator) -> str:
    spec = annotator.spec
    classes = sorted((class_name(group), group) for group in groups)
    return (
        header(f"The {facade.lower()} endpoint classes, loaded on first use.", spec.server_version)
        + "\nfrom __future__ import annotations\n\nfrom importlib import import_module\n"
        + "from typing import TYPE_CHECKING, Any\n\nif TYPE_CHECKING:\n"
        + "".join(f"    from .{group} import {name}\n" for name, group in classes)
        + "\n# fmt: off\n__all__ = [\n"
        + packed([f'"{name}"' for name, _ in classes], "    ")
        + "]\n_MODULES = {\n"
        + packed([f'"{name}": "{group}"' for name, group in classes], "    ")
        + "}\n# fmt: on\n"
        + LAZY.format(table="_MODULES")
    )


LAZY = """

def __getattr__(name: str) -> Any:
    if name not in {table}:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    value = getattr(import_module(f".{{{table}[name]}}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({{*globals(), *__all__}})
"""
"""The lazy part of a package whose `{table}` maps names to the modules that define them."""
