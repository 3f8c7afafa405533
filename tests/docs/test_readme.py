"""The README's programs run, against the embedded server instead of the example host."""

import subprocess
import sys
import threading
from pathlib import Path

from matterapi import SyncClient
from matterapi.events import Posted, SQLiteCheckpoint
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
        .replace('token="..."', f'token="{server.admin.token}"')
        .replace('"login_id": "ann", "password": "..."', auth)
        .replace('channel_id="..."', f'channel_id="{channel_id}"')
        .replace('"channel_id": "..."', f'"channel_id": "{channel_id}"')
        .replace('notify("..."', f'notify("{channel_id}"')
    )


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, bufsize=1
    )


def test_the_readme_has_three_programs_that_stand_alone() -> None:
    assert list(programs()) == [0, 1, 2] == list(range(len(BLOCKS)))


def test_the_call_of_the_readme(server: MattermostServer, tmp_path: Path) -> None:
    server.factory.team("core", members=[server.admin.id])
    process = run(prepared(BLOCKS[0], server, ""), tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "core Town Square" in out


def test_the_stream_of_the_readme_loses_nothing_when_it_is_cut_or_killed(
    server: MattermostServer, tmp_path: Path
) -> None:
    chat = Chat(server, "sync")
    code = prepared(BLOCKS[1], server, "").replace(server.admin.token, chat.auth["token"])
    written, came = list[str](), list[str]()

    def write(count: int) -> None:
        for _ in range(count):
            written.append(f"number {len(written)}")
            chat.write(written[-1])

    def read(process: subprocess.Popen[str]) -> None:
        """Read until all that was written has come."""
        assert process.stdout is not None
        # What never comes is not waited for.
        watch = threading.Timer(40, process.kill)
        watch.start()
        while set(written) - set(came):
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            came.append(line.strip())
        watch.cancel()

    # A run before, which nothing was written to.
    listener = SyncClient(server.url, token=chat.auth["token"])
    with listener.events(Posted, checkpoint=SQLiteCheckpoint(tmp_path / "bot.db")) as stream:
        stream.ready(timeout=30)
    for _ in range(2):
        write(2)
        process = run(code, tmp_path)
        try:
            write(2)
            server.restart_sockets()
            write(2)
            read(process)
        finally:
            process.kill()
            process.communicate()
        write(2)
    process = run(code, tmp_path)
    try:
        read(process)
    finally:
        process.kill()
        process.communicate()
    assert set(came) == set(written)


def test_the_test_of_the_readme(tmp_path: Path) -> None:
    process = run(BLOCKS[2], tmp_path)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


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
