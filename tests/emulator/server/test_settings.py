"""Options about settings and the subpath, and what the server asks outside."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.http.integration_client import is_on_this_machine
from tests.emulator.peer import Peer


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"NoSuchSettings": {}}, "unknown settings: NoSuchSettings"),
        ({"ServiceSettings": {"EnableComands": True}}, "unknown settings: ServiceSettings.EnableComands"),
        ({"ServiceSettings": {"EnableCommands": "yes"}}, "ServiceSettings.EnableCommands"),
        ({"RateLimitSettings": {"PerSec": 0}}, "RateLimitSettings.PerSec"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_once(config: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        MattermostServer(config=config)


@pytest.mark.parametrize("subpath", ["", "chat", "/chat/", "//chat", "/a/../b"])
def test_a_subpath_that_cannot_be_is_refused_at_once(subpath: str) -> None:
    with pytest.raises(ValueError, match="a subpath is like /chat"):
        MattermostServer(subpath=subpath)


def test_settings_are_those_of_one_start(server: MattermostServer) -> None:
    admin = Peer(server, server.admin.token)
    assert admin.put("/config/patch", {"TeamSettings": {"SiteName": "changed"}}).status == 200
    with MattermostServer(config={"TeamSettings": {"SiteName": "given"}}) as other:
        assert Peer(other).get("/config/client").json["SiteName"] == "given"
    with MattermostServer() as third:
        assert Peer(third).get("/config/client").json["SiteName"] == "Mattermost"


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:1/x", True),
        ("https://localhost/x", True),
        ("http://[::1]:80/", True),
        ("http://127.9.9.9/", True),
        ("http://192.0.2.1/", False),
        ("http://example.org/", False),
        ("http://localhost.example.org/", False),
        ("http://127.0.0.1@example.org/", False),
        ("ftp://127.0.0.1/", False),
        ("file:///etc/passwd", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_only_programs_on_this_machine_are_asked(url: str, is_here: bool) -> None:
    assert is_on_this_machine(url) is is_here


def test_a_server_stops_while_a_program_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as program:
        url = f"http://127.0.0.1:{program.getsockname()[1]}/"
        with MattermostServer() as server:
            admin = Peer(server, server.admin.token)
            team = admin.post("/teams", {"name": "facts", "display_name": "facts", "type": "O"}).json
            square = admin.get(f"/teams/{team['id']}/channels/name/town-square").json
            hook = {"team_id": team["id"], "channel_id": square["id"], "callback_urls": [url]}
            assert admin.post("/hooks/outgoing", hook).status == 201
            assert admin.post("/posts", {"channel_id": square["id"], "message": "x"}).status == 201
            asked, _ = program.accept()
            with asked:
                assert asked.recv(4) == b"POST"
                server.stop()
                while asked.recv(65536):
                    pass
