"""Searches of posts and files on a server without a search engine (sqlstore: post_store, file_info_store)."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.rest.test_updated_posts import upload

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene


@pytest.fixture(scope="module")
def found(scene: Scene) -> tuple[Any, str, list[str]]:
    """A team with 101 posts that have a word in common: team, word, ids with the newest first."""
    team, word = scene.team(), f"w{uuid.uuid4().hex}"
    channel = scene.channel(team)
    ids = [scene.post(channel, f"{word} {number}")["id"] for number in range(101)]
    return team, word, ids[::-1]


def _search(user: Http, team: Any, terms: str, **fields: Any) -> Any:
    answer = user.post(f"/teams/{team['id']}/posts/search", {"terms": terms, "is_or_search": False, **fields})
    assert answer.status == 200, answer.body
    return answer.json


@pytest.mark.parametrize("fields", [{}, {"per_page": 5}, {"per_page": 200}, {"page": 0, "per_page": 60}])
def test_a_search_finds_the_newest_100(
    admin: Http, found: tuple[Any, str, list[str]], fields: dict[str, int]
) -> None:
    """sqlstore, search: a limit of 100; the pages are for search engines."""
    team, word, ids = found
    order = _search(admin, team, word, **fields)["order"]
    assert sorted(order) == sorted(ids[:100])


def test_a_second_page_is_empty(admin: Http, found: tuple[Any, str, list[str]]) -> None:
    """sqlstore, SearchPostsForUser: no posts from page 1 on."""
    team, word, _ = found
    assert _search(admin, team, word, page=1, per_page=10)["order"] == []


def test_a_search_may_be_bound_by_days(admin: Http, scene: Scene, team: Any, channel: Any) -> None:
    """model/search_params.go: after, before and on."""
    word = f"w{uuid.uuid4().hex}"
    at = int(datetime(2024, 3, 5, 12, tzinfo=timezone.utc).timestamp() * 1000)
    old = scene.post(channel, word, create_at=at)["id"]
    new = scene.post(channel, word)["id"]
    assert _search(admin, team, f"{word} after:2024-03-05")["order"] == [new]
    assert _search(admin, team, f"{word} before:2024-03-06")["order"] == [old]
    assert _search(admin, team, f"{word} on:2024-03-05")["order"] == [old]


def test_files_are_found_like_posts(admin: Http, scene: Scene) -> None:
    """sqlstore, FileInfo().Search: the newest 100, and no second page."""
    team, word = scene.team(), f"w{uuid.uuid4().hex}"
    channel = scene.channel(team)
    ids = [upload(admin, channel, f"{word}{number}.txt") for number in range(101)]
    for start in range(0, 101, 10):
        scene.post(channel, file_ids=ids[start : start + 10])
    path = f"/teams/{team['id']}/files/search"
    order = admin.post(path, {"terms": f"{word}*", "per_page": 5}).json["order"]
    assert sorted(order) == sorted(ids[1:])
    assert admin.post(path, {"terms": f"{word}*", "page": 1}).json["order"] in ([], None)
