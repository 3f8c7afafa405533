"""`endpoints/{sync_api,async_api}/<group>.py`: both facades from one template."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from codegen.annotate import Annotator
from codegen.docstring import argument_lines, body_arguments, method_lines, words
from codegen.lower_bodies import OF_ITERATORS, Bodies, BodyPlan, by_module
from codegen.lower_pages import PagesPlan
from codegen.lower_routes import ParameterPlan, Returns, RoutePlan, by_group, mentioned
from codegen.names import class_name
from codegen.paths import ASYNC_API, SYNC_API
from codegen.typeexpr import Type

from . import header, packed
from .signatures import LEFT_OUT, has_keywords, implementation, overloads
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


def render_endpoints(
    plans: list[RoutePlan], pages: list[PagesPlan], bodies: Bodies, annotator: Annotator
) -> dict[str, str]:
    """All endpoint modules and their two packages by path."""
    groups = by_group(plans)
    iterators = {page.route.route: page for page in pages}
    files: dict[str, str] = {}
    for facade, folder in (("Sync", SYNC_API), ("Async", ASYNC_API)):
        files[f"{folder}/__init__.py"] = _package(facade, list(groups), annotator)
        for group, methods in groups.items():
            files[f"{folder}/{group}.py"] = _module(
                facade, group, methods, iterators=iterators, bodies=bodies, annotator=annotator
            )
    return files


def _module(
    facade: str,
    group: str,
    methods: list[tuple[str, RoutePlan]],
    *,
    iterators: Mapping[str, PagesPlan],
    bodies: Bodies,
    annotator: Annotator,
) -> str:
    spec = annotator.spec
    blocks = []
    for name, plan in methods:
        blocks.append(
            _method(facade, group, name, plan, body=bodies.of_methods.get(plan.route), annotator=annotator)
        )
        if plan.route in iterators and name == plan.method:
            blocks.append(
                iterator_method(
                    facade,
                    _table(plan.home, group),
                    iterators[plan.route],
                    body=bodies.of_iterators.get(plan.route),
                    annotator=annotator,
                )
            )
    body = "\n".join(blocks)
    parents = [*(f"{facade}{name}" for _, name in MIXINS.get(group, ())), f"{facade}Api"]
    items = [iterators[plan.route].item for _, plan in methods if plan.route in iterators]
    imports = _imports(facade, group, methods, body, items=items, bodies=bodies, annotator=annotator)
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
    bodies: Bodies,
    annotator: Annotator,
) -> str:
    plans = [plan for _, plan in methods]
    refs = [ref for plan in plans for ref in mentioned(plan)] + [ref for item in items for ref in item.refs()]
    standard = ["import warnings"] if any(plan.retired for plan in plans) else []
    standard += ["from collections.abc import Sequence"] if "Sequence[" in body else []
    typing = [
        name
        for name in ("TYPE_CHECKING", "Any", "Literal", "overload")
        if (name == "TYPE_CHECKING" and items) or mentions(name, body)
    ]
    standard += [f"from typing import {', '.join(typing)}"] if typing else []
    names = [f"{facade}Api", *(name for name in ("EITHER", LEFT_OUT, "JsonObject") if mentions(name, body))]
    mixins = [f"from ..{module} import {facade}{name}" for module, name in MIXINS.get(group, ())]
    local = [
        *annotator.enum_imports(refs, "..."),
        *annotator.model_imports(
            [ref for ref in refs if mentions(annotator.resolve(ref), body)], "...models.", group
        ),
        *(["from ...http.response import Response"] if any(not p.returns.types for p in plans) else []),
        *mixins,
        f"from ..base import {', '.join(sorted(names))}",
    ]
    homes = sorted({plan.home for plan in plans})
    local += [f"from ..operations import {home} as {_table(home, group)}" for home in homes]
    kind = "AsyncPageIterator" if facade == "Async" else "PageIterator"
    lazy = body_imports(bodies.of(plans), body)
    lazy += [f"    from ...calls.pages import {kind}"] if items else []
    lazy = ["", "if TYPE_CHECKING:", *lazy] if lazy else []
    return "\n".join([*standard, *([""] if standard else []), *local, *lazy])


def body_imports(bodies: Iterable[BodyPlan], text: str) -> list[str]:
    """The imports, indented, of the types of bodies that a text mentions."""
    lines = ["    from typing_extensions import Unpack\n"] if mentions("Unpack", text) else []
    for module, plans in by_module(bodies).items():
        names = sorted({name for plan in plans for name in (plan.dict_name, plan.keywords_name)})
        if mentioned_names := [name for name in names if mentions(name, text)]:
            lines.append(f"    from ...bodies.{module} import {', '.join(mentioned_names)}")
    return lines


def mentions(name: str, body: str) -> bool:
    """Whether a text has a name in it."""
    return re.search(rf"\b{re.escape(name)}\b", body) is not None


def _table(home: str, group: str) -> str:
    return "op" if home == group else f"{home}_op"


def _method(
    facade: str, group: str, name: str, plan: RoutePlan, *, body: BodyPlan | None, annotator: Annotator
) -> str:
    call_async, wait = ("async ", "await ") if facade == "Async" else ("", "")
    define = f"    {call_async}def {name}"
    lines = overload_lines(overloads(plan, body, annotator), define)
    lines.append(
        f"{define}({implementation(plan, body, annotator)}) -> {annotation(plan.returns, annotator)}:"
    )
    doc = method_lines(plan, name, body, annotator.spec.glossary)
    lines += [f'        """{doc[0]}', *(f"        {line}".rstrip() for line in doc[1:]), '        """']
    if plan.retired:
        lines += [
            "        warnings.warn(",
            f'            "{name} is retired: current servers may not know {plan.route}",',
            "            DeprecationWarning,",
            "            stacklevel=2,",
            "        )",
        ]
    line = f"{_table(plan.home, group)}.{plan.constant}"
    given = {p.name: p.name for p in plan.parameters}
    if has_keywords(body):
        given["json_body"] = body_expression(line, name)
    arguments = "".join(f", {parameter}={value}" for parameter, value in given.items())
    return "\n".join([*lines, f"        return {wait}self._call({line}{arguments})"]) + "\n"


def body_expression(line: str, method: str) -> str:
    """The JSON body in whichever way it was given."""
    return f'self._body({line}, "{method}", json_body, fields)'


def overload_lines(signatures: Iterable[tuple[str, str]], define: str) -> list[str]:
    """Overloads, which are for type checkers only: at run time they would cost each program memory."""
    found = [
        line
        for signature, returns in signatures
        for line in ("        @overload", f"    {define}({signature}) -> {returns}: ...")
    ]
    return ["    if TYPE_CHECKING:", *found] if found else []


def iterator_method(
    facade: str, table: str, page: PagesPlan, *, body: BodyPlan | None, annotator: Annotator
) -> str:
    """The method that walks through all pages of an operation."""
    line = f"{table}.{page.route.constant}"
    own = tuple(ParameterPlan(name, "query", Type("int"), None, {}) for name in OF_ITERATORS)
    plan = replace(page.route, parameters=(*page.parameters, *own), returns=Returns())
    returns = f"{'AsyncPageIterator' if facade == 'Async' else 'PageIterator'}[{annotator.of(page.item)}]"
    define = f"    def {page.name}"
    lines = overload_lines(
        ((signature, returns) for signature, _ in overloads(plan, body, annotator)), define
    )
    given = {p.name: p.name for p in page.parameters}
    given |= {name: repr(value) for name, value in page.fixed.items()}
    if has_keywords(body):
        given["json_body"] = body_expression(line, page.name)
    arguments = "".join(f", {name}={value}" for name, value in given.items())
    about = body_arguments(body) if body else []
    lines += [
        f"{define}({implementation(plan, body, annotator)}) -> {returns}:",
        f'        """All items of `{page.route.method}`, each once, page by page.',
        "",
        "        Args:",
        f"            per_page: Items asked for at once, at most {page.size}, which is the default.",
        "            limit: The most items to give.",
        *(f"        {line}" for name, text in about for line in argument_lines(name, text)),
        '        """',
        f"        return self._pages({line}, limit, per_page{arguments})",
    ]
    return "\n".join(lines) + "\n"


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
