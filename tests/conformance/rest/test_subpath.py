"""A server below a path (SiteURL with one), which a real server has to be started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.target import Target

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer

pytestmark = [
    pytest.mark.emulator_only(reason="a real server has to be started with a subpath"),
    pytest.mark.emulator_config(subpath="/chat"),
]


@pytest.fixture
def admin(emulator: MattermostServer) -> Http:
    return Http(Target.of(emulator), emulator.admin.token)


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_outside_is_302_into_the_subpath_whatever_the_verb(admin: Http, verb: str) -> None:
    """app/server.go, NewServer: the NotFoundHandler of the root router redirects."""
    answer = admin.call(verb, "/api/v4/posts?a=1")
    assert (answer.status, answer.header("Location")) == (302, "/chat/api/v4/posts?a=1")
    assert answer.header("X-Request-Id") is None
    assert answer.media_type == ("text/html" if verb == "GET" else None)


def test_inside_everything_is_where_it_was(emulator: MattermostServer, admin: Http) -> None:
    """app/server.go, NewServer: the router is a subrouter of the subpath."""
    assert emulator.url.endswith("/chat")
    answer = admin.call("GET", "/chat/api/v4/users/me")
    assert answer.json["id"] == emulator.admin.id
    assert admin.call("GET", "/chat/api/v4/nope").failure == (404, "api.context.404.app_error")
    assert admin.call("GET", "/chatter/api/v4/users/me").status == 302


def test_cookies_are_for_the_subpath(admin: Http, emulator: MattermostServer) -> None:
    """app/login.go, AttachSessionCookies; web/context.go, RemoveSessionCookie."""
    login = {"login_id": emulator.admin.username, "password": emulator.admin.password}
    browser = {"X-Requested-With": "XMLHttpRequest"}
    cookies = Http(admin.target).call("POST", "/chat/api/v4/users/login", login, browser).all("Set-Cookie")
    assert len(cookies) == 3
    assert all("; Path=/chat; " in one for one in cookies)
    refused = Http(admin.target, "x" * 26).call("GET", "/chat/api/v4/users/me")
    assert refused.header("Set-Cookie") == "MMAUTHTOKEN=; Path=/chat; Max-Age=0; HttpOnly"
