from __future__ import annotations

import gzip
from typing import Any

import pytest

from matterapi.testing.http.compression import accepts_gzip
from tests.emulator.peer import Peer


def test_api_answers_bear_the_server_headers(admin: Peer) -> None:
    headers = admin.get("/users/me").headers
    assert len(headers["X-Request-Id"]) == 26
    assert headers["X-Version-Id"].endswith(".false")
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Expires"] == "0"
    assert headers["Content-Type"] == "application/json"


def test_an_etag_is_unquoted_and_compared_byte_by_byte(admin: Peer) -> None:
    etag = admin.get("/users/me").headers["ETag"]
    assert '"' not in etag
    same = admin.get("/users/me", If_None_Match=etag)
    assert (same.status, same.body, same.headers["ETag"]) == (304, b"", etag)
    assert "Content-Type" not in same.headers
    assert admin.get("/users/me", If_None_Match=f'"{etag}"').status == 200


def test_bodies_from_1024_bytes_on_are_compressed_if_gzip_is_accepted(admin: Peer) -> None:
    small = admin.get("/users/me", Accept_Encoding="gzip")
    assert len(small.body) < 1024
    assert "Content-Encoding" not in small.headers
    large = admin.get("/roles", Accept_Encoding="br, gzip;q=0.5")
    assert large.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(large.body) == admin.get("/roles").body


def test_long_json_that_is_not_compressed_comes_in_chunks(admin: Peer) -> None:
    headers = admin.get("/roles").headers
    assert headers["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in headers


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("GZIP;q=0.1", True),
        ("gzip;q=0", False),
        ("*", False),
        ("br, zstd", False),
        ("", False),
    ],
)
def test_gzip_must_be_asked_for_by_name(header: str, accepted: bool) -> None:
    assert accepts_gzip(header) is accepted


def test_html_characters_are_escaped_as_go_does(admin: Peer, channel: Any) -> None:
    answer = admin.post("/posts", {"channel_id": channel["id"], "message": "<b> & \u2028"})
    assert rb'"message":"\u003cb\u003e \u0026 \u2028"' in answer.body
    assert answer.json["message"] == "<b> & \u2028"


def test_lists_are_null_where_the_server_sends_null(admin: Peer, channel: Any) -> None:
    post = admin.post("/posts", {"channel_id": channel["id"], "message": "x"}).json
    assert admin.get(f"/posts/{post['id']}/reactions").body == b"null"
    assert admin.get("/users/me/preferences").body == b"null"


def test_a_user_without_channels_gets_broken_json(stranger: Peer) -> None:
    plain = stranger.get("/users/me/channels")
    assert (plain.status, plain.body[:1]) == (200, b"[")
    assert b"app.channel.get_channels.not_found.app_error" in plain.body
    with pytest.raises(ValueError, match="Expecting"):
        _ = plain.json
    assert stranger.get("/users/me/channels", Accept_Encoding="gzip").status == 404
