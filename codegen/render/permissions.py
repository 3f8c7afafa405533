"""`errors/permissions.py`: what an account needs for a route, for the errors that say it lacks it."""

from __future__ import annotations

from codegen.annotate import Annotator
from codegen.lower_routes import RoutePlan
from codegen.paths import PERMISSIONS

from . import header

_NONE = "authenticated"
"""Any session will do."""


def render_permissions(plans: list[RoutePlan], annotator: Annotator) -> dict[str, str]:
    """The table of permissions by path of its file."""
    text = header(
        "What an account needs for a route: permission ids, one of which may do.",
        annotator.spec.server_version,
    )
    lines = [f'    "{route}": "{needed}",' for route, needed in sorted(_needed(plans).items())]
    table = "PERMISSIONS: dict[str, str] = {\n" + "\n".join(lines) + "\n}\n"
    return {PERMISSIONS: f'{text}\n{table}"""By verb and path template, separated by spaces."""\n'}


def _needed(plans: list[RoutePlan]) -> dict[str, str]:
    found = {plan.route: [p for p in plan.facts.get("permissions") or [] if p != _NONE] for plan in plans}
    return {route: " ".join(needed) for route, needed in found.items() if needed}
