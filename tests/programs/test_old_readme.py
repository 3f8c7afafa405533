"""The programs of the README of matterapi 0.5.0, call by call, in both facades, twice on one server."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client.exceptions import ApiError, InvalidOrMissingParameters
from matterapi.models import CreateChannelJsonBody, CreatePostJsonBody, CreateTeamJsonBody
from matterapi.testing import MattermostServer

TWICE = range(2)


@pytest.fixture
def secure_server() -> Iterator[MattermostServer]:
    with MattermostServer(tls=True) as running:
        yield running


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "upload1.png", tmp_path / "upload2.png"]
    for path in paths:
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + path.name.encode())
    return paths


def by_token(server: MattermostServer) -> dict[str, Any]:
    return {"url": server.url, "auth": {"token": server.admin.token}}


def by_password(server: MattermostServer) -> dict[str, Any]:
    return {
        "url": server.url,
        "auth": {"login_id": server.admin.username, "password": server.admin.password},
        "httpx_client_options": {"verify": False},
    }


def town_square(server: MattermostServer) -> str:
    """Id of a channel with a post in it."""
    client = SyncClient(options=by_token(server))
    team = client.teams.create_team(
        json_body=CreateTeamJsonBody(name="first", display_name="First", type="O")
    )
    channel = client.channels.get_channel_by_name(team_id=team.id, channel_name="town-square")
    client.posts.create_post(json_body=CreatePostJsonBody(channel_id=channel.id, message="hello"))
    return str(channel.id)


def test_program_1_calls_without_a_session(server: MattermostServer) -> None:
    channel_id = town_square(server)
    for _ in TWICE:
        driver = SyncClient(options=by_token(server))
        assert driver.users.get_user("me").username == server.admin.username
        channels = driver.channels.get_all_channels(per_page=20)
        assert channel_id in {channel.id for channel in channels}
        assert "id=" in str(channels[0])
        post_list = driver.posts.get_posts_for_channel(channel_id)
        ids = [post_list.posts[post].id for post in post_list.posts]
        assert ids == list(post_list.posts)
        assert "hello" in {post_list.posts[post].message for post in post_list.posts}


async def test_program_1_with_the_async_client(server: MattermostServer) -> None:
    channel_id = await asyncio.to_thread(town_square, server)
    for _ in TWICE:
        driver = AsyncClient(options=by_token(server))
        assert (await driver.users.get_user("me")).username == server.admin.username
        channels = await driver.channels.get_all_channels(per_page=20)
        assert channel_id in {channel.id for channel in channels}
        post_list = await driver.posts.get_posts_for_channel(channel_id)
        assert [post_list.posts[post].id for post in post_list.posts] == list(post_list.posts)


def test_program_2_a_session(server: MattermostServer, pictures: list[Path]) -> None:
    for turn in TWICE:
        created = []
        with SyncClient(options=by_token(server)).session() as s:
            assert s.users.get_user("me").id == server.admin.id
            plugins = s.plugins.get_plugins()
            assert len(plugins.active) > 0
            assert plugins.active[0].name
            try:
                team = s.teams.create_team(
                    json_body=CreateTeamJsonBody(name="core-team", display_name="Core", type="I")
                )
                created.append("team")
            except InvalidOrMissingParameters:
                team = s.teams.get_team_by_name(name="core-team")
            try:
                body = CreateChannelJsonBody(team_id=team.id, name="ops", display_name="Ops", type="O")
                channel = s.channels.create_channel(json_body=body)
                created.append("channel")
            except ApiError as error:
                assert error.status_code == 400
                channel = s.channels.get_channel_by_name(team_id=team.id, channel_name="ops")
            with pictures[0].open("rb") as one, pictures[1].open("rb") as two:
                upload = s.files.upload_file(
                    channel_id=channel.id, multipart_data={"files": {"upload1.png": one, "upload2.png": two}}
                )
            assert [info.name for info in upload.file_infos] == ["upload1.png", "upload2.png"]
            post = s.posts.create_post(
                json_body=CreatePostJsonBody(
                    channel_id=channel.id, message="two pictures", file_ids=[i.id for i in upload.file_infos]
                )
            )
            assert post.create_at > 0
            assert post.file_ids == [upload.file_infos[0].id, upload.file_infos[1].id]
            assert s.files.get_file(upload.file_infos[1].id).content == pictures[1].read_bytes()
        assert created == (["team", "channel"] if turn == 0 else [])


async def test_program_2_with_the_async_client(server: MattermostServer, pictures: list[Path]) -> None:
    for turn in TWICE:
        created = []
        async with AsyncClient(options=by_token(server)).session() as s:
            assert (await s.users.get_user("me")).id == server.admin.id
            plugins = await s.plugins.get_plugins()
            assert plugins.active[0].name
            try:
                team = await s.teams.create_team(
                    json_body=CreateTeamJsonBody(name="core-team", display_name="Core", type="I")
                )
                created.append("team")
            except InvalidOrMissingParameters:
                team = await s.teams.get_team_by_name(name="core-team")
            try:
                body = CreateChannelJsonBody(team_id=team.id, name="ops", display_name="Ops", type="O")
                channel = await s.channels.create_channel(json_body=body)
                created.append("channel")
            except ApiError:
                channel = await s.channels.get_channel_by_name(team_id=team.id, channel_name="ops")
            with pictures[0].open("rb") as one, pictures[1].open("rb") as two:
                upload = await s.files.upload_file(
                    channel_id=channel.id, multipart_data={"files": {"upload1.png": one, "upload2.png": two}}
                )
            post = await s.posts.create_post(
                json_body=CreatePostJsonBody(
                    channel_id=channel.id, message="two pictures", file_ids=[i.id for i in upload.file_infos]
                )
            )
            assert post.file_ids == [info.id for info in upload.file_infos]
        assert created == (["team", "channel"] if turn == 0 else [])


def test_program_3_async_over_https_with_a_password(
    secure_server: MattermostServer, pictures: list[Path]
) -> None:
    channel_id = (
        SyncClient(options=by_password(secure_server))
        .channels.create_direct_channel(json_body=[secure_server.admin.id, secure_server.admin.id])
        .id
    )

    async def main() -> tuple[list[str | None], list[str | None]]:
        ad = AsyncClient(options=by_password(secure_server))
        users = await ad.users.get_users()
        async with ad.session() as s:
            with pictures[0].open("rb") as picture:
                infos = await s.files.upload_file(
                    channel_id=channel_id, multipart_data={"files": {"upload1.png": picture}}
                )
        return [user.username for user in users], [info.name for info in infos.file_infos]

    for _ in TWICE:
        names, files = asyncio.run(main())
        assert secure_server.admin.username in names
        assert files == ["upload1.png"]


def test_program_3_with_the_sync_client(secure_server: MattermostServer, pictures: list[Path]) -> None:
    for _ in TWICE:
        sd = SyncClient(options=by_password(secure_server))
        assert secure_server.admin.username in [user.username for user in sd.users.get_users()]
        me = [secure_server.admin.id, secure_server.admin.id]
        channel_id = sd.channels.create_direct_channel(json_body=me).id
        with pictures[0].open("rb") as picture:
            infos = sd.files.upload_file(
                channel_id=channel_id, multipart_data={"files": {"upload1.png": picture}}
            )
        assert [info.name for info in infos.file_infos] == ["upload1.png"]


class SeenPost(Exception):
    """Raised by the handler to end the program, which would listen for ever."""


Start = Callable[[dict[str, Any], Callable[[dict[str, Any]], None]], None]


def start_sync(options: dict[str, Any], handler: Callable[[dict[str, Any]], None]) -> None:
    SyncClient(options=options).start_ws_sync(handler)


def start_async(options: dict[str, Any], handler: Callable[[dict[str, Any]], None]) -> None:
    async def main() -> None:
        await AsyncClient(options=options).start_ws(handler)

    asyncio.run(main())


@pytest.mark.parametrize("start", [start_sync, start_async])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_program_4_events_first_thing_on_a_fresh_client(tls: bool, start: Start) -> None:
    with MattermostServer(tls=tls) as server:
        options = by_password(server)
        writer = SyncClient(options=options)
        team = writer.teams.create_team(json_body={"name": "first", "display_name": "First", "type": "O"})
        channel = writer.channels.get_channel_by_name(team_id=team.id, channel_name="town-square")
        for turn in TWICE:
            seen: list[dict[str, Any]] = []

            def handler(event: dict[str, Any], seen: list[dict[str, Any]] = seen, turn: int = turn) -> None:
                if not seen:
                    # The first event is our own status: from here on, the server knows that we listen.
                    writer.posts.create_post(json_body={"channel_id": channel.id, "message": f"turn {turn}"})
                seen.append(event)
                if event["event"] == "posted":
                    raise SeenPost

            with pytest.raises(SeenPost):
                start({**options, "ws_concurrent": False}, handler)
            posted = seen[-1]
            assert isinstance(posted["data"]["post"], str)
            assert f"turn {turn}" in posted["data"]["post"]
            assert [event["seq"] for event in seen] == sorted(event["seq"] for event in seen)
            assert "hello" not in {event["event"] for event in seen}
