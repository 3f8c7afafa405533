"""JSON bodies that are objects -> their `TypedDict`s, and the keywords that methods take in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .annotate import Annotator
from .lower_models import ClassPlan, FieldPlan, ModulePlan
from .lower_routes import RoutePlan
from .typeexpr import Type


@dataclass(frozen=True)
class BodyPlan:
    """A body: the model, its module and its fields.

    `clashes` are the fields, by their Python names, that are parameters of an operation with this body. They
    are no keywords of any such operation, so that a body has the same keywords everywhere.
    """

    model: str
    module: str
    doc: str
    fields: tuple[FieldPlan, ...]
    clashes: frozenset[str] = frozenset()

    @property
    def dict_name(self) -> str:
        """The `TypedDict` of dicts, which have the server's keys: `CreatePostJsonBodyDict`."""
        return f"{self.model.replace('.', '')}Dict"

    @property
    def keywords_name(self) -> str:
        """The `TypedDict` of keywords, which are the model's attributes; often that of dicts will do."""
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


def lower_bodies(
    routes: list[RoutePlan], modules: list[ModulePlan], annotator: Annotator
) -> dict[str, BodyPlan]:
    """The bodies by route. Routes without a JSON object of known fields are left out, and retired ones."""
    classes = {name: (m.name, plan) for m in modules for name, plan in flat(m.classes)}
    models: dict[str, str] = {}
    clashes: dict[str, set[str]] = {}
    for route in routes:
        found_models = set(_models(route, classes, annotator))
        if len(found_models) == 1 and not route.retired:
            models[route.route] = model = found_models.pop()
            names = {parameter.name for parameter in route.parameters}
            found = clashes.setdefault(model, set())
            found.update(field.name for field in classes[model][1].fields if field.name in names)
    plans = {model: _plan(model, *classes[model], frozenset(clashes[model])) for model in clashes}
    return {route: plans[model] for route, model in models.items()}


def flat(classes: tuple[ClassPlan, ...], prefix: str = "") -> Iterator[tuple[str, ClassPlan]]:
    """All classes with their full names, nested ones too."""
    for plan in classes:
        yield f"{prefix}{plan.name}", plan
        yield from flat(plan.nested, f"{prefix}{plan.name}.")


def by_module(bodies: Mapping[str, BodyPlan]) -> dict[str, list[BodyPlan]]:
    """Each body once, by the module of its model."""
    found: dict[str, list[BodyPlan]] = {}
    for body in sorted({body.model: body for body in bodies.values()}.values(), key=lambda b: b.model):
        found.setdefault(body.module, []).append(body)
    return dict(sorted(found.items()))


def _plan(model: str, module: str, plan: ClassPlan, clashes: frozenset[str]) -> BodyPlan:
    return BodyPlan(model, module, plan.doc, plan.fields, clashes)


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
