"""How much there is of everything (api4/usage.go, limits.go)."""

from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation

_MAX_USERS, _MAX_USERS_HARD = 200, 250


@operation("GetPostsUsage")
def get_posts_usage(call: Call) -> Response:
    """GET /usage/posts: what people have written."""
    count = sum(not post["type"] and not post["delete_at"] for post in call.world.posts)
    return json_response({"count": _rounded(count, 3)})


@operation("GetStorageUsage")
def get_storage_usage(call: Call) -> Response:
    """GET /usage/storage, in bytes."""
    return json_response(
        {"bytes": _rounded(sum(info["size"] for info in call.world.files.infos.values()), 8)}
    )


def _rounded(number: int, places: int) -> int:
    """Round down to the leading digit, by at most so many places (utils.RoundOffToZeroesResolution)."""
    unit = int(10 ** max(min(places, len(str(number)) - 1), 1))
    return number // unit * unit


@operation("GetTeamsUsage")
def get_teams_usage(call: Call) -> Response:
    """GET /usage/teams."""
    active = sum(not team["delete_at"] for team in call.world.teams)
    return json_response({"active": active, "cloud_archived": 0})


@operation("GetServerLimits")
def get_server_limits(call: Call) -> Response:
    """GET /limits/server: only admins are told the numbers of users."""
    people = sum(not user["is_bot"] and not user["delete_at"] for user in call.world.users)
    shown = call.is_admin
    limits = {
        "maxUsersLimit": _MAX_USERS if shown else 0,
        "maxUsersHardLimit": _MAX_USERS_HARD if shown else 0,
        "activeUserCount": people if shown else 0,
    }
    return json_response({**limits, "postHistoryLimit": 0, "lastAccessiblePostTime": 0})
