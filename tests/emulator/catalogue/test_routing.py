from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from matterapi.testing.catalogue.routing import PathError, clean_path, decode_path
from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/api/v4/nope"),
        ("PATCH", "/api/v4/posts"),
        ("OPTIONS", "/api/v4/users/me"),
        ("GET", "/api/v4/users/me/"),
        ("GET", "/api/v4/users/has-hyphen"),
        ("GET", "/api/v4/users/me/preferences/with-hyphen"),
    ],
)
def test_an_unknown_path_or_verb_is_404_and_bears_no_request_id(admin: Peer, verb: str, path: str) -> None:
    answer = admin.call(verb, path)
    assert answer.status == 404
    assert list(answer.json) == ["id", "message", "detailed_error", "status_code"]
    assert answer.error_id == "api.context.404.app_error"
    assert path in answer.json["detailed_error"]
    assert "X-Request-Id" not in answer.headers


def test_head_on_a_get_route_is_404_without_a_body(admin: Peer) -> None:
    answer = admin.call("HEAD", "/api/v4/users/me")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/v4//posts", "/api/v4/posts"),
        ("/api/v4/users/../users/me", "/api/v4/users/me"),
        ("/api/v4/users/%2e%2e/users/me?a=1", "/api/v4/users/me?a=1"),
        ("/api/v4/./users/me", "/api/v4/users/me"),
    ],
)
def test_an_unclean_path_is_redirected_whatever_the_verb(admin: Peer, path: str, location: str) -> None:
    for verb in ("GET", "POST"):
        answer = admin.call(verb, path, b"{}" if verb == "POST" else None)
        assert (answer.status, answer.headers["Location"]) == (301, location)


def test_outside_api_an_unknown_get_is_a_web_page_and_other_verbs_are_404(admin: Peer) -> None:
    page = admin.call("GET", "/some/where")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html")
    for verb, path in (("POST", "/some/where"), ("GET", "/plugins/none")):
        answer = admin.call(verb, path)
        assert (answer.status, answer.body) == (404, b"404 page not found\n")


def test_paths_are_matched_after_percent_decoding(admin: Peer, team: dict[str, str]) -> None:
    assert admin.get("/users/%6De").json["username"] == "admin"
    assert [one["id"] for one in admin.get("/users/me%2Fteams").json] == [team["id"]]


def test_a_malformed_escape_is_400_text(server: MattermostServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as raw:
        raw.sendall(b"GET /api/v4/users/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_an_id_of_the_wrong_form_is_400_after_the_session_is_checked(
    server: MattermostServer, admin: Peer
) -> None:
    assert Peer(server).get("/users/short").status == 401
    answer = admin.get("/users/short")
    assert (answer.status, answer.error_id) == (400, "api.context.invalid_url_param.app_error")
    assert "user_id" in answer.json["message"]
    assert list(answer.json) == ["id", "message", "detailed_error", "request_id", "status_code"]
    assert answer.headers["X-Request-Id"] == answer.json["request_id"]


def test_an_id_that_nobody_has_is_404(admin: Peer) -> None:
    assert admin.get(f"/users/{ID}").error_id == "app.user.missing_account.const"
    assert admin.get(f"/posts/{ID}").error_id == "app.post.get.app_error"
    assert admin.get(f"/channels/{ID}").error_id == "app.channel.get.existing.app_error"
    assert admin.get(f"/teams/{ID}").error_id == "app.team.get.find.app_error"


def test_a_url_of_2048_characters_passes_and_a_longer_one_is_414(admin: Peer) -> None:
    path = "/api/v4/users/me?x="
    assert admin.call("GET", path.ljust(2048, "y")).status == 200
    answer = admin.call("GET", path.ljust(2049, "y"))
    assert (answer.status, answer.error_id) == (414, "basic_security_check.url.too_long_error")


def test_a_body_above_the_payload_limit_is_413(admin: Peer, channel: dict[str, str]) -> None:
    body = {"channel_id": channel["id"], "message": "x" * 300_512}
    answer = admin.post("/posts", body)
    assert (answer.status, answer.error_id) == (413, "api.context.request_body_too_large.app_error")


def test_operations_that_came_after_the_version_are_unknown() -> None:
    from matterapi.testing import MattermostServer

    with MattermostServer(version="11.2") as server:
        admin = Peer(server, server.admin.token)
        assert admin.get("/users/me").headers["X-Version-Id"].startswith("11.2.0..")
        answer = admin.put(f"/channels/{ID}/members", {"members": [ID]})
        assert (answer.status, answer.error_id) == (404, "api.context.404.app_error")


def test_paths_are_decoded_and_cleaned_as_the_server_does() -> None:
    assert decode_path("/a%2Fb%20c") == "/a/b c"
    with pytest.raises(PathError):
        decode_path("/a%zz")
    assert clean_path("//a/./b/../c/") == "/a/c/"
    assert clean_path("/api/v4/users/me") == "/api/v4/users/me"
