"""The names lock: what 0.5.0 called routes, parameters, models and fields, and what new routes are called."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from codegen.names import field_name, group_name, method_name
from codegen.typeexpr import Type

from .hints import flatten_models, hint
from .schemas import Json

RETIRED = {
    "POST /api/v4/teams/{team_id}/channels/search_archived": (
        "channels.search_archived_channels(team_id, *, json_body)",
        "map[any]",
        "list[Channel]",
    ),
    "GET /api/v4/cloud/subscription/stats": ("cloud.get_subscription_stats()", None, "SubscriptionStats"),
    "POST /api/v4/cloud/subscription/limitreached/invite": (
        "cloud.send_admin_upgrade_request_email()",
        None,
        None,
    ),
    "POST /api/v4/cloud/subscription/limitreached/join": (
        "cloud.send_admin_upgrade_request_email_on_join()",
        None,
        None,
    ),
    "POST /api/v4/opengraph": ("open_graph.open_graph(*, json_body)", "map[any]", "OpenGraph"),
    "GET /api/v4/permissions/ancillary": (
        "permissions.get_ancillary_permissions(*, subsection_permissions=null)",
        None,
        "list[str]",
    ),
    "GET /api/v4/warn_metrics/status": ("system.get_warn_metrics_status()", None, "StatusOK"),
    "POST /api/v4/warn_metrics/ack/{warn_metric_id}": (
        "system.send_warn_metric_ack(warn_metric_id, *, json_body)",
        "map[any]",
        "StatusOK",
    ),
    "POST /api/v4/warn_metrics/trial-license-ack/{warn_metric_id}": (
        "system.send_trial_license_warn_metric_ack(warn_metric_id)",
        None,
        "StatusOK",
    ),
    "PUT /api/v4/users/sessions/device": ("users.attach_device_id(*, json_body)", "map[any]", "StatusOK"),
}
"""The ten methods of 0.4.1 that 0.5.0 dropped: signature, body, returned type (None: nothing described)."""


def default_value(text: str, enums: Mapping[str, Json]) -> Any:
    """A default of the surface (`'60'`, `"'asc'"`, `GetChannelsSort.CREATE_AT`) as a JSON value."""
    owner, _, member = text.partition(".")
    if owner in enums and member:
        return enums[owner]["members"][member]
    return ast.literal_eval(text)


def signature(
    known: Json, path_names: list[str], enums: Mapping[str, Json]
) -> tuple[list[str], dict[str, Any]]:
    """Path parameters (positional) and keyword parameters with defaults of a 0.5.0 method.

    Twelve methods lack a path parameter that their URL needs: those come first.
    """
    positional, keyword = [], {}
    for parameter in known["signature"]["params"]:
        if parameter["kind"] == "POSITIONAL_OR_KEYWORD":
            positional.append(parameter["name"])
        else:
            text = parameter.get("default")
            keyword[parameter["name"]] = ... if text is None else default_value(text, enums)
    missing = [name for name in path_names if name not in positional]
    return missing + positional, keyword


def new_names(operation: Json) -> tuple[list[str], str]:
    """Groups and method of an operation that 0.5.0 does not have, by the naming rules."""
    groups = [group_name(tag) for tag in operation["tags"]]
    return groups, method_name(operation["operationId"], operation["tags"][0])


def locked_models(models: Mapping[str, Json], enums: Mapping[str, Json]) -> dict[str, Json]:
    """The models of 0.5.0, nested ones by their full name."""
    return {name: _locked_model(model, enums) for name, model in flatten_models(models).items()}


def _locked_model(model: Json, enums: Mapping[str, Json]) -> Json:
    if "root" in model["fields"]:
        return {"root": hint(model["fields"]["root"]["type"])}
    fields: dict[str, Json] = {}
    for name, entry in model["fields"].items():
        field: Json = {"type": hint(entry["type"]), "required": bool(entry.get("required"))}
        if entry.get("default") not in {None, "None"}:
            field["default"] = default_value(entry["default"], enums)
        if entry.get("alias") and field_name(entry["alias"]) == name:
            field["alias"] = entry["alias"]
        elif entry.get("alias"):
            field["alias"], field["name"] = entry["alias"], name
        fields[name] = field
    result: Json = {"fields": fields}
    if "get_data" in model.get("methods", []):
        result["files"] = model.get("file_properties", [])
    return result


def type_refs(kind: Type) -> list[str]:
    """Names of the schemas in a type, as a list."""
    return list(kind.refs())
