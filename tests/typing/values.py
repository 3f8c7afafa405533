"""Models, lists, mappings and enums."""

from __future__ import annotations

from collections.abc import ItemsView, KeysView
from typing import Any

from pydantic import BaseModel
from typing_extensions import assert_type

from matterapi import enums, models
from matterapi.enums import ListPlaybookRunsSort
from matterapi.models import ChannelListWithTeamData, ChannelWithTeamData, Post, PostList, Timezone, User
from matterapi.types import BaseConfig, FileInfo


def fields(user: User) -> None:
    assert_type(user.username, str)
    assert_type(user.auth_service, str)
    assert_type(user.last_activity_at, int | None)
    assert_type(user.create_at, int | None)
    assert_type(user.timezone, Timezone | None)
    assert_type(user.model_extra, dict[str, Any] | None)
    assert_type(User(username="ann"), User)
    assert_type(User.model_validate({"username": "ann"}), User)
    parent: BaseConfig = user
    assert_type(isinstance(parent, BaseModel), bool)


def mappings(found: PostList) -> None:
    assert_type(found.order, list[str])
    assert_type(found.posts, PostList.Posts)
    assert_type(found.posts["p"], Post)
    assert_type(found.posts.keys(), KeysView[str])
    assert_type(found.posts.items(), ItemsView[str, Post])
    assert_type(found.posts.setdefault("p", Post()), Post)
    for post_id in found.posts:
        assert_type(post_id, str)


def arrays(found: ChannelListWithTeamData) -> None:
    assert_type(found[0], ChannelWithTeamData)
    assert_type(found[:1], list[ChannelWithTeamData])
    assert_type([channel.team_name for channel in found], list[str])
    found.append(ChannelWithTeamData())


def names_of_modules() -> None:
    assert_type(models.User(), User)
    assert_type(str(enums.ListPlaybookRunsSort.NAME), str)


def members(sort: ListPlaybookRunsSort) -> None:
    assert_type(ListPlaybookRunsSort("name"), ListPlaybookRunsSort)
    as_text: str = sort
    assert_type(as_text.upper(), str)


def files() -> None:
    assert_type(FileInfo(payload=b"x", file_name="x.txt").file_name, str | None)
