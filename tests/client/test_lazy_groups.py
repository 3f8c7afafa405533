"""The groups of a client: one object each for as long as the client lives, and patchable like any other."""

import copy
import gc
import pickle
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.client.lazy_group import LazyGroup
from matterapi.endpoints.base import ApiBaseClass
from matterapi.models import User
from matterapi.redaction import known_secrets
from tests.support.scripted import answer, scripted, serve

TOKEN = "t0ken-of-a-client-that-goes-away"
OPTIONS = {"url": "http://127.0.0.1:1", "auth": {"token": TOKEN}}
CLIENTS = [SyncClient, AsyncClient]

pytestmark = pytest.mark.parametrize("make", CLIENTS)


def groups(make: Any) -> list[str]:
    return [name for name in dir(make) if isinstance(getattr(make, name), LazyGroup)]


def test_every_group_is_made_once(make: Any) -> None:
    client, other = make(options=OPTIONS), make(options=OPTIONS)
    assert len(groups(make)) > 60
    for name in groups(make):
        group = getattr(client, name)
        if name == "with_raw_response":
            assert group.sender is client.sender
        else:
            assert isinstance(group, ApiBaseClass)
            assert group.client is client
        assert getattr(client, name) is group
        assert getattr(other, name) is not group


def test_threads_that_ask_at_the_same_time_get_the_same_group(make: Any) -> None:
    threads = 8
    make(options=OPTIONS).users  # noqa: B018 - loads the module, which is not what is raced for
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(threads) as pool:
            for _ in range(50):
                client, start = make(options=OPTIONS), threading.Barrier(threads)

                def ask(client: Any = client, start: threading.Barrier = start) -> Any:
                    start.wait()
                    return client.users

                found = [future.result() for future in [pool.submit(ask) for _ in range(threads)]]
                assert len(set(map(id, found))) == 1
                assert client.users is found[0]
    finally:
        sys.setswitchinterval(interval)


def test_a_copy_and_an_unpickled_client_have_groups_of_their_own(make: Any) -> None:
    client = make(options={**OPTIONS, "auth": None})
    users = client.users
    for twin in (copy.copy(client), pickle.loads(pickle.dumps(client))):  # noqa: S301
        assert twin.users is not users
        assert twin.users.client is twin
        assert twin.users is twin.users
    assert copy.copy(client).sender is client.sender
    assert client.users is users


async def test_the_client_of_a_session_has_groups_of_its_own(make: Any) -> None:
    client = make(options=OPTIONS)
    users = client.users
    if make is SyncClient:
        with client.session() as session:
            assert session.users.client is session
    else:
        async with client.session() as session:
            assert session.users.client is session
    assert session.users is session.users is not users
    assert client.users.client is client


async def test_methods_and_groups_can_be_patched(make: Any) -> None:
    with scripted(serve(answer(b'{"username":"ann"}'))) as server:
        client = make(options={**OPTIONS, "url": server.url})

        async def name() -> Any:
            found = client.users.get_user("me")
            return (found if make is SyncClient else await found).username

        with mock.patch.object(client.users, "get_user") as get_user:
            get_user.return_value = User(username="bob")
            assert client.users.get_user is get_user
            assert await name() == "bob"
            get_user.assert_called_once_with("me")
        assert await name() == "ann"
        with mock.patch.object(client, "users") as users:
            users.get_user = get_user
            assert await name() == "bob"
        assert await name() == "ann"
        with mock.patch.object(type(client.users), "get_user", get_user):
            assert await name() == "bob"
        with mock.patch.object(make, "users", mock.Mock(get_user=get_user)):
            fresh = make(options=OPTIONS)
            assert fresh.users.get_user is get_user
        client.users = mock.Mock(get_user=get_user)
        assert await name() == "bob"
        del client.users
        assert await name() == "ann"


def test_a_patched_group_leaves_copies_alone(make: Any) -> None:
    client = make(options=OPTIONS)
    client.users.get_user = mock.Mock()
    assert not isinstance(copy.copy(client).users.get_user, mock.Mock)


def test_a_client_that_nothing_names_is_freed_and_its_secrets_with_it(make: Any) -> None:
    """A group and its client name each other: the garbage collector frees them, at a time of its own."""
    client = make(options=OPTIONS)
    assert known_secrets.mask(TOKEN) != TOKEN
    gone, group_gone = weakref.ref(client), weakref.ref(client.users)
    del client
    gc.collect()
    assert (gone(), group_gone()) == (None, None)
    assert known_secrets.mask(TOKEN) == TOKEN


def test_a_client_without_groups_is_freed_at_once(make: Any) -> None:
    gc.disable()
    try:
        client = make(options=OPTIONS)
        gone = weakref.ref(client)
        del client
        assert gone() is None
    finally:
        gc.enable()
