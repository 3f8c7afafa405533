"""What an error says about where the fault lies and what to do, beside the server's own words."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import Response
from matterapi.errors.from_response import api_error

ME = "GET /api/v4/users/{user_id}"
URL = "http://chat.example.com/team/api/v4/users/me"
PAGE = b"<html><body>nginx</body></html>"
HTML = ("Content-Type", "text/html; charset=utf-8")


def said(
    status: int, *headers: tuple[str, str], body: bytes = b"", route: str = ME, url: str = URL, **facts: Any
) -> str:
    response = Response(status, headers, body, url=url)
    for name, value in facts.items():
        setattr(response, name, value)
    return str(api_error(response, route))


def app_error(status: int, error_id: str) -> bytes:
    return b'{"id":"%s","message":"no","status_code":%d}' % (error_id.encode(), status)


@pytest.mark.parametrize(
    ("location", "base"),
    [
        ("https://chat.example.com/team/api/v4/users/me", "https://chat.example.com/team"),
        ("https://new.example.com/api/v4/users/me", "https://new.example.com"),
    ],
)
def test_a_redirect_names_the_url_to_use_whatever_its_page_says(location: str, base: str) -> None:
    text = said(301, ("Location", location), HTML, body=PAGE)
    assert f"redirected to {location}" in text
    assert f"Use {base} as url." in text
    assert "nginx" not in text


def test_a_redirect_to_a_login_page_is_no_address_of_the_server() -> None:
    text = said(302, ("Location", "https://sso.example.com/login?next=x"), HTML, body=PAGE)
    assert "wants a login" in text
    assert "as url" not in text


def test_a_redirect_within_the_server_names_no_url() -> None:
    assert "as url" not in said(302, ("Location", "/login"))


def test_a_refused_login_blames_what_was_given() -> None:
    text = said(
        401, body=app_error(401, "api.user.login.invalid_credentials"), route="POST /api/v4/users/login"
    )
    assert "login_id, password and mfa_token was refused" in text
    assert "The token was refused" not in text


def test_a_refused_token_and_no_token_are_told_apart() -> None:
    refusal = app_error(401, "api.context.session_expired.app_error")
    assert "The token was refused: it is wrong, revoked or expired." in said(401, body=refusal)
    assert "no credentials: give token=" in said(401, body=refusal, lacks_credentials=True)


@pytest.mark.parametrize("scheme", ["Basic realm=x", "Negotiate", "digest nonce=1"])
def test_a_gateway_that_asks_for_credentials_of_its_own_is_named(scheme: str) -> None:
    text = said(401, ("WWW-Authenticate", scheme), HTML, body=PAGE)
    assert f"asks for {scheme.partition(' ')[0].capitalize()} authentication" in text
    assert "The token was refused" not in text


def test_a_server_that_says_basic_itself_is_no_gateway() -> None:
    refusal = app_error(401, "api.context.session_expired.app_error")
    assert "gateway" not in said(401, ("WWW-Authenticate", "Basic"), body=refusal)


@pytest.mark.parametrize("status", [401, 403, 503])
def test_the_challenge_of_a_cdn_is_known_for_what_it_is(status: int) -> None:
    assert "CDN" in said(status, ("cf-mitigated", "challenge"), HTML, body=PAGE)


def test_a_missing_permission_is_named() -> None:
    refusal = app_error(403, "api.context.permissions.app_error")
    assert "which is create_post." in said(403, body=refusal, route="POST /api/v4/posts")
    assert "which is read_channel or read_public_channels." in said(
        403, body=refusal, route="GET /api/v4/posts/{post_id}"
    )
    assert "lacks a permission for it." in said(403, body=refusal, route="GET /plugins/x/y")


@pytest.mark.parametrize(
    ("header", "body"), [(HTML, PAGE), (("Content-Type", "text/plain"), b"404 page not found\n")]
)
def test_a_404_of_no_api_blames_the_url(header: tuple[str, str], body: bytes) -> None:
    below = said(404, header, body=body)
    assert "url leads below the server, to /team: most likely it is http://chat.example.com." in below
    other = said(404, header, body=body, url="http://chat.example.com/api/v4/users/me")
    assert "http://chat.example.com is not the address of a Mattermost server" in other
    for text in (below, other):
        assert ("web page" in text) == (body == PAGE)


def test_a_404_of_the_api_and_one_of_a_plugin_blame_no_url() -> None:
    assert "url" not in said(404, body=app_error(404, "app.user.missing_account.const"))
    assert "address" not in said(404, body=b"no such poll", url="http://chat.example.com/plugins/polls/1")


@pytest.mark.parametrize(
    "location", ["http://[", "https://[::1", "http://a:b:c/", "//", "https://x" + "y" * 10_000]
)
def test_a_location_that_is_no_url_gets_no_advice_that_fails(location: str) -> None:
    assert "redirected to" in said(302, ("Location", location))
