"""What a cut made a stream miss comes by REST: all of it, once, as REST has it, or not where that is said."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.events import CaughtUp, Connected, PostDeleted, Posted, PostEdited
from matterapi.events.checkpoint import SQLiteCheckpoint
from matterapi.models import Post
from tests.support.chat import Chat


class Missed:
    """Posts of which each has something that a cut made a stream miss."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.edited, self.deleted = chat.write("to be edited"), chat.write("to be deleted")
        # A stream may begin a little earlier than its hello, to which these are old.
        chat.server.clock.advance(60_000)
        self.events: list[tuple[type, str | None]] = []

    def happen(self) -> None:
        chat = self.chat
        created = [chat.write("one"), chat.write("two"), chat.write("three", chat.other_channel_id)]
        both = chat.write("four")
        chat.edit(self.edited, "edited")
        chat.edit(both, "four, edited")
        chat.delete(self.deleted)
        gone = chat.write("came and went")
        chat.delete(gone)
        self.events = [
            *[(Posted, post.id) for post in (*created, both)],
            (PostEdited, self.edited.id),
            *[(PostDeleted, post.id) for post in (self.deleted, gone)],
        ]


def by_kind(found: list[Any]) -> list[tuple[type, str | None]]:
    return sorted(((type(event), event.post.id) for event in found), key=repr)


def as_rest_has_it(post: Post) -> dict[str, Any]:
    """What both the list of a channel's posts and the route of one post tell."""
    return post.model_dump(exclude={"metadata", "reply_count", "participants"})


async def test_what_a_cut_made_a_stream_miss_comes_once_and_as_rest_has_it(chat: Chat) -> None:
    missed, listener = Missed(chat), chat.listener()
    async with (
        listener.events(Posted, PostEdited, PostDeleted, CaughtUp) as stream,
        listener.events(Posted, PostEdited, PostDeleted, Connected, missed="skip") as skipping,
    ):
        await stream.ready(30)
        assert type(await skipping.wait(30)) is Connected
        with chat.cut():
            missed.happen()
        found: list[Any] = []
        while type(caught_up := await stream.wait(30)) is not CaughtUp:
            found.append(caught_up)
        assert type(await skipping.wait(30)) is Connected
        chat.write("live again")
        last, only = await stream.wait(30), await skipping.wait(30)
    assert by_kind(found) == sorted(missed.events, key=repr)
    assert {event.recovered for event in found} == {True}
    assert {event.seq for event in found} == {None}
    for event in found:
        if type(event) is not PostDeleted:
            assert as_rest_has_it(event.post) == as_rest_has_it(chat.post(event.post.id))
    assert (caught_up.posted, caught_up.edited, caught_up.deleted) == (4, 1, 2)
    for event in (last, only):
        assert (event.post.message, event.recovered) == ("live again", False)


async def test_only_what_passes_the_filters_is_recovered(chat: Chat) -> None:
    listener = chat.listener()
    own = SyncClient(options={"url": chat.server.url, "auth": chat.auth})
    async with listener.events(Posted, channels=[chat.channel_id], own_posts=False) as stream:
        await stream.ready(30)
        with chat.cut():
            first = chat.write("wanted")
            chat.edit(first, "wanted, edited")
            chat.write("elsewhere", chat.other_channel_id)
            own.posts.create_post(json_body={"channel_id": chat.channel_id, "message": "mine"})
            chat.write("wanted as well")
        found = [await stream.wait(30) for _ in range(2)]
    assert [event.post.message for event in found] == ["wanted, edited", "wanted as well"]


class Enough(Exception):
    """Raised by a handler to end `start_ws`."""


@pytest.mark.parametrize("catches_up", [True, False])
async def test_start_ws_gets_dicts_of_what_was_missed(chat: Chat, catches_up: bool) -> None:
    options = {"ws_reconnect_wait_time": 0, "ws_concurrent": False, "ws_catch_up": catches_up}
    settings = {"url": chat.server.url, "auth": chat.auth, **options}
    found: list[dict[str, Any]] = []
    missed = Missed(chat)
    loop = asyncio.get_running_loop()
    ready, ends = asyncio.Event(), len(missed.events)

    def handler(event: dict[str, Any]) -> None:
        if event["event"] == "posted" and '"begin"' in event["data"]["post"]:
            loop.call_soon_threadsafe(ready.set)
        elif event["event"] in {"posted", "post_edited", "post_deleted"}:
            found.append(event)
            if len(found) == ends or '"live"' in event["data"]["post"]:
                raise Enough

    async def run() -> None:
        with pytest.raises(Enough):
            if chat.kind == "sync":
                await asyncio.to_thread(SyncClient(options=settings).start_ws_sync, handler)
            else:
                await AsyncClient(options=settings).start_ws(handler)

    running = asyncio.ensure_future(run())
    while not ready.is_set():
        await asyncio.to_thread(chat.write, "begin")
    with chat.cut():
        missed.happen()
        ends = len(missed.events)
    if not catches_up:
        while not running.done():
            await asyncio.to_thread(chat.write, "live")
    await running
    if catches_up:
        assert {event["recovered"] for event in found} == {True}
        names = {"posted": Posted, "post_edited": PostEdited, "post_deleted": PostDeleted}
        ids = [(names[event["event"]], Post.model_validate_json(event["data"]["post"]).id) for event in found]
        assert sorted(ids, key=repr) == sorted(missed.events, key=repr)
    else:
        assert [event.get("recovered") for event in found] == [None]


@pytest.mark.parametrize("catches_up", [True, False])
@pytest.mark.parametrize("method", ["start_ws", "start_ws_sync"])
def test_the_option_says_whether_start_ws_fetches(method: str, catches_up: bool) -> None:
    """What it says, the core is asked for: that nothing comes proves little, it might come later."""
    client = SyncClient(options={"url": "http://127.0.0.1:1", "ws_catch_up": catches_up})

    def open_stream(**given: Any) -> Any:
        assert given["catch_up"] is catches_up
        raise Enough

    client.open_stream = open_stream  # type: ignore[method-assign]
    with pytest.raises(Enough):
        if method == "start_ws":
            asyncio.run(client.start_ws(print))
        else:
            client.start_ws_sync(print)


async def test_a_later_stream_gets_what_happened_in_between(chat: Chat, tmp_path: Path) -> None:
    for round_ in range(2):
        checkpoint = SQLiteCheckpoint(tmp_path / "position.sqlite")
        async with chat.listener().events(Posted, checkpoint=checkpoint) as stream:
            await stream.ready(30)
            if round_ == 0:
                chat.write("first")
                assert (await stream.wait(30)).post.message == "first"
            else:
                found = [await stream.wait(30) for _ in range(2)]
        checkpoint.close()
        chat.write("between")
    # The last seconds come again.
    assert [event.post.message for event in found] == ["first", "between"]
    assert {event.recovered for event in found} == {True}


async def test_a_stream_that_took_no_event_leaves_a_position_too(chat: Chat, tmp_path: Path) -> None:
    checkpoint = SQLiteCheckpoint(tmp_path / "position.sqlite")
    async with chat.listener().events(Posted, checkpoint=checkpoint) as stream:
        await stream.ready(30)
    chat.write("between")
    async with chat.listener().events(Posted, checkpoint=checkpoint) as stream:
        event = await stream.wait(30)
    checkpoint.close()
    assert (event.post.message, event.recovered) == ("between", True)


@pytest.mark.parametrize("manual", [True, False])
async def test_an_event_whose_handling_failed_comes_again(chat: Chat, tmp_path: Path, manual: bool) -> None:
    checkpoint = SQLiteCheckpoint(tmp_path / "position.sqlite")
    options: dict[str, Any] = {"checkpoint": checkpoint, "manual_ack": manual}
    with pytest.raises(sqlite3.Error):
        async with chat.listener().events(Posted, **options) as stream:
            await stream.ready(30)
            failing = chat.write("its handling fails")
            async for _ in stream:
                raise sqlite3.OperationalError("disk full")
    chat.write("between")
    # Long after the overlap: it does not come again merely because that is fetched anyway.
    chat.server.clock.advance(60_000)
    async with chat.listener().events(Posted, **options) as stream:
        found = [await stream.wait(30) for _ in range(2)]
    checkpoint.close()
    assert found[0].post.id == failing.id
    assert [event.post.message for event in found] == ["its handling fails", "between"]
