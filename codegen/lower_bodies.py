"""JSON bodies that are objects -> their `TypedDict`s, and the keywords that methods take in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from .annotate import Annotator
from .api import Schema, Spec
from .lower_models import ClassPlan, FieldPlan, ModulePlan
from .lower_pages import PagesPlan
from .lower_routes import RoutePlan
from .names import pascal
from .typeexpr import Type

OF_ITERATORS = ("per_page", "limit")
"""Parameters that all iterators have."""


@dataclass(frozen=True)
class BodyPlan:
    """A body: the model, its module and its fields.

    `clashes` are the fields, by their Python names, that are parameters of an operation with this body. They
    are no keywords of any such operation, so that a body has the same keywords everywhere. Where the call is
    an iterator, which fills some fields itself, `iterator` is its name.
    """

    model: str
    module: str
    doc: str
    fields: tuple[FieldPlan, ...]
    clashes: frozenset[str] = frozenset()
    iterator: str = ""

    @property
    def dict_name(self) -> str:
        """The `TypedDict` of dicts, which have the server's keys: `CreatePostJsonBodyDict`."""
        return f"{self.model.replace('.', '')}Dict"

    @property
    def keywords_name(self) -> str:
        """The `TypedDict` of keywords, which are the model's attributes; often that of dicts will do."""
        if self.iterator:
            return f"{pascal(self.iterator)}Keywords"
        differ = bool(self.clashes) or any(field.name != field.raw for field in self.fields)
        return f"{self.model.replace('.', '')}Keywords" if differ else self.dict_name

    @property
    def keywords(self) -> tuple[FieldPlan, ...]:
        """The fields that are keywords, the required ones first; none where a required one clashes."""
        if any(field.required and field.name in self.clashes for field in self.fields):
            return ()
        fields = [field for field in self.fields if field.name not in self.clashes]
        return tuple(sorted(fields, key=lambda field: not field.required))

    @property
    def needed(self) -> tuple[str, ...]:
        """The keywords without which there is no body."""
        return tuple(field.name for field in self.keywords if field.required)

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """The keywords that the server calls otherwise, with its names."""
        return tuple((field.name, field.raw) for field in self.keywords if field.name != field.raw)


@dataclass(frozen=True)
class Bodies:
    """All bodies by route: those of the methods, and those of the iterators beside them."""

    of_methods: dict[str, BodyPlan]
    of_iterators: dict[str, BodyPlan]

    def of(self, routes: Iterable[RoutePlan]) -> list[BodyPlan]:
        """The bodies of some routes, each once, sorted."""
        plans = [
            found[route.route]
            for route in routes
            for found in (self.of_methods, self.of_iterators)
            if route.route in found
        ]
        each = {(plan.model, plan.iterator): plan for plan in plans}
        return [plan for _, plan in sorted(each.items(), key=lambda item: item[0])]


def lower_bodies(
    routes: list[RoutePlan], pages: list[PagesPlan], modules: list[ModulePlan], annotator: Annotator
) -> Bodies:
    """The bodies of all routes but those without a JSON object of known fields, and retired ones."""
    classes = {name: (m.name, plan) for m in modules for name, plan in flat(m.classes)}
    models: dict[str, str] = {}
    names: dict[str, set[str]] = {}
    for route in routes:
        found = set(_models(route, classes, annotator))
        if len(found) == 1 and not route.retired:
            models[route.route] = model = found.pop()
            names.setdefault(model, set()).update(parameter.name for parameter in route.parameters)
    plans = {model: _plan(model, *classes[model], names[model], annotator.spec) for model in names}
    of_methods = {route: plans[model] for route, model in models.items()}
    of_iterators = {
        page.route.route: _of_iterator(page, of_methods[page.route.route])
        for page in pages
        if page.route.route in of_methods
    }
    return Bodies(of_methods, of_iterators)


def _plan(model: str, module: str, plan: ClassPlan, names: AbstractSet[str], spec: Spec) -> BodyPlan:
    """The body of calls whose parameters have these names."""
    fields = tuple(_fields(plan, spec.schemas[model]))
    clashes = frozenset(field.name for field in fields if field.name in names)
    return BodyPlan(model, module, plan.doc, fields, clashes)


def _fields(plan: ClassPlan, schema: Schema) -> Iterator[FieldPlan]:
    """The fields that today's server knows, required where it requires them: the model is that of 0.5.0."""
    known = {value.name: value for value in schema.fields}
    for field in plan.fields:
        if field.raw in known:
            yield replace(field, required=known[field.raw].required)
        elif not known:  # a model that only the lock describes
            yield field


def _of_iterator(page: PagesPlan, body: BodyPlan) -> BodyPlan:
    """The body without the fields that the iterator fills or has a parameter for."""
    taken = {*page.hidden, *OF_ITERATORS} & {field.name for field in body.fields}
    return replace(body, clashes=body.clashes | taken, iterator=page.name)


def _models(
    route: RoutePlan, classes: Mapping[str, tuple[str, ClassPlan]], annotator: Annotator
) -> Iterator[str]:
    """The models with fields that the JSON body of a route may be."""
    for parameter in route.parameters:
        kind = parameter.type or Type("any")
        if parameter.kind == "json_body":
            for part in kind.args if kind.kind == "union" else (kind,):
                name = annotator.resolve(part.kind)
                if name in classes and classes[name][1].fields:
                    yield name


def flat(classes: tuple[ClassPlan, ...], prefix: str = "") -> Iterator[tuple[str, ClassPlan]]:
    """All classes with their full names, nested ones too."""
    for plan in classes:
        yield f"{prefix}{plan.name}", plan
        yield from flat(plan.nested, f"{prefix}{plan.name}.")


def by_module(bodies: Iterable[BodyPlan]) -> dict[str, list[BodyPlan]]:
    """Bodies by the module of their models."""
    found: dict[str, list[BodyPlan]] = {}
    for body in bodies:
        found.setdefault(body.module, []).append(body)
    return dict(sorted(found.items()))
