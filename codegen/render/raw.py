"""`endpoints/{sync_raw,async_raw}/<group>.py`: the same calls, which return their answers."""

from __future__ import annotations

from codegen.annotate import Annotator
from codegen.lower_bodies import Bodies
from codegen.lower_routes import RoutePlan, by_group, mentioned
from codegen.names import class_name
from codegen.paths import ASYNC_RAW, SYNC_RAW

from . import header
from .endpoints import body_imports, mentions
from .signatures import overloads

_TYPES = {
    "ApiResponse": "from ...http.api_response import ApiResponse",
    "Response": "from ...http.response import Response",
}


def render_raw(plans: list[RoutePlan], bodies: Bodies, annotator: Annotator) -> dict[str, str]:
    """All modules and their two packages by path."""
    files: dict[str, str] = {}
    version = annotator.spec.server_version
    for facade, folder in (("sync", SYNC_RAW), ("async", ASYNC_RAW)):
        files[f"{folder}/__init__.py"] = header(
            f"The {facade} groups of `client.with_raw_response`.", version
        )
        for group, methods in by_group(plans).items():
            files[f"{folder}/{group}.py"] = _module(facade, group, methods, bodies, annotator)
    return files


def _module(
    facade: str,
    group: str,
    methods: list[tuple[str, RoutePlan]],
    bodies: Bodies,
    annotator: Annotator,
) -> str:
    name, parent = class_name(group), f"{facade.title()}RawApi"
    method_class = "AsyncRawMethod" if facade == "async" else "RawMethod"
    lines: list[str] = []
    for method, plan in methods:
        made = f"{method_class}({name}.{method})"
        typed = list(overloads(plan, bodies.of_methods.get(plan.route), annotator))
        if not typed:
            lines.append(f"    {method}: Final = {made}")
            continue
        # Of the overloads of the method itself type checkers would read one only.
        define = f"        {'async ' if facade == 'async' else ''}def {method}"
        lines.append("    if TYPE_CHECKING:")
        for signature, returns in typed:
            lines += ["        @overload", f"{define}({signature}) -> ApiResponse[{returns}]: ..."]
        lines += [
            f"        def {method}(self, *given: Any, **named: Any) -> Any: ...",
            "    else:",
            f"        {method} = {made}",
        ]
    body = "\n".join(lines)
    standard = [
        word for word in ("TYPE_CHECKING", "Any", "Final", "Literal", "overload") if mentions(word, body)
    ]
    sequence = ["from collections.abc import Sequence"] if mentions("Sequence", body) else []
    head = [
        header(f"Raw responses of `client.{group}`, {facade}.", annotator.spec.server_version),
        "from __future__ import annotations\n",
        *sequence,
        f"from typing import {', '.join(standard)}\n",
        f"from ..{facade}_api.{group} import {name}",
        f"from ..raw import {', '.join(sorted((method_class, parent)))}",
        *_lazy_imports(group, [plan for _, plan in methods], bodies, body, annotator),
        f"\n\nclass Raw{name}({parent}):",
        f'    """The calls of `{name}`, which return their answers here."""\n',
    ]
    return "\n".join([*head, body]) + "\n"


def _lazy_imports(
    group: str,
    plans: list[RoutePlan],
    bodies: Bodies,
    body: str,
    annotator: Annotator,
) -> list[str]:
    """What type checkers need to know."""
    refs = [ref for p in plans for ref in mentioned(p) if mentions(annotator.resolve(ref), body)]
    local = [
        *body_imports(bodies.of(plans), body),
        *(f"    {line}" for line in annotator.enum_imports(refs, "...")),
        *(f"    {line}" for line in annotator.model_imports(refs, "...models.", group)),
    ]
    for word, line in _TYPES.items():
        local += [f"    {line}"] if mentions(word, body) else []
    base = [word for word in ("EITHER", "JsonObject") if mentions(word, body)]
    local += [f"    from ..base import {', '.join(base)}"] if base else []
    return ["\nif TYPE_CHECKING:", *local] if local else []
