"""The examples that do a job and end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from matterapi import SyncClient
from tests.examples.programs import EXAMPLES, output

if TYPE_CHECKING:
    from pathlib import Path

    from matterapi.testing import MattermostServer


@pytest.fixture
def client(server: MattermostServer) -> SyncClient:
    server.factory.team("core", members=[server.admin.id])
    return SyncClient(server.url, token=server.admin.token)


def room(client: SyncClient, server: MattermostServer) -> str:
    """Id of the channel core/room."""
    team = client.teams.get_team_by_name("core")
    body = {"team_id": team.id, "name": "room", "display_name": "Room", "type": "O"}
    return client.channels.create_channel(json_body=body).id


def test_an_export_has_every_post_once(server: MattermostServer, client: SyncClient, tmp_path: Path) -> None:
    channel_id = room(client, server)
    server.factory.posts(channel_id, count=450)
    root = client.posts.create_post(json_body={"channel_id": channel_id, "message": "Frühstück?"})
    client.posts.create_post(json_body={"channel_id": channel_id, "message": "yes", "root_id": root.id})
    assert output(server, "export_channel.py", "core", "room", str(tmp_path / "out.jsonl")).endswith(
        "of Room\n"
    )
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    posts = {post.id: post.message for post in client.posts.iter_channel(channel_id)}
    assert {line["id"]: line["message"] for line in lines} == posts
    assert len(lines) == len(posts) >= 452
    (reply,) = (line for line in lines if line["message"] == "yes")
    assert (reply["thread"], reply["by"]) == (root.id, server.admin.username)


def test_users_are_deactivated_only_when_it_is_said(
    server: MattermostServer, client: SyncClient, tmp_path: Path
) -> None:
    for name in ("leaver", "stayer"):
        server.create_user(name)
    names = tmp_path / "names.txt"
    names.write_text(f"@leaver\n\nnobody\n{server.admin.username}\n")

    def is_active(name: str) -> bool:
        return not client.users.get_user_by_username(name).delete_at

    shown = output(server, "deactivate_users.py", str(names))
    assert shown.splitlines() == [
        "leaver: to be deactivated",
        "nobody: unknown",
        f"{server.admin.username}: left alone: it is you",
    ]
    assert is_active("leaver")
    assert "leaver: deactivated" in output(server, "deactivate_users.py", str(names), "--do-it")
    assert [is_active(name) for name in ("leaver", "stayer", server.admin.username)] == [False, True, True]
    assert "leaver: inactive already" in output(server, "deactivate_users.py", str(names), "--do-it")


def test_a_mirror_fetches_what_it_lacks(server: MattermostServer, client: SyncClient, tmp_path: Path) -> None:
    channel_id = room(client, server)
    contents = {"a.txt": b"one", "b.bin": bytes(range(256)) * 4000}

    def post(name: str) -> str:
        (file,) = client.files.upload(channel_id, (name, contents[name]))
        client.posts.create_post(json_body={"channel_id": channel_id, "message": name, "file_ids": [file.id]})
        return file.id

    ids = {name: post(name) for name in contents}
    arguments = ("mirror_files.py", "core", "room", str(tmp_path))
    assert output(server, *arguments) == "2 fetched, 0 there already\n"
    for name, content in contents.items():
        assert (tmp_path / ids[name] / name).read_bytes() == content
    (tmp_path / ids["a.txt"] / "a.txt").write_bytes(b"half"[:2])
    assert output(server, *arguments) == "1 fetched, 1 there already\n"
    assert (tmp_path / ids["a.txt"] / "a.txt").read_bytes() == b"one"


def test_everybody_in_a_team_is_told(server: MattermostServer, client: SyncClient) -> None:
    team = client.teams.get_team_by_name("core")
    members = [user["id"] for user in server.factory.users(7)]
    outsider = server.create_user("outsider")["id"]
    for user_id in members:
        client.teams.add_team_member(team.id, json_body={"team_id": team.id, "user_id": user_id})
    assert output(server, "fan_out.py", "core", "Lunch!") == "told 7 of 7\n"
    for user_id in [*members, outsider]:
        direct = client.channels.create_direct_channel(json_body=[server.admin.id, user_id])
        messages = [post.message for post in client.posts.iter_channel(direct.id)]
        assert messages == (["Lunch!"] if user_id in members else [])


def test_every_example_is_in_the_list_of_them() -> None:
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    programs = [path.name for path in EXAMPLES.glob("*.py")] + [
        path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name != "__pycache__"
    ]
    assert len(programs) >= 6
    assert [name for name in programs if f"]({name}" not in listed] == []
