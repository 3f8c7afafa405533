"""What an upgrade request is answered: api4/websocket.go, app/server.go, gorilla/websocket."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.conformance.websocket.peer import KEY, PATH, Socket, client_frame

if TYPE_CHECKING:
    from tests.conformance.http import Http
    from tests.conformance.target import Target

ERROR_ID = "api.web_socket.connect.upgrade.app_error"


def test_a_101_has_three_headers_and_no_request_id(target: Target, admin: Http) -> None:
    """gorilla/websocket server.go, Upgrade: the hijacked connection writes its own head."""
    with Socket(target, admin.token) as opened:
        accept = hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
        assert opened.status == 101
        assert opened.headers == {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": base64.b64encode(accept).decode(),
        }


def test_neither_subprotocol_nor_extension_is_taken_up(target: Target, admin: Http) -> None:
    """api4/websocket.go: the upgrader has no Subprotocols and no compression."""
    offered = {
        "Sec-WebSocket-Protocol": "mattermost",
        "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    }
    with Socket(target, admin.token, headers=offered) as opened:
        assert opened.status == 101
        assert set(opened.headers) == {"Upgrade", "Connection", "Sec-WebSocket-Accept"}


def test_a_slash_at_the_end_of_the_path_is_allowed(target: Target, admin: Http) -> None:
    """api4/websocket.go, InitWebSocket: the route's pattern."""
    with Socket(target, admin.token, path=f"{PATH}/") as opened:
        assert opened.status == 101


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Upgrade", ""),
        ("Connection", ""),
        ("Connection", "keep-alive"),
        ("Sec-WebSocket-Version", ""),
        ("Sec-WebSocket-Version", "8"),
        ("Sec-WebSocket-Key", ""),
        ("Sec-WebSocket-Key", "c2hvcnQ="),
        ("Sec-WebSocket-Key", "no base64 at all!"),
    ],
)
def test_a_handshake_that_is_none_is_400_text_followed_by_an_error(
    target: Target, admin: Http, header: str, value: str
) -> None:
    """gorilla/websocket server.go, returnError; api4/websocket.go appends its AppError."""
    with Socket(target, admin.token, headers={header: value}) as opened:
        assert opened.status == 400
        assert opened.headers["Sec-Websocket-Version"] == "13"
        text, _, error = opened.body().partition(b"\n")
        assert text == b"Bad Request"
        assert json.loads(error)["id"] == ERROR_ID


@pytest.mark.parametrize("value", ["Keep-Alive, Upgrade", "upgrade", "UPGRADE"])
def test_the_tokens_of_a_header_may_be_listed_and_in_any_case(
    target: Target, admin: Http, value: str
) -> None:
    """gorilla/websocket util.go, tokenListContainsValue."""
    with Socket(target, admin.token, headers={"Connection": value}) as opened:
        assert opened.status == 101


@pytest.mark.parametrize("origin", ["http://elsewhere.example.org", "null"])
def test_a_foreign_origin_is_403_text_followed_by_an_error_that_says_400(
    target: Target, admin: Http, origin: str
) -> None:
    """app/server.go, OriginChecker; api4/websocket.go, connectWebSocket."""
    with Socket(target, admin.token, headers={"Origin": origin}) as opened:
        assert opened.status == 403
        text, _, error = opened.body().partition(b"\n")
        assert text == b"Forbidden"
        assert (json.loads(error)["id"], json.loads(error)["status_code"]) == (ERROR_ID, 400)
        assert "X-Request-Id" in opened.headers


def test_the_origin_of_the_site_passes(target: Target, admin: Http) -> None:
    """app/server.go, OriginChecker: scheme and host of the SiteURL, or the request's host without one."""
    with Socket(target, admin.token, headers={"Origin": target.url}) as opened:
        assert opened.status == 101


def test_a_post_finds_no_route(target: Target, admin: Http) -> None:
    """api4/websocket.go: the route takes GET; web/web.go, Handle404."""
    with Socket(target, admin.token, verb="POST") as opened:
        assert opened.status == 404
        assert json.loads(opened.body())["id"] == "api.context.404.app_error"


def test_an_address_of_more_than_2048_bytes_is_414(target: Target, admin: Http) -> None:
    """web/handlers.go, basicSecurityChecks."""
    with Socket(target, admin.token, "?x=" + "y" * 2048) as opened:
        assert opened.status == 414


def test_a_session_token_in_the_query_is_401(target: Target, admin: Http) -> None:
    """web/handlers.go, ServeHTTP: a token from the query must be of an OAuth session."""
    with Socket(target, None, f"?access_token={admin.token}") as opened:
        assert opened.status == 401
        assert json.loads(opened.body())["id"] == "api.context.token_provided.app_error"


def test_bytes_before_the_101_end_the_connection_without_an_answer(target: Target, admin: Http) -> None:
    """gorilla/websocket server.go, Upgrade: client sent data before handshake is complete."""
    early = client_frame(1, b'{"seq":1,"action":"ping"}')
    with Socket(target, admin.token, behind=early) as opened:
        assert opened.status == 0
