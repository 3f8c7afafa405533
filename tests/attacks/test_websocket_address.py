"""Where the websocket goes: never in clear what goes encrypted to the REST API, unless asked for."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client.exceptions import InvalidOptions
from tests.attacks.conftest import Attack
from tests.attacks.listening import events_until
from tests.support.scripted import scripted
from tests.support.websocket import WebSocket, websocket_server

HTTPS = "https://chat.example.com"
CLIENTS = pytest.mark.parametrize("client", [SyncClient, AsyncClient])


def make(client: Any, url: str, ws_url: str | None, **more: Any) -> Any:
    return client(options={"url": url, "ws_url": ws_url, "auth": {"token": "sesame" * 4}, **more})


@CLIENTS
@pytest.mark.parametrize(
    "ws_url",
    [
        "ws://chat.example.com",
        "WS://chat.example.com",
        "ws://chat.example.com:443",
        "ws://127.0.0.1:8065",
        "ws://localhost",
        "ws://[::1]",
    ],
)
def test_a_websocket_in_clear_beside_https_is_refused(client: Any, ws_url: str) -> None:
    for auth in ({"token": "sesame" * 4}, {"login_id": "a", "password": "sesame"}, None):
        with pytest.raises(InvalidOptions, match="ws_allow_unencrypted") as caught:
            make(client, HTTPS, ws_url, auth=auth)
        assert "sesame" not in str(caught.value)


@CLIENTS
def test_an_option_set_later_is_judged_too(client: Any) -> None:
    from matterapi import ApiClientOptions

    options = ApiClientOptions.model_validate({"url": HTTPS, "auth": {"token": "t"}})
    options.ws_url = "ws://chat.example.com"
    with pytest.raises(InvalidOptions, match="ws_allow_unencrypted"):
        client(options=options)


@CLIENTS
@pytest.mark.parametrize("ws_url", ["http://chat.example.com", "https://chat.example.com"])
def test_a_websocket_url_has_a_websocket_scheme(client: Any, ws_url: str) -> None:
    with pytest.raises(ValueError, match="ws_url"):
        make(client, HTTPS, ws_url, ws_allow_unencrypted=True)


@CLIENTS
@pytest.mark.parametrize(
    ("url", "ws_url"),
    [
        (HTTPS, None),
        (HTTPS, "wss://events.example.com"),
        ("http://127.0.0.1:8065", None),
        ("http://127.0.0.1:8065", "ws://127.0.0.1:8066"),
        ("http://localhost", "wss://events.example.com"),
        ("unix:///run/a.socket", None),
        ("unix:///run/a.socket", "ws://localhost:8065"),
        (HTTPS, "unix:///run/a.socket"),
    ],
)
def test_what_is_no_step_down_needs_no_permission(client: Any, url: str, ws_url: str | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(client, url, ws_url)


@CLIENTS
@pytest.mark.parametrize("url", ["http://localhost", "unix:///run/a.socket", HTTPS])
def test_a_websocket_in_clear_over_the_network_is_warned_of(client: Any, url: str) -> None:
    with pytest.warns(UserWarning, match="ws://events.example.com"):
        make(client, url, "ws://events.example.com", ws_allow_unencrypted=url == HTTPS)


@pytest.mark.parametrize("wire", ["tls"])
async def test_who_asks_for_a_websocket_in_clear_gets_it(kind: str, attack: Attack) -> None:
    def session(ws: WebSocket) -> None:
        assert ws.headers["authorization"] == f"Bearer {'t' * 26}"
        ws.hello()
        ws.event("posted", 1)
        ws.connection.wait_closed()

    with scripted(websocket_server(session)) as plain:
        ws_url = plain.url.replace("http", "ws", 1)
        options = {"ws_url": ws_url, "ws_allow_unencrypted": True, "ws_concurrent": False}
        with attack(websocket_server(session), **options) as (_, client):
            assert len(await events_until(kind, client, 1)) == 1
