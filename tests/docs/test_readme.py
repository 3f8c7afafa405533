"""The README's programs run, against the embedded server instead of the example host."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matterapi import SyncClient
from matterapi.testing import MattermostServer
from tests.docs.programs import blocks, programs
from tests.support.chat import Chat

ROOT = Path(__file__).parents[2]
BLOCKS = blocks()


def prepared(block: str, server: MattermostServer, channel_id: str) -> str:
    """A README block with the address and credentials of `server`."""
    auth = f'"login_id": "{server.admin.username}", "password": "{server.admin.password}"'
    return (
        block.replace("https://chat.example.com", server.url)
        .replace('"token": "..."', f'"token": "{server.admin.token}"')
        .replace('"login_id": "ann", "password": "..."', auth)
        .replace('channel_id="..."', f'channel_id="{channel_id}"')
    )


def test_the_readme_has_programs_and_the_type_checkers_get_them() -> None:
    assert len(BLOCKS) == 5
    assert list(programs()) == [0, 1, 4]


@pytest.mark.parametrize("number", programs())
def test_a_program_of_the_readme_runs(server: MattermostServer, number: int) -> None:
    client = SyncClient(options={"url": server.url, "auth": {"token": server.admin.token}})
    team = client.teams.create_team(json_body={"name": "core", "display_name": "Core", "type": "O"})
    channel = client.channels.get_channel_by_name(team_id=team.id, channel_name="town-square")
    assert channel.id is not None
    code = prepared(BLOCKS[number], server, channel.id)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    if number == 0:
        assert "Town Square" in done.stdout


def test_the_handler_of_the_readme_takes_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {}
    definition = BLOCKS[3].split("client.start_ws_sync")[0]
    exec(definition, namespace)  # noqa: S102 - our own README
    handler = namespace["handler"]
    assert callable(handler)
    handler({"event": "posted", "data": {"post": "{}"}})
    assert capsys.readouterr().out == "posted {'post': '{}'}\n"


def test_the_stream_of_the_readme_hands_out_what_others_write(server: MattermostServer) -> None:
    chat, shown = Chat(server, "sync"), list[str]()
    client = SyncClient(options={"url": server.url, "auth": chat.auth})

    def events(*classes: Any, **options: Any) -> Any:
        stream = client.events(*classes, **options).ready(30)
        chat.write("one")
        chat.edit(chat.write("two"), "three")
        return stream

    def show(message: str) -> None:
        shown.append(message)
        if message == "three":
            client.close()

    exec(BLOCKS[2], {"client": SimpleNamespace(events=events), "print": show})  # noqa: S102 - our own README
    assert shown == ["one", "two", "three"]


def test_the_demo_prints_what_it_did_with_both_clients() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / "demo.py")],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for client in ("SyncClient", "AsyncClient"):
        part = done.stdout.split(f"{client}\n")[1]
        for what in (
            "user ",
            "team ",
            "channel ",
            "file     first.png",
            "file     second.png",
            "post ",
            "posted",
        ):
            assert what in part, (client, what)
    cut = done.stdout.split("A stream that is cut\n")[1]
    assert "came    30" in cut
    assert cut.rstrip().endswith("lost 0")
