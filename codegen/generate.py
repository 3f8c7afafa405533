"""The whole pipeline: catalogue in, file texts out."""

from __future__ import annotations

from .annotate import Annotator
from .api import Spec
from .body_keys import body_keys
from .docs_models import model_docs
from .lower_bodies import lower_bodies
from .lower_events import lower_events
from .lower_models import lower_enums, lower_models
from .lower_pages import lower_pages
from .lower_routes import by_group, lower_routes
from .render.attributes import render_attributes
from .render.bodies import render_bodies
from .render.body_reference import render_body_reference
from .render.catalogue import render_catalogue, render_events
from .render.endpoints import render_endpoints
from .render.event_reference import render_event_reference
from .render.events import render_event_classes
from .render.formatting import formatted
from .render.groups import render_groups
from .render.models import render_models
from .render.page_plans import render_iterator_reference, render_page_plans
from .render.permissions import render_permissions
from .render.raw import render_raw
from .render.reference import render_reference
from .render.tables import render_tables


def generate(spec: Spec) -> dict[str, str]:
    """Every generated file by its path in the repository.

    Raises:
        SpecError: The catalogue or the lock cannot be generated from.
    """
    annotator = Annotator(spec)
    routes = lower_routes(spec)
    pages = lower_pages(spec, routes)
    events = lower_events(spec)
    modules = lower_models(spec, model_docs(spec, routes))
    bodies = lower_bodies(routes, pages, modules, annotator)
    return formatted(
        {
            **render_tables(routes, body_keys(routes, modules, annotator), bodies, annotator),
            **render_endpoints(routes, pages, bodies, annotator),
            **render_raw(routes, bodies, annotator),
            **render_page_plans(pages, annotator),
            **render_iterator_reference(pages, annotator),
            **render_models(modules, lower_enums(spec), annotator),
            **render_bodies(routes, bodies, annotator),
            **render_permissions(routes, annotator),
            **render_groups(list(by_group(routes)), annotator),
            **render_catalogue(routes, annotator),
            **render_events(annotator),
            **render_event_classes(events, annotator),
            **render_event_reference(events, annotator),
            **render_reference(routes, annotator),
            **render_body_reference(routes, bodies, annotator),
            **render_attributes(),
        }
    )
