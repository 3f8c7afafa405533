"""Which requests reach a handler at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.rest.wire import NOBODY, exchange, request

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.http import Http
    from tests.conformance.target import Target


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/api/v4/nope"),
        ("PATCH", "/api/v4/posts"),
        ("GET", "/api/v4/posts"),
        ("DELETE", "/api/v4/users"),
        ("OPTIONS", "/api/v4/users/me"),
        ("GET", "/api/v4/users/me/"),
        ("GET", "/api/v4/users/has-hyphen"),
        ("GET", "/api/v4/users/me/preferences/with-hyphen"),
        ("GET", "/api/v4/channels/a.b"),
        ("POST", "/api/v4/users/login/nothing/there"),
    ],
)
def test_an_unknown_path_or_verb_is_404_and_never_405(admin: Http, verb: str, path: str) -> None:
    """web/web.go, Handle404: the router has no 405, and the error no request id."""
    answer = admin.call(verb, path)
    assert answer.failure == (404, "api.context.404.app_error")
    assert list(answer.json) == ["id", "message", "detailed_error", "status_code"]
    assert answer.json["detailed_error"]
    assert answer.header("X-Request-Id") is None


def test_another_version_of_the_api_is_404_with_a_request_id_in_the_header(admin: Http) -> None:
    """api4/api.go, InitLocal and api.Handle404 below /api/: a handler of its own."""
    answer = admin.call("GET", "/api/v3/users")
    assert answer.failure == (404, "api.context.404.app_error")
    assert answer.header("X-Request-Id")


def test_head_on_a_get_route_is_404(admin: Http) -> None:
    """gorilla/mux, Methods(http.MethodGet): HEAD is not meant by it."""
    assert (answer := admin.call("HEAD", "/api/v4/users/me")).status == 404
    assert answer.body == b""


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/v4//users/me", "/api/v4/users/me"),
        ("/api/v4/users/../users/me", "/api/v4/users/me"),
        ("/api/v4/./users/me", "/api/v4/users/me"),
        ("/api/v4/users/%2e%2e/users/me", "/api/v4/users/me"),
        ("/api/v4//users/me?a=1", "/api/v4/users/me?a=1"),
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_an_unclean_path_is_301_to_the_clean_one_for_every_verb(
    admin: Http, verb: str, path: str, location: str
) -> None:
    """gorilla/mux, Router.ServeHTTP and cleanPath, before any handler."""
    answer = admin.call(verb, path)
    assert (answer.status, answer.header("Location")) == (301, location)
    assert answer.header("X-Request-Id") is None
    assert answer.header("Content-Type") is None or verb == "GET"


def test_an_unknown_get_outside_the_api_is_a_page(admin: Http, target: Target) -> None:
    """web/static.go, root: the web app's page, whatever the path."""
    answer = admin.call("GET", "/some/where")
    if target.is_real and answer.status in (404, 500):
        pytest.skip("this server was built without the web app")
    assert (answer.status, answer.media_type) == (200, "text/html")


@pytest.mark.parametrize(("verb", "path"), [("POST", "/some/where"), ("DELETE", "/api"), ("PUT", "/")])
def test_outside_the_api_other_verbs_are_404_in_text(admin: Http, verb: str, path: str) -> None:
    """net/http, NotFound: the router without a match outside /api/."""
    answer = admin.call(verb, path)
    assert (answer.status, answer.media_type, answer.body) == (404, "text/plain", b"404 page not found\n")


def test_paths_are_matched_after_percent_decoding(admin: Http) -> None:
    """net/http, URL.Path: mux sees the decoded path."""
    assert admin.call("GET", "/api/v4/users/%6De").json["id"] == admin.id


def test_an_encoded_slash_splits_the_segment(admin: Http, team: Any) -> None:
    """net/http, URL.Path: mux is not told to use the encoded one."""
    assert team["id"] in [one["id"] for one in admin.call("GET", "/api/v4/users/me%2Fteams").json]


def test_a_malformed_escape_is_400_in_text(target: Target) -> None:
    """net/http, readRequest: url.Parse fails before the server sees the request."""
    answer = exchange(target, request("GET", "/api/v4/users/%zz"))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Type: text/plain" in answer


@pytest.mark.parametrize(
    "path",
    [
        "/users/short",
        "/channels/short",
        "/teams/short",
        "/posts/short",
        "/files/short",
        "/emoji/short",
        "/users/me/teams/short/unread",
        "/channels/short/members",
    ],
)
def test_an_id_of_the_wrong_length_is_400(admin: Http, path: str) -> None:
    """web/context.go, Require...Id: the route takes any letters and digits, the handler 26 of them."""
    answer = admin.get(path)
    assert answer.failure == (400, "api.context.invalid_url_param.app_error")
    assert list(answer.json) == ["id", "message", "detailed_error", "request_id", "status_code"]


def test_an_id_is_looked_at_after_the_session(target: Target, admin: Http) -> None:
    """web/handlers.go, ServeHTTP: SessionRequired comes before the handler's own checks."""
    answer = type(admin)(target).get("/users/short")
    assert answer.failure == (401, "api.context.session_expired.app_error")


@pytest.mark.parametrize(
    ("path", "error_id"),
    [
        (f"/users/{NOBODY}", "app.user.missing_account.const"),
        (f"/channels/{NOBODY}", "app.channel.get.existing.app_error"),
        (f"/teams/{NOBODY}", "app.team.get.find.app_error"),
        (f"/posts/{NOBODY}", "app.post.get.app_error"),
        (f"/files/{NOBODY}/info", "app.file_info.get.app_error"),
        (f"/emoji/{NOBODY}", "app.emoji.get.no_result"),
        (f"/bots/{NOBODY}", "store.sql_bot.get.missing.app_error"),
        (f"/roles/{NOBODY}", "app.role.get.app_error"),
        (f"/uploads/{NOBODY}", "app.upload.get.app_error"),
        (f"/users/username/{NOBODY}", "app.user.get_by_username.app_error"),
        ("/teams/name/nobody-has-it", "app.team.get_by_name.missing.app_error"),
        ("/emoji/name/nobody_has_it", "app.emoji.get_by_name.no_result"),
        ("/roles/name/nobody_has_it", "app.role.get_by_name.app_error"),
    ],
)
def test_what_is_not_there_is_404_with_an_id_of_its_kind(admin: Http, path: str, error_id: str) -> None:
    """app/*.go, the store's ErrNotFound: each kind of thing has an error id of its own."""
    assert admin.get(path).failure == (404, error_id)


def test_a_url_of_2048_characters_passes_and_one_more_is_414(admin: Http) -> None:
    """web/handlers.go, basicSecurityChecks against MaximumURLLength."""
    assert admin.call("GET", "/api/v4/users/me?x=".ljust(2048, "y")).status == 200
    answer = admin.call("GET", "/api/v4/users/me?x=".ljust(2049, "y"))
    assert answer.failure == (414, "basic_security_check.url.too_long_error")


def test_team_and_channel_names_in_a_path_may_be_in_any_case(admin: Http, team: Any) -> None:
    """web/params.go, ParamsFromRequest: both names are lower-cased."""
    assert admin.get(f"/teams/name/{team['name'].upper()}").json["id"] == team["id"]
    found = admin.get(f"/teams/{team['id']}/channels/name/TOWN-SQUARE")
    assert found.json["name"] == "town-square"


@pytest.mark.parametrize("path", ["/channels/me", "/teams/me", "/posts/me"])
def test_me_stands_for_a_user_only(admin: Http, path: str) -> None:
    """web/context.go, RequireUserId: only there `me` is replaced."""
    assert admin.get(path).failure == (400, "api.context.invalid_url_param.app_error")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("PUT", f"/channels/{NOBODY}/members"),
    ],
)
def test_a_route_that_came_after_11_2_is_404(admin: Http, verb: str, path: str) -> None:
    """api4/*.go, Init...: not registered in that release."""
    answer = admin.call(verb, f"/api/v4{path}", {})
    assert answer.failure == (404, "api.context.404.app_error")
