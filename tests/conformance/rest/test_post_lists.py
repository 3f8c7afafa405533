"""The neighbours that lists of posts name (app/post.go, AddCursorIdsForPostList); the limit of `since`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.http import Http
from tests.conformance.target import Target

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer
    from tests.conformance.scene import Scene


@pytest.fixture
def posts(scene: Scene, channel: Any) -> list[str]:
    """Five posts a millisecond apart, oldest first; the fourth answers the first."""
    base = channel["create_at"] + 1000
    ids = [scene.post(channel, str(at), create_at=base + at)["id"] for at in range(3)]
    ids.append(scene.post(channel, "reply", create_at=base + 3, root_id=ids[0])["id"])
    ids.append(scene.post(channel, "4", create_at=base + 4)["id"])
    return ids


def _listed(user: Http, channel: Any, query: str) -> tuple[list[str], str, str]:
    """The order, and the ids of the next newer and the next older post."""
    got = user.get(f"/channels/{channel['id']}/posts{query}").json
    return got["order"], got["next_post_id"], got["prev_post_id"]


def test_after_the_newest_post_the_anchor_is_the_older_neighbour(
    admin: Http, channel: Any, posts: list[str]
) -> None:
    """AddCursorIdsForPostList: on page 0 the anchor itself is named."""
    assert _listed(admin, channel, f"?after={posts[4]}") == ([], "", posts[4])


def test_after_a_post_the_anchor_is_named(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList, after a reply too."""
    assert _listed(admin, channel, f"?after={posts[3]}") == ([posts[4]], "", posts[3])
    assert _listed(admin, channel, f"?after={posts[1]}&per_page=1") == ([posts[2]], posts[3], posts[1])


def test_with_per_page_0_the_anchor_is_named(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList."""
    assert _listed(admin, channel, f"?after={posts[2]}&per_page=0") == ([], "", posts[2])
    assert _listed(admin, channel, f"?before={posts[2]}&per_page=0") == ([], posts[2], "")


def test_a_deleted_anchor_is_named(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList: nobody looks whether it is still there."""
    admin.delete(f"/posts/{posts[2]}")
    assert _listed(admin, channel, f"?after={posts[2]}")[2] == posts[2]
    assert _listed(admin, channel, f"?before={posts[2]}&per_page=1") == ([posts[1]], posts[2], posts[0])


def test_a_reply_as_anchor_is_named_where_threads_are_collapsed(
    admin: Http, channel: Any, posts: list[str]
) -> None:
    """AddCursorIdsForPostList."""
    assert _listed(admin, channel, f"?after={posts[3]}&collapsedThreads=true") == ([posts[4]], "", posts[3])


def test_a_second_page_names_what_is_there(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList: from page 1 on the database is asked."""
    query = f"?before={posts[4]}&page=1&per_page=2"
    order, next_id, prev_id = _listed(admin, channel, query)
    assert (order, next_id) == ([posts[1], posts[0]], posts[2])
    assert prev_id not in posts


def test_a_page_that_is_not_full_is_the_last(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList: with an anchor, fewer posts than asked for mean the end."""
    order, next_id, prev_id = _listed(admin, channel, f"?before={posts[1]}&per_page=10")
    assert (order[0], next_id, prev_id) == (posts[0], posts[1], "")


def test_since_names_no_neighbours(admin: Http, channel: Any, posts: list[str]) -> None:
    """AddCursorIdsForPostList."""
    assert _listed(admin, channel, f"?since={channel['create_at']}")[1:] == ("", "")


def test_more_than_1000_changes_are_any_1000(admin: Http, scene: Scene, channel: Any) -> None:
    """post_store.go, GetPostsSince: a limit without an order."""
    ids = [scene.post(channel, str(number))["id"] for number in range(1005)]
    order = admin.get(f"/channels/{channel['id']}/posts?since={channel['create_at']}").json["order"]
    assert len(order) == len(set(order)) == 1000
    assert len(set(order) - set(ids)) <= 1


@pytest.mark.emulator_only(reason="which of them a real server leaves out is its planner's affair")
def test_who_goes_on_from_the_last_change_of_1000_loses_posts(emulator: MattermostServer) -> None:
    """post_store.go, GetPostsSince: the newest may be among those that came, and an older one not."""
    channel = emulator.factory.channel()
    posts = emulator.factory.posts(channel["id"], 3000, spacing_ms=1)
    path = f"/channels/{channel['id']}/posts?since="
    user = Http(Target.of(emulator), emulator.admin.token)
    since, seen = posts[0]["create_at"] - 1, set[str]()
    while got := user.get(f"{path}{since}").json["posts"]:
        seen |= set(got)
        since = max(post["update_at"] for post in got.values())
    assert {post["id"] for post in posts} - seen
