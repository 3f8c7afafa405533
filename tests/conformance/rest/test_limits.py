"""How much may be asked for at once: bodies, batches, pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conformance.rest.wire import NOBODY, exchange, request

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Http
    from tests.conformance.scene import Scene

INVALID = (400, "api.context.invalid_body_param.app_error")
TOO_LARGE = (413, "api.context.request_body_too_large.app_error")


def _ids(number: int) -> list[str]:
    return [f"{index:026}" for index in range(number)]


@pytest.mark.parametrize(("size", "status"), [(300_512, 400), (300_513, 413)])
def test_a_body_of_300512_bytes_passes_and_one_more_is_413(admin: Http, size: int, status: int) -> None:
    """web/handlers.go, ServeHTTP: MaximumPayloadSizeBytes and bytes.MinRead."""
    assert admin.post("/users/ids", b'["x"'.ljust(size)).status == status


def test_the_413_has_an_error_of_its_own(admin: Http) -> None:
    """web/handlers.go, handleContextError: MaxBytesError."""
    answer = admin.post("/posts", b'{"message": "'.ljust(400_000, b"x"))
    assert answer.failure == TOO_LARGE
    assert answer.json["request_id"] == answer.header("X-Request-Id")


@pytest.mark.parametrize(
    "path",
    ["/users/ids", "/users/usernames", "/users/status/ids", "/posts/ids", "/emoji/names", "/roles/names"],
)
def test_a_batch_is_a_list_of_texts_with_something_in_it(admin: Http, path: str) -> None:
    """model/utils.go, SortedArrayFromJSON; api4/*.go: an empty list has another error than no list."""
    for body in (b"[]", b"null"):
        assert admin.post(path, body).failure == INVALID, body
    for body in (b"{}", b'"x"', b"[1]", b"", b"x"):
        assert admin.post(path, body).failure == (400, "api.payload.parse.error"), body


@pytest.mark.parametrize(
    ("path", "most", "error_id"),
    [
        ("/posts/ids", 1000, "api.post.posts_by_ids.invalid_body.request_error"),
        ("/emoji/names", 200, "api.emoji.get_multiple_by_name_too_many.request_error"),
        ("/roles/names", 100, "api.roles.get_multiple_by_name_too_many.request_error"),
    ],
)
def test_batches_have_a_most(admin: Http, path: str, most: int, error_id: str) -> None:
    """api4/post.go, emoji.go, role.go: limits of their own."""
    assert admin.post(path, _ids(most)).status in (200, 404)
    assert admin.post(path, _ids(most + 1)).failure == (400, error_id)


def test_at_most_256_are_added_to_a_team_at_once(admin: Http, team: Any) -> None:
    """api4/team.go, addTeamMembers: MaxAddMembersBatch."""
    members = [{"team_id": team["id"], "user_id": one} for one in _ids(257)]
    answer = admin.post(f"/teams/{team['id']}/members/batch", members)
    assert answer.failure == INVALID


@pytest.mark.parametrize("number", [0, 101])
def test_one_to_a_hundred_preferences_are_taken(admin: Http, number: int) -> None:
    """api4/preference.go, updatePreferences."""
    preferences = [
        {"user_id": admin.id, "category": "facts", "name": str(index), "value": "x"}
        for index in range(number)
    ]
    assert admin.put("/users/me/preferences", preferences).failure == INVALID


def test_batches_are_answered_without_doubles_and_in_their_own_order(admin: Http, scene: Scene) -> None:
    """store/sqlstore/user_store.go, GetProfileByIds; model/utils.go, SortedArrayFromJSON."""
    ids = [scene.user().id for _ in range(3)]
    found = admin.post("/users/ids", [*ids, ids[0], NOBODY]).json
    assert sorted(one["id"] for one in found) == sorted(ids)


def test_an_unknown_user_is_offline(admin: Http) -> None:
    """app/platform/status.go, GetUserStatusesByIds: what is not known is made up."""
    (status,) = admin.post("/users/status/ids", [NOBODY]).json
    assert (status["user_id"], status["status"], status["manual"]) == (NOBODY, "offline", False)


def test_posts_by_ids_are_newest_first_and_leave_out_the_unknown(
    admin: Http, scene: Scene, channel: Any
) -> None:
    """api4/post.go, getPostsByIds."""
    first = channel["create_at"] + 1000
    ids = [scene.post(channel, str(number), create_at=first + number)["id"] for number in range(3)]
    found = admin.post("/posts/ids", [*ids, NOBODY]).json
    assert [one["id"] for one in found] == ids[::-1]
    assert admin.post("/posts/ids", [NOBODY]).failure == (404, "app.post.get.app_error")


def test_posts_that_may_not_be_read_are_left_out(scene: Scene, channel: Any) -> None:
    """api4/post.go, getPostsByIds: 200 with an empty list."""
    post = scene.post(channel)
    answer = scene.user().post("/posts/ids", [post["id"]])
    assert (answer.status, answer.json) == (200, [])


def test_deleted_posts_come_by_ids_as_tombstones(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, GetPostsByIds."""
    post = scene.post(channel, "secret")
    assert admin.delete(f"/posts/{post['id']}").status == 200
    (found,) = admin.post("/posts/ids", [post["id"]]).json
    assert found["delete_at"] > 0
    assert found["message"] == ""


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 60),
        ("?per_page=3", 3),
        ("?per_page=200", 70),
        ("?per_page=1000", 70),
        ("?per_page=-1", 60),
        ("?per_page=x", 60),
        ("?per_page=0", 0),
        ("?page=1", 10),
        ("?page=-1", 60),
        ("?page=x", 60),
        ("?page=9", 0),
        ("?page=1&per_page=50", 20),
    ],
)
def test_pages_are_forgiving(admin: Http, crowd: Any, query: str, number: int) -> None:
    """web/params.go: 60 by default, 200 at most, what is no number counts as absent."""
    assert len(admin.get(f"/channels/{crowd['id']}/posts{query}").json["order"]) == number


@pytest.fixture(scope="module")
def crowd(scene: Scene, team: Any) -> Any:
    """A channel with 70 messages, the one that tells of its making among them."""
    channel = scene.channel(team)
    for number in range(69):
        scene.post(channel, str(number))
    return channel


def test_more_than_200_are_never_answered(admin: Http, scene: Scene, team: Any) -> None:
    """web/params.go: PerPageMaximum, without an error."""
    channel = scene.channel(team)
    for number in range(205):
        scene.post(channel, str(number))
    listed = admin.get(f"/channels/{channel['id']}/posts?per_page=1000").json
    assert len(listed["order"]) == 200
    assert listed["prev_post_id"]


@pytest.mark.parametrize("value", ["201", "x", "1.5"])
def test_the_thread_endpoint_is_strict(admin: Http, scene: Scene, channel: Any, value: str) -> None:
    """api4/post.go, getPostThread: perPage is read by hand."""
    root = scene.post(channel)
    assert admin.get(f"/posts/{root['id']}/thread?perPage={value}").failure == INVALID


@pytest.fixture
def thread(scene: Scene, channel: Any) -> Any:
    """A root with three replies a millisecond apart: `0`, `1` and `2`."""
    root = scene.post(channel, "root")
    for number in range(3):
        at = root["create_at"] + 1 + number
        scene.post(channel, str(number), root_id=root["id"], create_at=at)
    return root


def _page(user: Http, root: Any, query: str) -> tuple[bool, list[str]]:
    got = user.get(f"/posts/{root['id']}/thread?{query}").json
    return got["has_next"], [got["posts"][post_id]["message"] for post_id in got["order"]]


def test_perpage_0_of_a_thread_is_all_of_it(admin: Http, thread: Any) -> None:
    """api4/post.go, getPostThread."""
    for query in ("perPage=0", ""):
        more, order = _page(admin, thread, query)
        assert (more, sorted(order)) == (False, ["0", "1", "2", "root"])


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("perPage=2&direction=down", (True, ["root", "0"])),
        ("perPage=3&direction=down", (True, ["root", "0", "1"])),
        ("perPage=4&direction=down", (False, ["root", "0", "1", "2"])),
        ("perPage=2&direction=up", (True, ["root", "2", "1"])),
        ("perPage=3&direction=up", (True, ["root", "2", "1", "0"])),
        ("direction=up", (False, ["root", "2", "1", "0"])),
        ("perPage=2&direction=down&from", (True, ["root", "0", "1"])),
        ("perPage=3&direction=down&from", (False, ["root", "0", "1", "2"])),
    ],
)
def test_a_page_of_a_thread_has_a_direction_and_counts_the_root(
    admin: Http, thread: Any, query: str, page: tuple[bool, list[str]]
) -> None:
    """post_store.go, Get: the asked post comes first, and counts where the page begins with it."""
    start = f"fromCreateAt={thread['create_at']}&fromPost={thread['id']}"
    assert _page(admin, thread, query.replace("from", start)) == page


@pytest.mark.parametrize("query", ["direction=left", "fromPost={id}"])
def test_a_page_of_a_thread_that_cannot_be_is_400(admin: Http, thread: Any, query: str) -> None:
    """api4/post.go, getPostThread."""
    answer = admin.get(f"/posts/{thread['id']}/thread?{query.replace('{id}', thread['id'])}")
    assert answer.failure == INVALID


@pytest.mark.parametrize(("length", "status"), [(16_383, 201), (16_384, 400)])
@pytest.mark.parametrize("letter", ["x", "ä", "🚀"])
def test_a_message_has_16383_characters(
    admin: Http, channel: Any, length: int, status: int, letter: str
) -> None:
    """model/post.go, IsValid: runes, not bytes."""
    body = json.dumps({"channel_id": channel["id"], "message": letter * length}, ensure_ascii=False)
    assert admin.post("/posts", body.encode()).status == status


def test_what_follows_the_json_is_ignored(admin: Http, channel: Any) -> None:
    """encoding/json, Decoder: one value is read."""
    body = json.dumps({"channel_id": channel["id"], "message": "x"}).encode()
    assert admin.post("/posts", body + b" rubbish").status == 201
    assert admin.post("/posts", b"\xef\xbb\xbf" + body).failure == INVALID


def test_an_expectation_is_met_and_a_chunked_body_read(admin: Http) -> None:
    """net/http, Server: 100-continue, chunks."""
    token = f"Authorization: Bearer {admin.token}"
    head = ("Transfer-Encoding: chunked", "Expect: 100-continue", token)
    sent = request("POST", "/api/v4/users/ids", *head, body=b'4\r\n["x"\r\n1\r\n]\r\n0\r\n\r\n')
    answer = exchange(admin.target, sent)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 ")


def test_a_batch_of_ids_is_bound_by_the_size_of_the_body_alone(admin: Http) -> None:
    """web/handlers.go: MaximumPayloadSizeBytes; there is no most of its own."""
    ids = [f"{number:026d}" for number in range(20_000)]
    assert admin.post("/users/ids", ids[:10_000]).status == 200
    assert admin.post("/users/ids", ids).status == 413
