"""Keys of a body given as a dict that the operation does not know."""

import asyncio
import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.calls import unknown_keys
from matterapi.calls.codec import encode
from matterapi.calls.operation import Operation
from matterapi.endpoints.operations.commands import CREATE_COMMAND
from matterapi.endpoints.operations.files import SEARCH_FILES_IN_ALL_TEAMS
from matterapi.endpoints.operations.integration_actions import SUBMIT_INTERACTIVE_DIALOG
from matterapi.endpoints.operations.posts import CREATE_POST, UPDATE_POST
from matterapi.endpoints.operations.preferences import UPDATE_PREFERENCES
from matterapi.endpoints.operations.users import GET_USERS_BY_IDS, UPDATE_USER
from matterapi.exceptions import UnknownKeyWarning
from matterapi.models import CreatePostJsonBody
from tests.support.scripted import Connection, answer, scripted


@pytest.fixture(autouse=True)
def nothing_warned_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_keys, "_warned", set())


def told(op: Operation[Any], body: Any) -> list[str]:
    """The messages of all warnings that a body gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        encode(op, body, None, None)
    assert all(warning.category is UnknownKeyWarning for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("op", "body", "key", "meant"),
    [
        (CREATE_POST, {"channel_id": "c", "mesage": "hi"}, "mesage", "message"),
        (CREATE_POST, {"channel_id": "c", "message": "hi", "rootid": "r"}, "rootid", "root_id"),
        (UPDATE_PREFERENCES, [{"user_id": "u"}, {"user_id": "u", "catagory": "c"}], "catagory", "category"),
        (UPDATE_USER, {"id": "u", "notifyProps": {}}, "notifyProps", "notify_props"),
    ],
)
def test_a_misspelled_key_is_named_with_the_one_that_was_meant(
    op: Operation[Any], body: Any, key: str, meant: str
) -> None:
    (message,) = told(op, body)
    assert f"no key {key!r}" in message
    assert message.endswith(f"; did you mean {meant!r}?")
    assert message.startswith(f"{op.core_route.label} knows")


def test_a_key_without_a_likeness_gets_no_guess() -> None:
    (message,) = told(CREATE_POST, {"channel_id": "c", "xyzzy": 1})
    assert "did you mean" not in message


def test_a_search_of_files_is_judged_under_the_old_name_of_its_body_too() -> None:
    with pytest.warns(UnknownKeyWarning, match="'terms'"):
        encode(SEARCH_FILES_IN_ALL_TEAMS, None, {"therms": "x"}, None)


@pytest.mark.parametrize(
    ("op", "body"),
    [
        (CREATE_POST, {"channel_id": "c", "message": "hi", "props": {"anything": 1}}),
        (CREATE_POST, {"channel_id": "c", "message": "hi", "pending_post_id": "p"}),
        (CREATE_COMMAND, {"team_id": "t", "trigger": "x", "url": "u", "method": "P", "auto_complete": True}),
        (UPDATE_POST, {"id": "p", "message": "m", "file_ids": []}),
        (CREATE_POST, CreatePostJsonBody.model_validate({"channel_id": "c", "message": "hi", "rootid": "r"})),
        (CREATE_POST, b'{"mesage": 1}'),
        (GET_USERS_BY_IDS, ["u1", "u2"]),
        (Operation("POST /x", dict), {"free": 1}),
    ],
    ids=str,
)
def test_nothing_is_said_of_other_bodies(op: Operation[Any], body: Any) -> None:
    assert told(op, body) == []


def test_the_keys_of_an_object_with_free_keys_are_free() -> None:
    assert SUBMIT_INTERACTIVE_DIALOG.known_keys >= {"callback_id", "submission"}
    body = {"url": "u", "submission": {"of_ones_own": 1}, "channel_id": "c", "team_id": "t"}
    assert told(SUBMIT_INTERACTIVE_DIALOG, body) == []


def test_each_key_of_an_operation_is_named_once() -> None:
    body = {"channel_id": "c", "mesage": 1, "rootid": 2}
    assert len(told(CREATE_POST, body)) == 2
    assert told(CREATE_POST, body) == []
    assert len(told(UPDATE_POST, {"id": "p", "mesage": 1})) == 1


def test_no_more_keys_are_remembered_than_a_program_can_misspell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_keys, "MOST_WARNED", 2)
    assert len(told(CREATE_POST, {"a1": 1, "a2": 2, "a3": 3})) == 2
    assert len(unknown_keys._warned) == 2


def test_what_a_filter_makes_an_error_is_one_every_time() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownKeyWarning)
        for _ in range(2):
            with pytest.raises(UnknownKeyWarning):
                encode(CREATE_POST, {"mesage": "hi"}, None, None)


@pytest.fixture
def url() -> Iterator[str]:
    def script(connection: Connection) -> None:
        while connection.read_request() is not None:
            connection.send(answer(b'{"id":"p1"}', status="201 Created"))

    with scripted(script) as server:
        yield server.url


def sync_call(url: str) -> int:
    with SyncClient(options={"url": url, "auth": {"token": "t" * 26}}) as client:
        client.posts.create_post(json_body={"channel_id": "c", "mesage": "hi"})
        return inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]


def async_call(url: str) -> int:
    async def call() -> int:
        async with AsyncClient(options={"url": url, "auth": {"token": "t" * 26}}) as client:
            await client.posts.create_post(json_body={"channel_id": "c", "mesage": "hi"})
            return inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]

    return asyncio.run(call())


@pytest.mark.parametrize("call", [sync_call, async_call])
def test_the_warning_points_at_the_line_of_the_call(url: str, call: Callable[[str], int]) -> None:
    with pytest.warns(UnknownKeyWarning) as caught:
        line = call(url)
    assert [(warning.filename, warning.lineno) for warning in caught] == [(__file__, line)]
