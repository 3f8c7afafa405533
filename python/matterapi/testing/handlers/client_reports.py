"""What clients tell the server of themselves (api4/system.go, metrics.go)."""

from matterapi.testing.call import Call
from matterapi.testing.errors import forbidden
from matterapi.testing.replies import Reply, json_reply

from .registry import operation

_LONGEST = 399


@operation("PostLog")
def post_log(call: Call) -> Reply:
    """POST /logs: from users with a session only; shown as it was written to the log."""
    if call.session is None:
        raise forbidden()
    entry = call.json_strings()
    message = entry.get("message", "")
    cut = message[:_LONGEST] if len(message) > _LONGEST else message
    return json_reply({**entry, "message": f"Client Logs API Endpoint Message: {cut}"})


@operation("SubmitPerformanceReport")
def submit_performance_report(_call: Call) -> Reply:
    """POST /client_perf: answers with nothing."""
    return Reply(200, b"")
