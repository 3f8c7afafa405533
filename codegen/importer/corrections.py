"""Where the description is wrong and the server's own traffic or sources say what is right."""

from __future__ import annotations

from .schemas import Json

_STRING = {"type": "string"}
_LISTS_OF_STRINGS = {
    "DisplaySettings": ("CustomURLSchemes",),
    "MetricsSettings": ("ClientSideUserIds",),
    "PluginSettings": ("SignaturePublicKeyFiles",),
    "ServiceSettings": ("TLSOverwriteCiphers", "TrustedProxyIPHeader"),
    "SqlSettings": ("DataSourceSearchReplicas",),
    "TeamSettings": ("ExperimentalDefaultChannels",),
    "ThemeSettings": ("AllowedThemes",),
    "WranglerSettings": ("AllowedEmailDomain", "PermittedWranglerRoles"),
}
"""Settings that are `[]string` in model/config.go, described without the type of their elements."""
_NEWER_THAN_11_2 = {
    "/api/v4/access_control_policies/activate": ("put",),
    "/api/v4/agents/status": ("get",),
    "/api/v4/channels/{channel_id}/members/{user_id}/autotranslation": ("put",),
    "/api/v4/files/{file_id}": ("head",),
    "/api/v4/files/{file_id}/preview": ("head",),
    "/api/v4/files/{file_id}/thumbnail": ("head",),
    "/api/v4/posts/{post_id}/burn": ("delete",),
    "/api/v4/posts/{post_id}/reveal": ("get",),
    "/api/v4/recaps": ("get", "post"),
    "/api/v4/recaps/{recap_id}": ("get", "delete"),
    "/api/v4/recaps/{recap_id}/read": ("post",),
    "/api/v4/recaps/{recap_id}/regenerate": ("post",),
    "/api/v4/reports/posts": ("post",),
    "/api/v4/users/login/type": ("post",),
    "/oauth/intune": ("post",),
}
"""Operations described as old, or without an age, for which a server of November 2025 (11.2) has no route."""


def correct(description: Json) -> None:
    """Mend the description in place."""
    _correct_schemas(description["components"]["schemas"])
    _correct_paths(description["paths"])


def _correct_schemas(schemas: Json) -> None:
    # A map from URL to size (model.PostMetadata.Images), described as an object with `items`.
    schemas["PostMetadata"]["properties"]["images"] = {
        "type": "object",
        "additionalProperties": {"$ref": "#/components/schemas/PostImage"},
    }
    # The array itself, as in 0.5.0; described as an object with `items`, and sent as a list of these.
    schemas["ClusterInfo"] = {"type": "array", "items": schemas["ClusterInfo"]["properties"]["items"]}
    for section, names in _LISTS_OF_STRINGS.items():
        for name in names:
            schemas["Config"]["properties"][section]["properties"][name]["items"] = _STRING


def _correct_paths(paths: Json) -> None:
    for path, verbs in _NEWER_THAN_11_2.items():
        for verb in verbs:
            paths[path][verb]["x-since"] = ">11.2"
    # submitPerformanceReport (api4/metrics.go) writes no body; the description promises StatusOK.
    performance = paths["/api/v4/client_perf"]["post"]
    answer = performance["responses"]["200"]
    answer["content"] = {None: {}, **answer["content"]}
    # model.PerformanceReport and its samples have labels in a map[string]string.
    report = performance["requestBody"]["content"]["application/json"]["schema"]["properties"]
    for labelled in (report, *(report[key]["items"]["properties"] for key in ("counters", "histograms"))):
        labelled["labels"] = {"type": "object", "additionalProperties": _STRING}
    # model.ChannelViewResponse.LastViewedAtTimes, a map[string]int64 as in the answer to `view`.
    read = paths["/api/v4/channels/members/{user_id}/mark_read"]["post"]["responses"]["200"]
    times = read["content"]["application/json"]["schema"]["properties"]["last_viewed_at_times"]
    times["additionalProperties"] = {"type": "integer"}
    # getClusterStatus (api4/cluster.go) sends one array of model.ClusterInfo.
    status = paths["/api/v4/cluster/status"]["get"]["responses"]["200"]["content"]["application/json"]
    status["schema"] = {"$ref": "#/components/schemas/ClusterInfo"}
    # model.Draft.FileIds is a StringArray.
    scheduled = paths["/api/v4/posts/schedule"]["post"]["requestBody"]["content"]["application/json"]
    scheduled["schema"]["properties"]["file_ids"]["items"] = _STRING
