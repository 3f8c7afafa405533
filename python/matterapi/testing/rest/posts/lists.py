"""Lists of posts: channel history, threads, searches (api4/post.go)."""

from collections.abc import Callable
from datetime import date, datetime, timezone

from matterapi.testing.effects.rendering import render_list, render_post
from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url, no_such_post
from matterapi.testing.http.numerals import parse_int
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.channels.channels import readable_channel
from matterapi.testing.rest.registry import operation
from matterapi.testing.rest.users.users import require_self_or
from matterapi.testing.state.clock import is_id
from matterapi.testing.state.permissions import can_in_team, can_read, require
from matterapi.testing.state.posts import matching, newest_first, oldest_page

from .posts import readable_post

MAX_IDS = 1000
# What a search finds at most (sqlstore, SearchPostsForUser; FileInfo().Search).
MOST_FOUND = 100
_FILTERS = ("from:", "in:", "after:", "before:", "on:")
_NO_STORE = [("Cache-Control", "no-cache, no-store, must-revalidate")]


def _alive(post: JsonObject) -> bool:
    return not post["delete_at"]


def _alive_root(post: JsonObject) -> bool:
    return not post["delete_at"] and not post["root_id"]


@operation("GetPostsForChannel")
def get_posts_for_channel(call: Call) -> Response:
    """GET /channels/{channel_id}/posts: a page, or what is before, after or since something."""
    channel = readable_channel(call)
    include_deleted = call.flag("include_deleted")
    if include_deleted:
        require(call.is_admin)
    since = _since(call)
    anchors = {name: call.text(name) for name in ("before", "after")}
    for name, value in anchors.items():
        if value and not is_id(value):
            raise invalid_body(name)
    collapsed = call.flag("collapsedThreads")
    if since > 0:
        changed = call.world.posts.since(channel["id"], since)
        changed = [post for post in changed if not (collapsed and post["root_id"])]
        return json_response(_render(call, changed, threads=False))
    page, per_page = call.page()
    etag = f"{call.world.version}.{call.world.posts.last_update(channel['id'])}"
    posts = _page_of(call, channel["id"], **anchors)
    next_id, prev_id = _neighbours(call, channel["id"], posts)
    # The order of the two is the server's: where both are given, `after` counts (AddCursorIdsForPostList).
    if anchors["after"]:
        prev_id = anchors["after"] if page == 0 else prev_id
        next_id = "" if len(posts) < per_page else next_id
    elif anchors["before"]:
        next_id = anchors["before"] if page == 0 else next_id
        prev_id = "" if len(posts) < per_page else prev_id
    return json_response(_render(call, posts, next_id, prev_id), etag=etag)


def _page_of(call: Call, channel_id: str, *, before: str, after: str) -> list[JsonObject]:
    """Return the page that the query asks for, newest first; an anchor of elsewhere has nothing around it."""
    keep = (lambda _: True) if call.flag("include_deleted") else _kept(call)
    page, per_page = call.page()
    if not before and not after:
        return newest_first(call.world.posts.in_channel(channel_id), page, per_page, keep)
    anchor = call.world.posts.get(after or before)
    if anchor is None or anchor["channel_id"] != channel_id:
        return []
    if after:
        return oldest_page(call.world.posts.after(channel_id, anchor), page, per_page, keep)
    return newest_first(call.world.posts.before(channel_id, anchor), page, per_page, keep)


def _kept(call: Call) -> Callable[[JsonObject], bool]:
    """Return what tells the posts that count: with threads collapsed only their roots."""
    return _alive_root if call.flag("collapsedThreads") else _alive


def _since(call: Call) -> int:
    since = parse_int(call.text("since") or "0")
    if since is None:
        raise invalid_body("since")
    return since


def _render(
    call: Call, posts: list[JsonObject], next_id: str = "", prev_id: str = "", *, threads: bool = True
) -> JsonObject:
    return render_list(
        call.world,
        posts,
        call.user["id"],
        next_id=next_id,
        prev_id=prev_id,
        threads=threads and not call.flag("skipFetchThreads"),
        collapsed=call.flag("collapsedThreads"),
        extended=call.flag("collapsedThreadsExtended"),
    )


def _neighbours(call: Call, channel_id: str, posts: list[JsonObject]) -> tuple[str, str]:
    """Return the ids of the next newer post and of the next older one; "" where there is none."""
    if not posts:
        return "", ""
    keep = _kept(call)
    newer = (post for post in call.world.posts.after(channel_id, posts[0]) if keep(post))
    older = (post for post in reversed(call.world.posts.before(channel_id, posts[-1])) if keep(post))
    return next(newer, {"id": ""})["id"], next(older, {"id": ""})["id"]


@operation("GetPostsAroundLastUnread")
def get_posts_around_last_unread(call: Call) -> Response:
    """GET /users/{user_id}/channels/{channel_id}/posts/unread: around the oldest unread post."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    channel = readable_channel(call)
    limits = [min(call.number(name, 60), 200) for name in ("limit_before", "limit_after")]
    if limits[1] <= 0:
        raise invalid_url("limit_after")
    member = call.world.channels.member(channel["id"], user_id)
    seen = member["last_viewed_at"] if member else 0
    posts = [post for post in call.world.posts.in_channel(channel["id"]) if _alive(post)]
    read = [post for post in posts if post["create_at"] <= seen]
    unread = posts[len(read) :]
    if not unread:
        shown = newest_first(posts, 0, sum(limits), _alive)
    else:
        shown = (read[len(read) - limits[0] :] if limits[0] < len(read) else read)[:]
        shown = (shown + unread[: limits[1]])[::-1]
    listed = _render(call, shown, *_neighbours(call, channel["id"], shown))
    first = {key: listed[key] for key in ("order", "posts", "next_post_id", "prev_post_id")}
    more = bool(listed["next_post_id"])
    etag = "" if unread else f"{call.world.version}.{call.world.posts.last_update(channel['id'])}"
    return json_response({**first, "has_next": more, "first_inaccessible_post_time": 0}, etag=etag)


@operation("GetPostThread")
def get_post_thread(call: Call) -> Response:
    """GET /posts/{post_id}/thread: the asked post first, then newest first; pages by `perPage`."""
    limit = parse_int(call.text("perPage") or "0")
    if limit is None or not 0 <= limit <= 200:
        raise invalid_body("perPage")
    post = readable_post(call)
    collapsed = call.flag("collapsedThreads")
    if call.flag("skipFetchThreads") and not collapsed:
        return json_response(render_list(call.world, [post], call.user["id"], threads=False))
    thread = call.world.posts.thread(post)
    root, rows = thread[0], _thread_rows(call, thread, paged=bool(limit))
    more = bool(limit) and len(rows) > limit
    rows = rows[:limit] if limit else rows
    ordered = [post, *(row for row in rows if row["id"] != post["id"])]
    extended = call.flag("collapsedThreadsExtended")
    listed = render_list(
        call.world, ordered, call.user["id"], threads=False, collapsed=collapsed, extended=extended
    )
    first = {key: listed[key] for key in ("order", "posts", "next_post_id", "prev_post_id")}
    changed = max(wanted_post["update_at"] for wanted_post in thread)
    etag = f"{call.world.version}.{post['id']}.{root['id']}.{changed}"
    return json_response({**first, "has_next": more, "first_inaccessible_post_time": 0}, etag=etag)


def _thread_rows(call: Call, thread: list[JsonObject], *, paged: bool) -> list[JsonObject]:
    """Return a thread in the order of its pages, from where the query says (post_store.go, Get).

    With a direction the root is one of the posts of a page. Without one a page has no order on a real server;
    here it has the replies, oldest first.

    Raises:
        AppError: 400 for a direction that is none, or a post without its time.
    """
    direction, from_id = call.text("direction"), call.text("fromPost")
    from_at = parse_int(call.text("fromCreateAt") or "0")
    if direction not in ("", "up", "down"):
        raise invalid_body("direction")
    if from_at is None or (from_id and not from_at):
        raise invalid_body("fromCreateAt")
    rows = [post for post in thread if not from_at or _is_beyond(post, from_at, from_id, direction)]
    if direction:
        return sorted(rows, key=_age, reverse=direction == "up")
    root, replies = thread[0], [post for post in rows if post["root_id"]]
    ends = [root] if root in rows else []
    return [*(replies if paged else replies[::-1]), *ends]


def _age(post: JsonObject) -> tuple[int, str]:
    # Posts of one millisecond stand in the order of their ids.
    return post["create_at"], post["id"]


def _is_beyond(post: JsonObject, from_at: int, from_id: str, direction: str) -> bool:
    here, there = _age(post), (from_at, from_id)
    if not from_id:
        here, there = (post["create_at"], ""), (from_at, "")
    return here > there if direction == "down" else here < there


@operation("GetPostsByIds")
def get_posts_by_ids(call: Call) -> Response:
    """POST /posts/ids: newest first; deleted ones come as tombstones, unknown ones are left out."""
    ids = call.json_ids("post_ids")
    if len(ids) > MAX_IDS:
        raise AppError(400, "api.post.posts_by_ids.invalid_body.request_error", "At most 1000 ids.")
    known = [post for wanted_id in ids if (post := call.world.posts.get(wanted_id)) is not None]
    if not known:
        raise no_such_post()
    seen = [post for post in known if _readable(call, post)]
    seen.sort(key=lambda post: int(post["create_at"]), reverse=True)
    shown = [render_post(call.world, post, call.user["id"]) for post in seen]
    return json_response(shown, headers=[("First-Inaccessible-Post-Time", "0")])


def _readable(call: Call, post: JsonObject) -> bool:
    channel = call.world.channels.get(post["channel_id"])
    return channel is not None and can_read(call.world, call.user, channel)


@operation("GetPinnedPosts")
def get_pinned_posts(call: Call) -> Response:
    """GET /channels/{channel_id}/pinned."""
    channel = readable_channel(call)
    posts = call.world.posts.in_channel(channel["id"])
    pinned = [post for post in reversed(posts) if post["is_pinned"] and _alive(post)]
    newest = max((post["update_at"] for post in pinned), default=0)
    first = pinned[0]["id"] if pinned else ""
    etag = f"{call.world.version}.{first}.{len(pinned)}.{newest}"
    listed = render_list(call.world, pinned, call.user["id"], threads=False)
    return json_response(listed, etag=etag)


@operation("GetFlaggedPostsForUser")
def get_flagged_posts_for_user(call: Call) -> Response:
    """GET /users/{user_id}/posts/flagged: what the preferences `flagged_post` name."""
    user_id = call.id("user_id")
    require_self_or(call, user_id)
    flags = call.world.preferences.of_user(user_id, "flagged_post")
    posts = [post for flag in flags if (post := call.world.posts.alive(flag["name"])) is not None]
    channel_id = call.text("channel_id")
    posts = [post for post in posts if _readable(call, post) and channel_id in ("", post["channel_id"])]
    posts.sort(key=lambda post: int(post["create_at"]), reverse=True)
    return json_response(render_list(call.world, call.cut(posts), user_id, threads=False))


@operation("SearchPosts", "SearchPostsInAllTeams")
def search_posts(call: Call) -> Response:
    """POST of a search: words, and filters; the newest 100, of which `per_page` is ignored.

    A server without a search engine has no second page.
    """
    fields = call.json_object("post")
    terms = fields.get("terms")
    if not isinstance(terms, str) or not terms:
        raise invalid_body("terms")
    team_id = call.params.get("team_id", "")
    if team_id:
        require(can_in_team(call.world, call.user, team_id, "view_team"))
    found = [] if is_second_page(fields) else _found(call, team_id, terms, fields)
    listed = render_list(call.world, found, call.user["id"], threads=False)
    return json_response({**listed, "matches": None}, headers=_NO_STORE)


def is_second_page(fields: JsonObject) -> bool:
    """Whether the body of a search asks for a page behind the first."""
    page = fields.get("page")
    return isinstance(page, int) and page > 0


def _found(call: Call, team_id: str, terms: str, fields: JsonObject) -> list[JsonObject]:
    words = [word for word in terms.split() if not word.startswith(_FILTERS)]
    posts = [post for post in _searchable(call, team_id) if _passes(call, post, terms)]
    return matching(posts, " ".join(words), any_term=bool(fields.get("is_or_search")))[:MOST_FOUND]


def _searchable(call: Call, team_id: str) -> list[JsonObject]:
    channels = call.world.channels.of_user(call.user["id"])
    return [
        post
        for channel in channels
        if team_id == "" or channel["team_id"] in ("", team_id)
        for post in call.world.posts.in_channel(channel["id"])
        if _alive(post) and not post["type"].startswith("system_")
    ]


def _passes(call: Call, post: JsonObject, terms: str) -> bool:
    author = call.world.users.get(post["user_id"])
    channel = call.world.channels.get(post["channel_id"])
    for word in terms.split():
        kind, colon, value = word.partition(":")
        if not colon or f"{kind}:" not in _FILTERS:
            continue
        if kind in ("after", "before", "on"):
            if not _is_of_date(post, kind, value):
                return False
            continue
        name = (author or {}).get("username") if kind == "from" else (channel or {}).get("name")
        if name != value.removeprefix("@").removeprefix("~"):
            return False
    return True


def _is_of_date(post: JsonObject, kind: str, value: str) -> bool:
    """Whether a post is of another day than `value`, or of the same; a day that is none excludes nothing."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return True
    written = datetime.fromtimestamp(post["create_at"] / 1000, tz=timezone.utc).date()
    return {"after": written > day, "before": written < day, "on": written == day}[kind]
