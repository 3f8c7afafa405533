import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.scripted import Connection, answer, scripted

EXPIRED = answer(
    b'{"id":"api.context.session_expired.app_error","message":"Session expired","status_code":401}',
    "401 Unauthorized",
)
PASSWORD = {"login_id": "ann", "password": "pw"}


class Accounts:
    """Answers logins with numbered tokens and other calls according to the token they bring."""

    def __init__(self, good: Callable[[str], bool], mfa: bool = False) -> None:
        self.good = good
        self.logins: list[dict[str, str]] = []
        self.calls: list[str] = []

    def __call__(self, connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            line, headers, body = request
            if "/users/login" in line:
                self.logins.append(json.loads(body))
                connection.send(answer(Token=f"token{len(self.logins)}"))
                continue
            token = headers.get("authorization", "").removeprefix("Bearer ")
            self.calls.append(token)
            connection.send(answer() if self.good(token) else EXPIRED)


async def test_a_personal_token_goes_out_as_bearer(connect: Any) -> None:
    accounts = Accounts(lambda token: True)
    with scripted(accounts) as server:
        client = connect(server.url, {"token": "personal"})
        await client.users.get_user("me")
    assert accounts.calls == ["personal"]
    assert accounts.logins == []


async def test_the_first_call_logs_in_and_the_next_ones_reuse_the_token(connect: Any) -> None:
    accounts = Accounts(lambda token: True)
    with scripted(accounts) as server:
        client = connect(server.url, PASSWORD)
        assert client.active_token is None
        for _ in range(3):
            await client.users.get_user("me")
        assert client.active_token == "token1"
    assert accounts.logins == [PASSWORD]
    assert accounts.calls == ["token1"] * 3


async def test_a_session_logs_in_before_its_first_call(connect: Any) -> None:
    accounts = Accounts(lambda token: True)
    with scripted(accounts) as server:
        async with connect(server.url, PASSWORD).session() as session:
            assert session.active_token == "token1"
            await session.users.get_user("me")
    assert len(accounts.logins) == 1


async def test_an_expired_session_is_renewed_once_for_all_calls_in_flight(connect: Any) -> None:
    accounts = Accounts(lambda token: token != "token1")
    with scripted(accounts) as server:
        client = connect(server.url, PASSWORD)
        users = await asyncio.gather(*(client.users.get_user("me") for _ in range(8)))
    assert [user.username for user in users] == ["ann"] * 8
    assert len(accounts.logins) == 2
    assert accounts.calls.count("token2") == 8


async def test_a_session_that_is_expired_again_after_the_new_login_is_an_error(connect: Any) -> None:
    accounts = Accounts(lambda token: False)
    with scripted(accounts) as server, pytest.raises(e.NoAccessTokenProvided) as caught:
        await connect(server.url, PASSWORD).users.get_user("me")
    assert len(accounts.logins) == 2
    assert caught.value.error_id == "api.context.session_expired.app_error"


async def test_an_expired_token_is_not_renewed(connect: Any) -> None:
    accounts = Accounts(lambda token: False)
    with scripted(accounts) as server, pytest.raises(e.NoAccessTokenProvided):
        await connect(server.url, {"token": "personal"}).users.get_user("me")
    assert accounts.calls == ["personal"]


async def test_a_fixed_mfa_code_is_sent_under_the_servers_key_and_only_once(connect: Any) -> None:
    accounts = Accounts(lambda token: token != "token1")
    with scripted(accounts) as server:
        client = connect(server.url, {**PASSWORD, "mfa_token": "123456"})
        with pytest.raises(e.NoAccessTokenProvided, match="callable"):
            await client.users.get_user("me")
    assert accounts.logins == [{**PASSWORD, "token": "123456"}]


async def test_an_mfa_callable_is_asked_at_every_login(connect: Any) -> None:
    accounts = Accounts(lambda token: token != "token1")
    codes = iter(["111111", "222222"])
    with scripted(accounts) as server:
        client = connect(server.url, {**PASSWORD, "mfa_token": lambda: next(codes)})
        await client.users.get_user("me")
    assert [login["token"] for login in accounts.logins] == ["111111", "222222"]


async def test_an_mfa_coroutine_function_is_awaited(connect: Any) -> None:
    async def code() -> str:
        await asyncio.sleep(0)
        return "333333"

    accounts = Accounts(lambda token: True)
    with scripted(accounts) as server:
        await connect(server.url, {**PASSWORD, "mfa_token": code}).users.get_user("me")
    assert accounts.logins[0]["token"] == "333333"


async def test_a_failing_mfa_callable_is_named_and_nothing_is_sent(connect: Any) -> None:
    def code() -> str:
        raise RuntimeError("no authenticator")

    accounts = Accounts(lambda token: True)
    with scripted(accounts) as server:
        client = connect(server.url, {**PASSWORD, "mfa_token": code})
        with pytest.raises(e.NoAccessTokenProvided, match="no authenticator"):
            await client.users.get_user("me")
    assert accounts.logins == []


async def test_a_refused_login_raises_the_servers_error_with_the_login_route(connect: Any) -> None:
    refused = answer(b'{"id":"api.user.login.x","message":"wrong","status_code":401}', "401 Unauthorized")
    with scripted(lambda connection: _always(connection, refused)) as server:
        with pytest.raises(e.NoAccessTokenProvided, match="wrong") as caught:
            await connect(server.url, PASSWORD).users.get_user("me")
    assert caught.value.route == "POST /api/v4/users/login"
    assert "pw" not in repr(caught.value)


async def test_a_login_without_a_token_header_says_what_may_be_wrong(connect: Any) -> None:
    with scripted(lambda connection: _always(connection, answer())) as server:
        with pytest.raises(e.NoAccessTokenProvided, match="no Token header"):
            await connect(server.url, PASSWORD).users.get_user("me")


async def test_cookies_of_the_server_are_not_sent_back(connect: Any) -> None:
    seen: list[str | None] = []

    def script(connection: Connection) -> None:
        while (request := connection.read_request()) is not None:
            seen.append(request[1].get("cookie"))
            connection.send(answer(Set_Cookie="MMAUTHTOKEN=stale; Path=/"))

    with scripted(script) as server:
        client = connect(server.url)
        await client.users.get_user("me")
        await client.users.get_user("me")
    assert seen == [None, None]


def _always(connection: Connection, data: bytes) -> None:
    while connection.read_request() is not None:
        connection.send(data)
