"""Making a client: by name, from options, from the environment."""

from __future__ import annotations

from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.exceptions import InvalidOptions
from matterapi.options.client import ApiClientOptions, AuthLogin, AuthToken
from matterapi.options.totp import Totp
from matterapi.testing import MattermostServer

URL = "https://chat.example.com"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

both = pytest.mark.parametrize("client_class", [SyncClient, AsyncClient])


@both
def test_url_and_token_suffice(client_class: Any) -> None:
    client = client_class(URL, token="t" * 26)
    assert client.options.url == URL
    assert client.options.auth == AuthToken(token="t" * 26)


@both
def test_a_login_is_named_likewise(client_class: Any) -> None:
    client = client_class(URL, login_id="ann", password="secret", mfa_token="123456")
    assert client.options.auth == AuthLogin(login_id="ann", password="secret", mfa_token="123456")


@both
def test_further_options_stand_beside(client_class: Any) -> None:
    client = client_class(URL, token="t", options={"retries": 5})
    assert (client.options.retries, client.options.url) == (5, URL)
    assert client_class(token="t", options={"url": URL}).options.url == URL
    assert client_class(options={"url": URL, "auth": {"token": "t"}}).options.auth == AuthToken(token="t")


@both
@pytest.mark.parametrize(
    ("arguments", "named", "says"),
    [
        ((), {}, "needs the URL"),
        ((), {"options": None}, "needs the URL"),
        (({"url": URL},), {}, "options=..."),
        ((), {"token": "t"}, "needs the URL"),
        ((), {"options": {}}, "url"),
        ((URL,), {"options": {"url": URL}}, "url stand in options and beside"),
        ((URL,), {"token": "t", "options": {"auth": {"token": "u"}}}, "auth stand in options and beside"),
        ((URL,), {"options": ApiClientOptions(url=URL)}, "alone"),
        ((URL,), {"token": "t", "password": "p"}, "a token, or"),
        ((URL,), {"password": "p"}, "needs login_id and password"),
        ((URL,), {"options": 5}, "not int"),
        (("chat.example.com",), {"token": "t"}, "url"),
    ],
)
def test_what_cannot_be_used_is_refused(
    client_class: Any, arguments: tuple[str, ...], named: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidOptions, match=says):
        client_class(*arguments, **named)


@both
def test_the_environment_describes_a_client(client_class: Any) -> None:
    environment = {
        "MATTERMOST_URL": URL,
        "MATTERMOST_TOKEN": "t",
        "MATTERMOST_PROXY": "http://p.example.com:3128",
    }
    client = client_class.from_env(environment, options={"retries": 1})
    assert (client.options.url, client.options.auth, client.options.retries) == (URL, AuthToken(token="t"), 1)
    assert str(client.options.httpx_client_options.proxy) == "http://p.example.com:3128"


def test_a_secret_in_the_environment_makes_codes() -> None:
    environment = {
        "MATTERMOST_URL": URL,
        "MATTERMOST_LOGIN_ID": "ann",
        "MATTERMOST_PASSWORD": "secret",
        "MATTERMOST_MFA_SECRET": SECRET,
    }
    client = SyncClient.from_env(environment)
    auth = client.options.auth
    assert isinstance(auth, AuthLogin)
    assert isinstance(auth.mfa_token, Totp)
    assert SECRET not in repr(client.options)


def test_options_of_the_program_win(tmp_path: Any) -> None:
    environment = {
        "MATTERMOST_URL": URL,
        "MATTERMOST_TOKEN": "t",
        "MATTERMOST_CA_BUNDLE": str(tmp_path / "none"),
    }
    options = {
        "url": "https://other.example.com",
        "auth": {"token": "u"},
        "httpx_client_options": {"verify": True},
    }
    client = SyncClient.from_env(environment, options=options)
    assert client.options.url == "https://other.example.com"
    assert client.options.auth == AuthToken(token="u")


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "MATTERMOST_URL is not set"),
        ({"MATTERMOST_URL": "", "MATTERMOST_TOKEN": "t"}, "MATTERMOST_URL is not set"),
        ({"MATTERMOST_URL": URL}, "MATTERMOST_TOKEN, or MATTERMOST_LOGIN_ID"),
        ({"MATTERMOST_URL": URL, "MATTERMOST_LOGIN_ID": "ann"}, "MATTERMOST_PASSWORD is not set"),
        ({"MATTERMOST_URL": URL, "MATTERMOST_PASSWORD": "p"}, "MATTERMOST_LOGIN_ID is not set"),
        (
            {
                "MATTERMOST_URL": URL,
                "MATTERMOST_LOGIN_ID": "ann",
                "MATTERMOST_PASSWORD": "p",
                "MATTERMOST_MFA_SECRET": "18",
            },
            "MATTERMOST_MFA_SECRET: the MFA secret is not base 32",
        ),
    ],
)
def test_the_variable_that_is_missing_is_named(environment: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidOptions, match=says):
        SyncClient.from_env(environment)


def test_a_client_from_the_environment_works(monkeypatch: pytest.MonkeyPatch) -> None:
    with MattermostServer() as server:
        monkeypatch.setenv("MATTERMOST_URL", server.url)
        monkeypatch.setenv("MATTERMOST_TOKEN", server.admin.token)
        assert SyncClient.from_env().users.get_user("me").id == server.admin.id
