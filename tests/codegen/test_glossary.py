"""The descriptions that the real catalogue gives to methods and fields."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache

import pytest

from codegen.__main__ import ROOT
from codegen.api import Spec
from codegen.load import load
from codegen.lower_models import ClassPlan, lower_models
from codegen.lower_routes import lower_routes
from matterapi.endpoints.async_api import FilesApi as AsyncFiles
from matterapi.endpoints.async_api import PostsApi as AsyncPosts
from matterapi.endpoints.async_api import StatusApi as AsyncStatus
from matterapi.endpoints.sync_api import FilesApi, PostsApi, StatusApi


@cache
def spec() -> Spec:
    return load(ROOT / "spec")


def fields(classes: tuple[ClassPlan, ...]) -> Iterator[tuple[str, str, str]]:
    for plan in classes:
        yield from (
            (f"{plan.name}.{field.name}", str(field.type.plain()), field.doc) for field in plan.fields
        )
        yield from fields(plan.nested)


def test_no_text_is_called_a_number_of_seconds() -> None:
    wrong = [
        name
        for module in lower_models(spec(), {})
        for name, kind, doc in fields(module.classes)
        if kind not in {"int", "float"} and "econds since 1970" in doc
    ]
    assert wrong == []


def test_every_note_belongs_to_a_method() -> None:
    methods = {route.method for route in lower_routes(spec())}
    assert spec().glossary.notes.keys() <= methods


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ((PostsApi.update_post, AsyncPosts.update_post), ["Replaces the post", "patch_post"]),
        ((PostsApi.create_post, AsyncPosts.create_post), ["drops in silence", "More than 10"]),
        ((PostsApi.patch_post, AsyncPosts.patch_post), ["drops in silence"]),
        ((PostsApi.search_posts, AsyncPosts.search_posts), ["newest 100"]),
        ((FilesApi.search_files, AsyncFiles.search_files), ["newest 100"]),
        ((PostsApi.get_posts_for_channel, AsyncPosts.get_posts_for_channel), ["At most 1,000"]),
        (
            (StatusApi.update_user_custom_status, AsyncStatus.update_user_custom_status),
            ["`datetime` with a time zone", "milliseconds"],
        ),
    ],
)
def test_what_surprises_is_said_where_an_editor_shows_it(
    methods: tuple[object, ...], words: list[str]
) -> None:
    for method in methods:
        text = " ".join((inspect.getdoc(method) or "").split())
        assert [word for word in words if word not in text] == []
