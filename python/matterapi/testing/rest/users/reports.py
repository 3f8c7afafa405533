"""The list of users that the system console shows (api4/report.go)."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

_COLUMNS = {"CreateAt": "create_at", "Username": "username", "FirstName": "first_name", "Email": "email"}
_DEFAULT_SIZE, _MOST = 50, 100


@operation("GetUsersForReporting")
def get_users_for_reporting(call: Call) -> Response:
    """GET /reports/users: a page in the order of a column; the next one begins behind `from_id`."""
    require(call.may("sysconsole_read_user_management_users"))
    size = call.number("page_size", _DEFAULT_SIZE)
    if not 0 < size <= _MOST:
        raise AppError(400, "api.getUsersForReporting.invalid_page_size", "The page has another size.")
    column = _COLUMNS.get(call.text("sort_column", "Username"), "username")
    people = [user for user in call.world.users if not user["is_bot"]]
    people.sort(key=lambda user: (user[column], user["id"]), reverse=call.text("sort_direction") == "desc")
    ids = [user["id"] for user in people]
    begin = ids.index(call.text("from_id")) + 1 if call.text("from_id") in ids else 0
    return json_response([_report(call, user) for user in people[begin : begin + size]])


@operation("GetUserCountForReporting")
def get_user_count_for_reporting(call: Call) -> Response:
    """GET /reports/users/count."""
    require(call.may("sysconsole_read_user_management_users"))
    return json_response(sum(not user["is_bot"] for user in call.world.users))


def _report(call: Call, user: JsonObject) -> JsonObject:
    """Return a user with what the server counts at night: before the first night nobody was active."""
    report = call.world.show_user(user, "admin")
    sessions = [session.create_at for session in call.world.sessions.of_user(user["id"])]
    if sessions:
        report["last_login"] = max(sessions)
    status = call.world.statuses.get(user["id"])
    if status["last_activity_at"]:
        report["last_status_at"] = status["last_activity_at"]
    return {**report, "days_active": 0}
