"""What clients tell the server of themselves (api4/system.go, metrics.go)."""

from matterapi.testing.http.errors import forbidden
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation

_LONGEST = 399


@operation("PostLog")
def post_log(call: Call) -> Response:
    """POST /logs: from users with a session only; shown as it was written to the log."""
    if call.session is None:
        raise forbidden()
    entry = call.json_strings()
    message = entry.get("message", "")
    cut = message[:_LONGEST] if len(message) > _LONGEST else message
    return json_response({**entry, "message": f"Client Logs API Endpoint Message: {cut}"})


@operation("SubmitPerformanceReport")
def submit_performance_report(_call: Call) -> Response:
    """POST /client_perf: answers with nothing."""
    return Response(200, b"")
