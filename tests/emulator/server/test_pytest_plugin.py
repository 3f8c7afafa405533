"""The plugin, in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(folder: Path, code: str, *options: str) -> tuple[int, str]:
    (folder / "test_it.py").write_text(code)
    plugins = ("-p", "matterapi.pytest_plugin", "-p", "xdist", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", "-q", "--strict-markers", *plugins, *options, str(folder)]
    # Without what else is installed: other plugins cost every one of these processes more than the tests.
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=100, cwd=folder, env=alone
    )
    return done.returncode, done.stdout + done.stderr


PASSING = """
import asyncio
import pytest

def test_sync(mattermost_client, mattermost_server):
    assert mattermost_client.users.get_user("me").username == mattermost_server.admin.username

def test_async(mattermost_async_client, mattermost_server):
    async def me():
        async with mattermost_async_client.session() as session:
            return await session.users.get_user("me")
    assert asyncio.run(me()).id == mattermost_server.admin.id

@pytest.mark.mattermost(version="10.5", seed=3)
def test_options(mattermost_client, mattermost_server):
    assert mattermost_client.users.get_user("me").id == mattermost_server.admin.id
    mattermost_server.requests.assert_requested("GET /api/v4/users/{user_id}", times=1)

def test_factory(mattermost_factory, mattermost_client):
    ann, ben = mattermost_factory.users(2)
    channel = mattermost_factory.channel(members=[ann["id"], ben["id"]])
    mattermost_factory.posts(channel["id"], 3, authors=[ann["id"], ben["id"]])
    posts = mattermost_client.posts.get_posts_for_channel(channel["id"])
    mine = [post.message for post in map(posts.posts.get, posts.order) if not post.type]
    assert mine == ["message 3", "message 2", "message 1"]
"""


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_fixtures_serve_clients_and_data(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, told = run(tmp_path, PASSING, *options)
    assert code == 0, told
    assert "4 passed" in told


def test_a_request_that_did_not_come_is_shown_beside_the_nearest(tmp_path: Path) -> None:
    program = """
def test_it(mattermost_client, mattermost_server, mattermost_factory):
    channel = mattermost_factory.channel()
    mattermost_client.posts.create_post(json_body={"channel_id": channel["id"], "message": "pong"})
    mattermost_server.requests.assert_requested("POST /api/v4/posts", json={"message": "ping"})
"""
    code, told = run(tmp_path, program)
    assert code == 1
    assert "POST /api/v4/posts was not requested as expected; there were 1 requests" in told
    assert '-   "message": "ping"' in told
    assert '+   "message": "pong"' in told


def test_projects_without_the_extra_notice_nothing(tmp_path: Path) -> None:
    program = """
import sys

def test_it():
    heavy = ("matterapi.testing", "aiohttp", "trustme", "pydantic", "matterapi._core")
    assert not [name for name in heavy if name in sys.modules]
"""
    code, told = run(tmp_path, program)
    assert code == 0, told


def test_without_the_extra_the_fixture_says_what_to_install(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["aiohttp"] = None

def test_it(mattermost_server):
    pass
"""
    code, told = run(tmp_path, program)
    assert code == 1
    assert "pip install matterapi[testing]" in told
