"""Threads that a user follows (api4/user.go, threads)."""

from matterapi.testing.effects.rendering import render_thread, unread_replies
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import forbidden, invalid_url
from matterapi.testing.http.numerals import parse_int
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.websocket.messages import Broadcast, Event


def _followed(call: Call, user_id: str) -> list[tuple[int, JsonObject]]:
    """Return the user's threads in the path's team, latest first: time of the last answer, and the root."""
    team_id, found = call.params["team_id"], list[tuple[int, JsonObject]]()
    for root_id in call.world.threads.followed_by(user_id):
        root = call.world.posts.alive(root_id)
        channel = call.world.channels.get(root["channel_id"]) if root else None
        replies = call.world.posts.replies(root_id)
        if root is not None and channel is not None and replies and channel["team_id"] in ("", team_id):
            found.append((replies[-1]["create_at"], root))
    return sorted(found, key=lambda found_root: found_root[0], reverse=True)


def _beside(call: Call, threads: list[tuple[int, JsonObject]]) -> list[JsonObject]:
    """Return the roots that the query asks for: before or after a thread, by the time of its last answer.

    Behind `after` the earliest come first (thread_store.go, GetThreadsForUser).
    """
    before, after = call.text("before"), call.text("after")
    if before:
        time = _last_answer(call, before)
        threads = [(at, root) for at, root in threads if time is not None and at < time]
    if after:
        time = _last_answer(call, after)
        threads = [(at, root) for at, root in reversed(threads) if time is not None and at > time]
    return [root for _, root in threads]


def _last_answer(call: Call, root_id: str) -> int | None:
    replies = call.world.posts.replies(root_id)
    return int(replies[-1]["create_at"]) if replies else None


@operation("GetUserThreads")
def get_user_threads(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/threads."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    require(can_in_team(call.world, call.user, call.params["team_id"], "view_team"))
    threads = _followed(call, user_id)
    roots = [root for _, root in threads]
    unread = [root for root in roots if unread_replies(call.world, root["id"], user_id)]
    members = [call.world.threads.membership(root["id"], user_id) or {} for root in roots]
    mentions = sum(member.get("unread_mentions", 0) for member in members)
    only_threads = call.flag("threadsOnly")
    totals = {
        "total": 0 if only_threads else len(roots),
        "total_unread_threads": 0 if only_threads else len(unread),
        "total_unread_mentions": 0 if only_threads else mentions,
        "total_unread_urgent_mentions": 0,
    }
    if call.flag("totalsOnly"):
        return json_response({**totals, "threads": None})
    chosen = _beside(call, threads)
    if call.flag("unread"):
        chosen = [root for root in chosen if root in unread]
    per_page = min(call.number("per_page", 30), 200)
    extended = call.flag("extended")
    shown = [render_thread(call.world, root, user_id, extended=extended) for root in chosen[:per_page]]
    return json_response({**totals, "threads": shown})


def _thread(call: Call) -> tuple[str, JsonObject, str]:
    """Return (user id, root post, team id) of a thread path; 403 for strangers and unknown threads."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    root = call.world.posts.alive(call.params["thread_id"])
    channel = call.world.channels.get(root["channel_id"]) if root else None
    if root is None or channel is None or not can_read(call.world, call.user, channel):
        raise forbidden()
    return user_id, root, call.params["team_id"]


@operation("GetUserThread")
def get_user_thread(call: Call) -> Response:
    """GET /users/{user_id}/teams/{team_id}/threads/{thread_id}."""
    user_id, root, _ = _thread(call)
    return json_response(render_thread(call.world, root, user_id, extended=call.flag("extended")))


def _follow(call: Call, *, following: bool) -> Response:
    user_id, root, team_id = _thread(call)
    call.world.threads.follow(root["id"], user_id, following=following)
    count = len(call.world.posts.replies(root["id"]))
    data = {"reply_count": count, "state": following, "thread_id": root["id"]}
    call.hub.publish(Event("thread_follow_changed", data, Broadcast(user_id=user_id, team_id=team_id)))
    return ok()


@operation("StartFollowingThread")
def start_following_thread(call: Call) -> Response:
    """PUT /users/{user_id}/teams/{team_id}/threads/{thread_id}/following."""
    return _follow(call, following=True)


@operation("StopFollowingThread")
def stop_following_thread(call: Call) -> Response:
    """DELETE /users/{user_id}/teams/{team_id}/threads/{thread_id}/following."""
    return _follow(call, following=False)


def _read_until(call: Call, user_id: str, root: JsonObject, team_id: str, timestamp: int) -> Response:
    member = call.world.threads.follow(root["id"], user_id)
    before = (member["unread_mentions"], unread_replies(call.world, root["id"], user_id))
    member["last_viewed_at"] = timestamp
    unread = unread_replies(call.world, root["id"], user_id)
    if not unread:
        member["unread_mentions"] = 0
    data = {
        "channel_id": root["channel_id"],
        "previous_unread_mentions": before[0],
        "previous_unread_replies": before[1],
        "thread_id": root["id"],
        "timestamp": timestamp,
        "unread_mentions": member["unread_mentions"],
        "unread_replies": unread,
    }
    call.hub.publish(Event("thread_read_changed", data, Broadcast(user_id=user_id, team_id=team_id)))
    return json_response(render_thread(call.world, root, user_id))


@operation("UpdateThreadReadForUser")
def update_thread_read_for_user(call: Call) -> Response:
    """PUT .../threads/{thread_id}/read/{timestamp}: read up to that time (ms)."""
    timestamp = parse_int(call.params["timestamp"])
    if timestamp is None:
        raise invalid_url("timestamp")
    return _read_until(call, *_thread(call), timestamp)


@operation("SetThreadUnreadByPostId")
def set_thread_unread_by_post_id(call: Call) -> Response:
    """POST .../threads/{thread_id}/set_unread/{post_id}: unread from that reply on."""
    user_id, root, team_id = _thread(call)
    post = call.world.posts.alive(call.params["post_id"])
    if post is None:
        raise forbidden()
    return _read_until(call, user_id, root, team_id, post["create_at"] - 1)


@operation("UpdateThreadsReadForUser")
def update_threads_read_for_user(call: Call) -> Response:
    """PUT /users/{user_id}/teams/{team_id}/threads/read: all of them."""
    user_id, team_id = call.id("user_id"), call.params["team_id"]
    require_self_or(call, user_id)
    for _, root in _followed(call, user_id):
        member = call.world.threads.follow(root["id"], user_id)
        member["last_viewed_at"], member["unread_mentions"] = call.now, 0
    call.hub.publish(Event("thread_read_changed", {}, Broadcast(user_id=user_id, team_id=team_id)))
    return ok()
