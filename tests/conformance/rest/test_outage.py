"""A server whose database is away. The answers were observed on an 11.2 server whose database was stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY
from tests.conformance.scene import PASSWORD
from tests.conformance.target import Target
from tests.conformance.websocket.peer import Socket, ready

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matterapi.testing import MattermostServer

pytestmark = pytest.mark.emulator_only(reason="the database of a real server would have to be stopped")
EXPIRED = (401, "api.context.session_expired.app_error")


@pytest.fixture
def admin(emulator: MattermostServer) -> Http:
    """The admin, whose session is in use."""
    admin = Http(Target.of(emulator), emulator.admin.token)
    admin.user = admin.get("/users/me").json
    return admin


@pytest.fixture
def places(admin: Http) -> dict[str, str]:
    team = admin.made("/teams", {"name": "facts", "display_name": "facts", "type": "O"})
    channel = admin.get(f"/teams/{team['id']}/channels/name/town-square").json
    post = admin.made("/posts", {"channel_id": channel["id"], "message": "x"})
    return {
        "me": admin.id,
        "team": team["id"],
        "channel": channel["id"],
        "post": post["id"],
        "nobody": NOBODY,
    }


@pytest.fixture
def away(emulator: MattermostServer, places: dict[str, str]) -> Iterator[dict[str, str]]:
    """Ids of what is there, while the database is away."""
    with emulator.database_down():
        yield places


@pytest.mark.usefixtures("away")
def test_the_status_ping_says_so(admin: Http) -> None:
    """api4/system.go, getSystemPing: 500, or 200 with REST semantics; the plain ping is fine."""
    assert admin.get("/system/ping").json["status"] == "OK"
    answer = admin.get("/system/ping?get_server_status=true")
    assert (answer.status, answer.json["status"], answer.json["database_status"]) == (
        500,
        "UNHEALTHY",
        "UNHEALTHY",
    )
    answer = admin.get("/system/ping?get_server_status=true&use_rest_semantics=true")
    assert (answer.status, answer.json["status"]) == (200, "UNHEALTHY")


def test_a_good_token_looks_expired_unless_it_was_used_lately(
    emulator: MattermostServer, admin: Http
) -> None:
    """app/session.go, GetSession: the error of the store is not looked at."""
    fresh = Http(admin.target, emulator.create_session(admin.id))
    with emulator.database_down():
        assert fresh.get("/users/me").failure == EXPIRED
        assert admin.get("/users/me").status == 500
        emulator.clock.advance(11 * 60_000)
        assert admin.get("/users/me").failure == EXPIRED
    assert fresh.get("/users/me").status == 200
    assert admin.get("/users/me").status == 200


@pytest.mark.usefixtures("away")
def test_a_login_looks_wrong(emulator: MattermostServer, admin: Http) -> None:
    """api4/user.go, login: errors are masked."""
    login = {"login_id": emulator.admin.username, "password": emulator.admin.password}
    answer = Http(admin.target).post("/users/login", login)
    assert answer.failure == (401, "api.user.login.invalid_credentials_email_username")


@pytest.mark.parametrize(
    ("route", "status", "error_id"),
    [
        ("GET /users/me", 500, "app.user_terms_of_service.get_by_user.app_error"),
        ("GET /users/{nobody}", 500, "app.user.get_by_username.app_error"),
        ("GET /users", 500, "app.user.get_profiles.app_error"),
        ("GET /users/me/teams", 500, "app.team.get_all.app_error"),
        ("GET /teams/{team}", 500, "app.team.get.finding.app_error"),
        ("GET /teams/name/facts", 404, "app.team.get_by_name.app_error"),
        ("GET /teams/{team}/members", 500, "app.team.get_members.app_error"),
        ("GET /channels/{nobody}", 500, "app.channel.get.find.app_error"),
        ("GET /channels/{channel}/members", 500, "app.channel.get_members.app_error"),
        ("GET /channels/{channel}/posts", 500, "app.post.get_root_posts.app_error"),
        ("GET /channels/{channel}/posts?since=5", 500, "app.post.get_posts_since.app_error"),
        ("GET /posts/{post}", 500, "app.post.get.app_error"),
        ("GET /posts/{post}/thread", 500, "app.post.get.app_error"),
        ("DELETE /posts/{post}", 500, "app.post.get.app_error"),
        ("GET /users/me/preferences", 400, "app.preference.get_all.app_error"),
        ("GET /users/me/sessions", 500, "app.session.get_sessions.app_error"),
        ("GET /roles", 500, "app.role.get_all.app_error"),
        ("GET /bots", 500, "app.bot.getbots.internal_error"),
    ],
)
def test_what_needs_the_database_fails(
    admin: Http, away: dict[str, str], route: str, status: int, error_id: str
) -> None:
    """app/*.go: each with the error of the first thing that it looks up."""
    verb, _, path = route.partition(" ")
    assert admin.call(verb, "/api/v4" + path.format(**away)).failure == (status, error_id)


def test_nothing_is_written(admin: Http, emulator: MattermostServer, places: dict[str, str]) -> None:
    """app/post.go, CreatePost; api4/post.go, patchPost: the permission cannot be looked up."""
    body = {"channel_id": places["channel"], "message": "lost"}
    with emulator.database_down():
        assert admin.post("/posts", body).failure == (500, "app.post.save.app_error")
        patched = admin.put(f"/posts/{places['post']}/patch", {"message": "z"})
        assert patched.failure == (403, "api.context.permissions.app_error")
        assert admin.post("/users/logout").failure == (400, "app.session.get.app_error")
    posts = admin.get(f"/channels/{places['channel']}/posts").json["posts"].values()
    messages = [one["message"] for one in posts]
    assert "lost" not in messages
    assert "x" in messages


def test_what_is_in_memory_is_answered(admin: Http, away: dict[str, str]) -> None:
    """store/localcachelayer: channels and profiles; app/platform/status.go."""
    assert admin.get(f"/channels/{away['channel']}").json["id"] == away["channel"]
    assert [one["id"] for one in admin.post("/users/ids", [admin.id]).json] == [admin.id]
    assert admin.post("/users/ids", [NOBODY]).failure == (500, "app.user.get_profiles.app_error")
    assert admin.get("/users/me/status").status == 200
    assert admin.get("/config/client?format=old").status == 200


def test_the_list_of_channels_fails_after_its_bracket(admin: Http, away: dict[str, str]) -> None:
    """api4/channel.go, getChannelsForUser: 200 and no JSON."""
    answer = admin.get("/users/me/channels")
    assert (answer.status, away["me"]) == (200, admin.id)
    assert answer.body.startswith(b'[{"id":"app.channel.get_channels.get.app_error"')


def test_a_socket_is_taken_and_never_says_hello(emulator: MattermostServer, admin: Http) -> None:
    """api4/websocket.go, connectWebSocket: 101 with a session that is none; closed after 5 s."""
    account = emulator.create_user("fresh", PASSWORD)
    token = emulator.create_session(account["id"])
    with emulator.database_down():
        opened = Socket(admin.target, token)
        assert opened.status == 101
        emulator.clock.advance(5_000)
        assert opened.rest() == []
        opened.end()
    with ready(admin.target, Http(admin.target, token)) as later:
        assert later.connection_id


def test_an_open_socket_lives_on(emulator: MattermostServer, admin: Http) -> None:
    """platform/web_conn.go, IsAuthenticated: by the session in memory."""
    with ready(admin.target, admin) as opened:
        with emulator.database_down():
            assert opened.ask("ping")["status"] == "OK"
        body: dict[str, Any] = {"name": "facts", "display_name": "facts", "type": "O"}
        admin.made("/teams", body)
        assert opened.event("added_to_team")["data"]["user_id"] == admin.id
