"""Who a socket belongs to: api4/websocket.go, platform/websocket_router.go, platform/web_conn.go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.websocket.peer import Socket, names

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer
    from tests.conformance.http import Http
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target
    from tests.conformance.websocket.conftest import Open

CHALLENGE = "authentication_challenge"


def challenge(token: object, seq: int = 1) -> dict[str, Any]:
    return {"seq": seq, "action": CHALLENGE, "data": {"token": token}}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "token"])
def test_a_header_authenticates_the_upgrade(target: Target, user: Http, scheme: str) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: the schemes bearer and token, in any case."""
    with Socket(target, headers={"Authorization": f"{scheme} {user.token}"}) as opened:
        assert opened.message()["event"] == "hello"


def test_a_cookie_authenticates_the_upgrade(target: Target, user: Http) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest."""
    with Socket(target, headers={"Cookie": f"MMAUTHTOKEN={user.token}"}) as opened:
        assert opened.message()["event"] == "hello"


def test_a_challenge_is_answered_by_hello_and_then_ok(target: Target, user: Http) -> None:
    """platform/websocket_router.go, ServeWebSocket: HubRegister queues hello, SendMessage the reply."""
    with Socket(target) as opened:
        opened.send(challenge(user.token, 7))
        hello = opened.message()
        assert (hello["event"], hello["seq"]) == ("hello", 0)
        while "event" in (got := opened.text()):
            pass
        assert got == '{"status":"OK","seq_reply":7}\n'


def test_a_challenge_works_after_a_bad_header(target: Target, user: Http) -> None:
    """api4/websocket.go: the route trusts the requester; a bad token is no session."""
    with Socket(target, "bad-token") as opened:
        assert opened.status == 101
        opened.send(challenge(user.token))
        assert opened.message()["event"] == "hello"


def test_a_challenge_works_after_requests_that_nobody_answers(target: Target, user: Http) -> None:
    """platform/web_hub.go, directMsg: a connection in no index gets no reply, not even an error."""
    with Socket(target) as opened:
        for number, action in enumerate(("ping", "presence", "nonsense", "", "custom_x_y"), 1):
            opened.send({"seq": number, "action": action})
        opened.send({"seq": 0, "action": "ping"})
        opened.send(challenge(user.token, 9))
        assert opened.message()["event"] == "hello"
        got = opened.reply()
        assert got["seq_reply"] == 9


@pytest.mark.parametrize("token", ["wrong", "", 5, None])
def test_a_bad_challenge_ends_the_socket_without_a_frame(target: Target, token: object) -> None:
    """platform/websocket_router.go, ServeWebSocket: WebSocket.Close."""
    with Socket(target) as opened:
        opened.send(challenge(token))
        assert opened.next_frame() is None


def test_a_second_challenge_is_ignored_whatever_its_token(connect: Open, user: Http) -> None:
    """platform/websocket_router.go, ServeWebSocket: a connection with a token returns at once."""
    opened = connect(user)
    opened.send(challenge("wrong"))
    opened.send(challenge(user.token, 2))
    opened.send({"seq": 3, "action": "ping"})
    got = opened.reply()
    assert got["seq_reply"] == 3


def test_a_stale_cookie_goes_before_a_good_header(target: Target, user: Http) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: the cookie is looked at first."""
    with Socket(target, user.token, headers={"Cookie": "MMAUTHTOKEN=stale"}) as opened:
        assert opened.status == 101
        opened.send({"seq": 1, "action": "ping"})
        opened.send(challenge(user.token, 2))
        assert opened.message()["event"] == "hello"


def test_a_bare_token_in_the_header_is_no_token(target: Target, user: Http) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: a scheme is needed."""
    with Socket(target, headers={"Authorization": str(user.token)}) as opened:
        opened.send(challenge(user.token))
        assert opened.message()["event"] == "hello"


def test_parameters_for_resuming_are_ignored_without_a_session(target: Target, user: Http) -> None:
    """api4/websocket.go, connectWebSocket: an empty UserId makes a fresh id."""
    with Socket(target, "bad-token", "?connection_id=short") as opened:
        opened.send(challenge(user.token))
        assert opened.message()["event"] == "hello"


def test_without_a_session_the_socket_ends_after_5_s_without_a_frame(target: Target) -> None:
    """platform/web_conn.go, writePump: authCheckInterval."""
    with Socket(target, "bad-token") as opened:
        assert opened.status == 101
        assert opened.next_frame() is None


def test_a_challenge_with_seq_0_is_silence_up_to_the_deadline(target: Target, user: Http) -> None:
    """platform/websocket_router.go: bad_seq comes before the challenge, and its error reaches nobody."""
    with Socket(target) as opened:
        opened.send(challenge(user.token, 0))
        assert opened.next_frame() is None


def test_connecting_makes_the_user_online(connect: Open, scene: Scene) -> None:
    """platform/web_conn.go, NewWebConn; platform/status.go, SetStatusOnline."""
    user = scene.user()
    opened = connect(user)
    while opened.ask("get_statuses_by_ids", {"user_ids": [user.id]})["data"][user.id] != "online":
        pass


def test_the_last_socket_gone_makes_the_user_offline(connect: Open, user: Http, admin: Http) -> None:
    """platform/web_hub.go, unregister; platform/status.go, QueueSetStatusOffline (batches of 0.5 s)."""
    first, second = connect(user), connect(user)
    first.end()
    second.so_far()
    watcher = connect(admin)
    assert watcher.ask("get_statuses_by_ids", {"user_ids": [user.id]})["data"][user.id] == "online"
    second.end()
    while watcher.ask("get_statuses_by_ids", {"user_ids": [user.id]})["data"][user.id] != "offline":
        pass


def test_a_session_revoked_on_an_open_socket_makes_it_deaf(
    connect: Open, user: Http, admin: Http, room: Any
) -> None:
    """platform/web_conn.go, IsBasicAuthenticated: the token is wiped, the socket stays."""
    opened = connect(user)
    assert user.post("/users/logout").status == 200
    admin.made("/posts", {"channel_id": room["id"], "message": "unheard"})
    opened.send({"seq": 5, "action": "ping"})
    while "event" in (got := opened.message()):
        assert "unheard" not in str(got)
    assert got["seq_reply"] == 5
    assert got["error"]["id"] == "api.web_socket_router.not_authenticated.app_error"
    assert got["error"]["status_code"] == 401


def test_presence_is_answered_even_on_a_deaf_socket(connect: Open, user: Http) -> None:
    """platform/websocket_router.go, ServeWebSocket: presence comes before the check."""
    opened = connect(user)
    assert user.post("/users/logout").status == 200
    assert opened.ask("ping")["status"] == "FAIL"
    assert opened.ask("presence", {"channel_id": ""})["status"] == "OK"


def test_a_deaf_socket_is_revived_by_a_challenge_under_the_same_id(
    connect: Open, target: Target, user: Http, admin: Http, room: Any
) -> None:
    """platform/websocket_router.go: an empty token lets a challenge in; hello comes with the running seq."""
    opened = connect(user)
    fresh = type(user).login(target, user.user["username"], "a-Password-1")
    assert user.post("/users/logout").status == 200
    assert opened.ask("ping")["status"] == "FAIL"
    opened.send(challenge(fresh.token, 77))
    hello = opened.event("hello")
    assert hello["data"]["connection_id"] == opened.connection_id
    assert hello["seq"] > 0
    assert opened.message().get("seq_reply") == 77
    admin.made("/posts", {"channel_id": room["id"], "message": "heard"})
    assert opened.event("posted")["seq"] > hello["seq"]


def test_a_bad_challenge_on_a_deaf_socket_ends_it(connect: Open, user: Http) -> None:
    """platform/websocket_router.go, ServeWebSocket."""
    opened = connect(user)
    assert user.post("/users/logout").status == 200
    assert opened.ask("ping")["status"] == "FAIL"
    opened.send(challenge("wrong"))
    assert opened.next_frame() is None


def test_leaving_a_team_or_a_channel_is_no_end_of_the_session(
    connect: Open, user: Http, admin: Http, room: Any
) -> None:
    """platform/web_conn.go: only the audience changes."""
    opened = connect(user)
    assert admin.delete(f"/channels/{room['id']}/members/{user.id}").status == 200
    assert opened.event("user_removed")["data"]["channel_id"] == room["id"]
    assert admin.delete(f"/teams/{room['team_id']}/members/{user.id}").status == 200
    assert opened.event("leave_team")["data"] == {"team_id": room["team_id"], "user_id": user.id}
    assert opened.ask("ping")["status"] == "OK"


@pytest.mark.emulator_only(reason="a real server's clock cannot be driven")
def test_a_session_that_ends_within_its_first_5_s_is_closed(emulator: MattermostServer) -> None:
    """platform/web_conn.go, writePump: the check runs once."""
    from tests.conformance.target import Target
    from tests.conformance.websocket.peer import ready

    target = Target.of(emulator)
    user = emulator.create_user("early")
    tokens = [emulator.create_session(user["id"]) for _ in range(2)]
    with ready(target, _peer(target, tokens[0])) as early:
        emulator.revoke_session(tokens[0])
        assert early.ask("ping")["status"] == "FAIL"
        emulator.clock.advance(5_000)
        assert early.frame() is None
    with ready(target, _peer(target, tokens[1])) as late:
        late.so_far()
        emulator.clock.advance(5_000)
        emulator.revoke_session(tokens[1])
        assert late.ask("ping")["status"] == "FAIL"
        emulator.clock.advance(5_000)
        assert names(late.so_far()) == []


def _peer(target: Target, token: str) -> Http:
    from tests.conformance.http import Http

    return Http(target, token)
