"""What every answer looks like: headers, errors, compression, caching."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.scene import Scene
    from tests.conformance.target import Target


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Content-Type", "application/json"),
        ("Vary", "Accept-Encoding"),
        ("Permissions-Policy", ""),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Expires", "0"),
    ],
)
def test_a_routed_get_bears_the_header(admin: Http, name: str, value: str) -> None:
    """web/handlers.go, ServeHTTP."""
    assert admin.get("/users/me").all(name) == [value]


def test_expires_is_on_get_only(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: under r.Method == GET."""
    assert admin.post("/users/ids", [admin.id]).header("Expires") is None


def test_the_version_header_has_four_parts(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: version, build, hash of the client config, licence."""
    value = str(admin.get("/users/me").header("X-Version-Id"))
    head, config_hash, licensed = value.rsplit(".", 2)
    assert head.startswith("11.2.0.")
    assert len(config_hash) >= 32
    assert licensed == "false"


def test_a_request_id_of_the_client_is_ignored(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: model.NewId()."""
    answer = admin.get("/users/me", {"X-Request-Id": "b" * 26})
    assert answer.header("X-Request-Id") != "b" * 26
    assert len(str(answer.header("X-Request-Id"))) == 26


def test_an_error_has_five_keys_and_no_details(admin: Http) -> None:
    """model/utils.go, AppError.ToJSON; web/handlers.go wipes the details without EnableDeveloper."""
    answer = admin.get("/users/short")
    assert list(answer.json) == ["id", "message", "detailed_error", "request_id", "status_code"]
    assert answer.json["detailed_error"] == ""
    assert answer.json["request_id"] == answer.header("X-Request-Id")
    assert answer.json["status_code"] == 400


def test_a_deed_without_an_answer_is_status_ok(scene: Scene) -> None:
    """web/web.go, ReturnStatusOK."""
    user = scene.user()
    answer = user.post("/users/logout")
    assert (answer.json, answer.media_type) == ({"status": "OK"}, "application/json")


def test_json_escapes_what_html_could_read(scene: Scene, channel: Any) -> None:
    """encoding/json, Encoder: <, > and & are escaped in strings."""
    post = scene.post(channel, "<b>&</b>")
    body = scene.admin.get(f"/posts/{post['id']}").body
    assert rb'"message":"\u003cb\u003e\u0026\u003c/b\u003e"' in body


def _big_post(scene: Scene, channel: Any) -> str:
    return f"/posts/{scene.post(channel, 'x' * 3000)['id']}"


def test_gzip_begins_at_1024_bytes(admin: Http, scene: Scene, channel: Any) -> None:
    """gzhttp, DefaultMinSize."""
    bare = len(admin.get(f"/posts/{scene.post(channel, '')['id']}").body)
    for size, encoding in ((1023, None), (1024, "gzip")):
        post = scene.post(channel, "x" * (size - bare))
        path = f"/posts/{post['id']}"
        assert len(admin.get(path).body) == size
        answer = admin.get(path, {"Accept-Encoding": "gzip"})
        assert answer.header("Content-Encoding") == encoding, size


def test_a_compressed_answer_is_the_same_answer(admin: Http, scene: Scene, channel: Any) -> None:
    """web/handlers.go: gzhttp.GzipHandler around every handler in WebserverMode gzip."""
    path = _big_post(scene, channel)
    packed = admin.get(path, {"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == admin.get(path).body
    assert packed.header("Content-Length") == str(len(packed.body))


@pytest.mark.parametrize("accepted", ["gzip;q=0", "*", "br", "zstd", "deflate", "identity"])
def test_nothing_but_gzip_is_offered(admin: Http, scene: Scene, channel: Any, accepted: str) -> None:
    """gzhttp, acceptsGzip: by name and with a weight above zero."""
    answer = admin.get(_big_post(scene, channel), {"Accept-Encoding": accepted})
    assert answer.header("Content-Encoding") is None


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip", "gzip;q=0.1", "deflate, gzip;q=1.0, *;q=0.5"])
def test_gzip_is_taken_where_it_is_named(admin: Http, scene: Scene, channel: Any, accepted: str) -> None:
    """gzhttp, acceptsGzip."""
    answer = admin.get(_big_post(scene, channel), {"Accept-Encoding": accepted})
    assert answer.header("Content-Encoding") == "gzip"


def test_a_long_identity_answer_is_chunked(admin: Http, scene: Scene, channel: Any) -> None:
    """net/http, bufferBeforeChunkingSize 2048."""
    answer = admin.get(_big_post(scene, channel))
    assert answer.header("Transfer-Encoding") == "chunked"
    assert answer.header("Content-Length") is None


def test_a_compressed_request_is_not_understood(admin: Http, channel: Any) -> None:
    """api4/post.go, createPost: Content-Encoding is not looked at."""
    body = gzip.compress(b'{"channel_id":"%s","message":"x"}' % channel["id"].encode())
    answer = admin.post("/posts", body, {"Content-Encoding": "gzip"})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


def _etagged(admin: Http, team: Any, channel: Any, post: Any) -> dict[str, str]:
    return {
        "user": f"/users/{admin.id}",
        "username": f"/users/username/{admin.user['username']}",
        "email": f"/users/email/{admin.user['email']}",
        "team's users": f"/users?in_team={team['id']}",
        "channels": f"/users/me/teams/{team['id']}/channels",
        "pinned": f"/channels/{channel['id']}/pinned",
        "history": f"/channels/{channel['id']}/posts",
        "unread": f"/users/me/channels/{channel['id']}/posts/unread",
        "post": f"/posts/{post['id']}",
        "thread": f"/posts/{post['id']}/thread",
        "files": f"/posts/{post['id']}/files/info",
    }


ETAGGED = ["user", "username", "email", "team's users", "channels", "pinned", "history", "unread", "post"]


@pytest.mark.parametrize("kind", [*ETAGGED, "thread", "files"])
def test_an_unquoted_etag_gives_304_without_a_type(
    admin: Http, scene: Scene, team: Any, channel: Any, kind: str
) -> None:
    """web/context.go, HandleEtag: compared byte by byte with If-None-Match."""
    path = _etagged(admin, team, channel, scene.post(channel))[kind]
    etag = str(admin.get(path).header("ETag"))
    assert '"' not in etag
    same = admin.get(path, {"If-None-Match": etag})
    assert (same.status, same.body, same.header("Content-Type")) == (304, b"", None)
    assert same.header("ETag") == etag
    for never in (f'"{etag}"', f"W/{etag}", f"{etag}, x"):
        assert admin.get(path, {"If-None-Match": never}).status == 200


@pytest.mark.parametrize("path", ["/users", "/users/me/teams", "/channels/{}", "/channels/{}/posts?since=1"])
def test_these_answers_have_no_etag(admin: Http, channel: Any, path: str) -> None:
    """api4/*.go: handlers without HandleEtag."""
    assert admin.get(path.format(channel["id"])).header("ETag") is None


def test_the_etag_of_a_history_is_the_same_for_every_page(admin: Http, scene: Scene, channel: Any) -> None:
    """app/post.go, GetPostsEtag: the newest update_at of the channel."""
    post = scene.post(channel)
    path = f"/channels/{channel['id']}/posts"
    pages = ["", "?page=7", f"?before={post['id']}", f"?after={post['id']}", "?per_page=1"]
    assert len({admin.get(path + page).header("ETag") for page in pages}) == 1


def test_a_reaction_moves_the_etag_of_a_history(admin: Http, scene: Scene, channel: Any) -> None:
    """store/sqlstore/reaction_store.go, updatePostForReactions: bumps the post."""
    post, path = scene.post(channel), f"/channels/{channel['id']}/posts"
    before = admin.get(path).header("ETag")
    admin.made("/reactions", {"user_id": admin.id, "post_id": post["id"], "emoji_name": "smile"})
    assert admin.get(path).header("ETag") != before


def test_no_cluster_id_is_told(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: no such header without a cluster."""
    assert admin.get("/users/me").header("X-Cluster-Id") is None


def test_ping_tells_of_database_and_files_when_asked(target: Target) -> None:
    """api4/system.go, getSystemPing."""
    plain = Http(target).get("/system/ping").json
    asked = Http(target).get("/system/ping?get_server_status=true").json
    assert plain["status"] == "OK"
    assert set(asked) - set(plain) == {"database_status", "filestore_status"}
