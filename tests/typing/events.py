"""Websocket events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from typing_extensions import assert_type

from matterapi import AsyncClient, SyncClient, events
from matterapi.events import (
    AsyncEventStream,
    Broadcast,
    ChannelMemberUpdated,
    Disconnected,
    Event,
    GroupAdded,
    MultipleChannelsViewed,
    PluginEvent,
    Pong,
    PostDeleted,
    Posted,
    PostEdited,
    SQLiteCheckpoint,
    SyncEventStream,
    ThreadUpdated,
    UserUpdated,
)
from matterapi.models import ChannelMember, Post, User, UserThread


def fields(event: Posted) -> None:
    assert_type(event.post, Post)
    assert_type(event.post.message, str)
    assert_type(event.channel_type, str)
    assert_type(event.team_id, str)
    assert_type(event.sender_name, str | None)
    assert_type(event.mentions, list[str] | None)
    assert_type(event.other_file, str | None)
    assert_type(Posted.NAME, str)


def streams(client: SyncClient) -> None:
    assert_type(client.events(), SyncEventStream[Event])
    assert_type(client.events(Posted), SyncEventStream[Posted])
    with client.events(Posted, PostEdited, own_posts=False) as stream:
        for event in stream:
            assert_type(event, Posted | PostEdited)
        assert_type(stream.wait(1), Posted | PostEdited | None)
        for batch in stream.batches():
            assert_type(batch, list[Posted | PostEdited])
    assert_type(client.wait_for(Posted, lambda event: event.post.message == "x", 30), Posted)


async def async_streams(client: AsyncClient) -> None:
    async with client.events(Posted, checkpoint=SQLiteCheckpoint("position.sqlite")) as stream:
        async for event in stream:
            assert_type(event, Posted)
        assert_type(await (await stream.ready()).wait(1), Posted | None)
    assert_type(await client.wait_for(Posted), Posted)


def actions(stream: SyncEventStream[Posted]) -> None:
    assert_type(stream.typing("c", "p"), None)
    assert_type(stream.ping(), Pong)
    assert_type(stream.ping().server_time, int | None)
    assert_type(stream.statuses(), dict[str, str])
    assert_type(stream.statuses_of(["u"], timeout=1), dict[str, str])
    assert_type(stream.plugin_action("custom_x", {"a": 1}), None)
    assert_type(stream.action("x"), Any)


async def async_actions(stream: AsyncEventStream[Posted]) -> None:
    assert_type(await stream.ping(), Pong)
    assert_type(await stream.statuses_of({"u"}), dict[str, str])


def objects(thread: ThreadUpdated, user: UserUpdated, member: ChannelMemberUpdated) -> None:
    assert_type(thread.thread, UserThread)
    assert_type(thread.previous_unread_replies, int | None)
    assert_type(user.user, User)
    assert_type(member.channel_member, ChannelMember)


def containers(viewed: MultipleChannelsViewed, group: GroupAdded, plugin: PluginEvent) -> None:
    assert_type(viewed.channel_times, dict[str, int])
    assert_type(group.teammate_ids, list[str])
    assert_type(plugin.data, dict[str, Any])
    assert_type(plugin.name, str)


def common(event: Event) -> None:
    assert_type(event.seq, int | None)
    assert_type(event.broadcast, Broadcast | None)
    assert_type(event.recovered, bool)
    assert_type(event.received_at, datetime)
    assert_type(event.raw, dict[str, Any])
    if event.broadcast is not None:
        assert_type(event.broadcast.channel_id, str)


def narrowed(event: Posted | PostEdited | PostDeleted | Disconnected) -> str | None:
    match event:
        case Posted() | PostEdited():
            assert_type(event, Posted | PostEdited)
            return event.post.message
        case PostDeleted():
            return event.delete_by
        case _:
            assert_type(event, Disconnected)
            assert_type(event.retry_in, float)
            return event.reason


def made() -> None:
    assert_type(events.Typing(parent_id="", user_id="u"), events.Typing)
    assert_type(Posted(post=Post(), channel_type="O", channel_name="n", team_id="t"), Posted)
