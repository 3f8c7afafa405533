"""Operations that page -> their iterators: what to write in the table of plans, and the method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .annotate import Annotator
from .api import MISSING, OperationFacts, Spec
from .errors import SpecError
from .lower_routes import ParameterPlan, RoutePlan
from .names import field_name
from .ordered import ordered_items
from .typeexpr import Type

SIGNS = frozenset(
    {
        "page", "per_page", "perPage", "page_size", "logs_per_page", "limit_before", "limit_after",
        "before", "after", "cursor", "cursor_id", "from_id", "fromPost",
    }
)  # fmt: skip
"""Parameters of the query, and fields of JSON bodies, by which an operation that pages is known."""

_CLASSES = frozenset({"Page", "Cursor", "Column", "Mark", "Reply", "Time"})
_SIZES = ("per_page", "page")
_NOT_OF_THE_PLAN = frozenset({"by", "hides", "fixed"})
_PREFIXES = ("get_", "list_")


@dataclass(frozen=True)
class PagesPlan:
    """The iterator of a route.

    `arguments` are those of the class of `matterapi.calls.page_plans`, `fixed` the values of parameters
    that its method does not have. `hidden` are the names, of parameters or of fields of the body, that the
    iterator fills.
    """

    route: RoutePlan
    name: str
    family: str
    arguments: dict[str, Any]
    item: Type
    parameters: tuple[ParameterPlan, ...]
    fixed: dict[str, Any]
    hidden: frozenset[str] = frozenset()

    @property
    def size(self) -> int:
        """The largest page."""
        return int(self.arguments.get("most", 200))


def iterator_name(method: str) -> str:
    """The iterator beside a method: `get_users` -> `iter_users`, `search_teams` -> `iter_search_teams`."""
    prefix = next((prefix for prefix in _PREFIXES if method.startswith(prefix)), "")
    return f"iter_{method.removeprefix(prefix)}"


def signs(op: OperationFacts, spec: Spec) -> set[str]:
    """The parameters of an operation, in the query or the JSON body, that look like paging."""
    return {*(value.name for value in op.query), *_body_fields(op, spec)} & SIGNS


def _body_fields(op: OperationFacts, spec: Spec) -> Iterator[str]:
    for body in op.bodies:
        schema = spec.schemas.get(body.type.kind) if body.kind == "json" and body.type else None
        yield from (value.name for value in schema.fields) if schema else ()


def lower_pages(spec: Spec, routes: list[RoutePlan]) -> list[PagesPlan]:
    """The iterators of all operations that page.

    Raises:
        SpecError: An operation looks like one that pages, and nothing says how; `paging.yaml` names what is
            not there; or two methods get one name.
    """
    by_id = {route.id: route for route in routes if route.id}
    for name in {*spec.paging.plans, *spec.paging.without} - by_id.keys():
        raise SpecError(f"paging.yaml: {name}", "there is no such operation")
    operations = [op for op in spec.operations if op.id in by_id and op.id not in spec.paging.without]
    plans = [
        _Lowering(spec, op, by_id[op.id]).plan()
        for op in operations
        if op.id in spec.paging.plans or signs(op, spec)
    ]
    _refuse_clashes(plans, routes)
    return plans


def _refuse_clashes(plans: list[PagesPlan], routes: list[RoutePlan]) -> None:
    taken = {(group, name) for r in routes for group in r.groups for name in (r.method, *r.aliases)}
    for plan in plans:
        for group in plan.route.groups:
            if (group, plan.name) in taken:
                raise SpecError(plan.route.route, f"{group}.{plan.name} is taken")
            taken.add((group, plan.name))


@dataclass(frozen=True)
class _Lowering:
    spec: Spec
    op: OperationFacts
    route: RoutePlan

    @property
    def place(self) -> str:
        return f"paging.yaml: {self.op.id}"

    def plan(self) -> PagesPlan:
        told = self.spec.paging.plans.get(self.op.id, {})
        family = told.get("by", "Page")
        if family not in _CLASSES:
            raise SpecError(self.place, f"there is no way to page by {family!r}")
        arguments = {key: value for key, value in told.items() if key not in _NOT_OF_THE_PLAN}
        query, body = {value.name for value in self.op.query}, set(_body_fields(self.op, self.spec))
        size = arguments.get("size", "per_page")
        if size not in query | body or (family == "Page" and "page" not in query | body):
            found = ", ".join(sorted(signs(self.op, self.spec)))
            raise SpecError(
                self.place, f"say how it pages, or why it has no iterator; it has {found or 'nothing'}"
            )
        if size not in query:
            arguments["in_body"] = True
        where, item = self._listed(arguments.get("items"))
        if where:
            arguments["items"] = where
        self._check_key(item, arguments)
        cursors = f"{arguments.get('cursor', '')} {arguments.get('changed', '')}".split()
        filled = {pair.partition("=")[0].partition(".")[0] for pair in cursors}
        hidden = {
            "page",
            size,
            self.route.returns.switch,
            *filled,
            *told.get("hides", ()),
            *told.get("fixed", {}),
        }
        return PagesPlan(
            route=self.route,
            name=iterator_name(self.route.method),
            family=family,
            arguments=arguments,
            item=item,
            parameters=tuple(self._parameters(hidden)),
            fixed=told.get("fixed", {}),
            hidden=frozenset(hidden),
        )

    def _parameters(self, hidden: set[str]) -> Iterator[ParameterPlan]:
        for parameter in self.route.parameters:
            if parameter.kind == "json_body":
                yield replace(parameter, default=MISSING)
            elif parameter.kind in {"path", "query"} and parameter.name not in hidden:
                yield parameter

    def _listed(self, told: str | None) -> tuple[str, Type]:
        """The attribute of the answer that lists the items, and what they are."""
        found = [place for kind in self.route.returns.types for place in self._lists(kind)]
        chosen = [place for place in found if told is None or place[0] == told]
        named = [place for place in chosen if place[0]]
        if not chosen or len(named) > 1:
            raise SpecError(
                self.place, f"say in `items` what it lists; it could be {[name for name, _ in found]}"
            )
        return (named or chosen)[0]

    def _lists(self, kind: Type) -> Iterator[tuple[str, Type]]:
        item = self._item(kind)
        if item is not None:
            yield "", item
            return
        schema = self._schema(kind)
        for value in schema.fields if schema else ():
            item = self._item(value.type)
            if item is not None:
                yield field_name(value.name), item

    def _schema(self, kind: Type) -> Any:
        return self.spec.schemas.get(Annotator(self.spec).resolve(kind.kind))

    def _item(self, kind: Type) -> Type | None:
        """What iterating a value of a type gives, if it lists something."""
        if kind.kind == "list":
            return kind.args[0].plain()
        schema = self._schema(kind)
        if schema is None:
            return None
        if schema.root is not None:
            return self._item(schema.root)
        ordered = ordered_items(schema, self.spec)
        return ordered[1] if ordered else None

    def _check_key(self, item: Type, arguments: dict[str, Any]) -> None:
        key = arguments.get("key", "id")
        schema = self._schema(item)
        names = {field_name(value.name) for value in schema.fields} if schema else set()
        unknown = [name for name in key.split() if name.partition(".")[0] not in names]
        if unknown:
            raise SpecError(
                self.place, f"say in `key` what tells one {item} from another; it has no {unknown[0]!r}"
            )
