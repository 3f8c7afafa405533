"""Routes outside the API that have state: where programs post to hooks (web/webhook.go)."""

from matterapi.testing.http.encoding import dumps

from .operations import Operation


def _route(operation_id: str, path: str) -> Operation:
    entry = {
        "id": operation_id,
        "verb": "POST",
        "path": path,
        "auth": "none",
        "path_params": [],
        "query": [],
        "responses": [],
    }
    return Operation(dumps(entry))


WEB_OPERATIONS = (
    _route("PostToIncomingWebhook", "/hooks/{hook}"),
    _route("RespondToCommand", "/hooks/commands/{hook}"),
)
