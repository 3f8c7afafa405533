"""Whose request it is, and what a session is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY
from tests.conformance.scene import PASSWORD

if TYPE_CHECKING:
    from typing import Any

    from matterapi.testing import MattermostServer
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

EXPIRED = (401, "api.context.session_expired.app_error")
WRONG = (401, "api.user.login.invalid_credentials_email_username")


@pytest.mark.parametrize("scheme", ["Bearer", "BEARER", "bearer", "token", "Token"])
def test_the_scheme_of_the_header_is_bearer_or_token_in_any_case(
    target: Target, admin: Http, scheme: str
) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest."""
    answer = Http(target).get("/users/me", {"Authorization": f"{scheme} {admin.token}"})
    assert answer.json["id"] == admin.id


@pytest.mark.parametrize("value", ["Bearer  {}", "Basic {}", "{}", "Bearer"])
def test_another_scheme_or_a_second_space_is_no_token(target: Target, admin: Http, value: str) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: exactly one space."""
    answer = Http(target).get("/users/me", {"Authorization": value.format(admin.token)})
    assert answer.failure == EXPIRED


def test_a_cookie_goes_before_the_header(target: Target, admin: Http, scene: Scene) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: the cookie is looked at first."""
    other = scene.user()
    answer = admin.get("/users/me", {"Cookie": f"MMAUTHTOKEN={other.token}"})
    assert answer.json["id"] == other.id


def test_a_bad_cookie_hides_a_good_header(admin: Http) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: the first token found is the token."""
    assert admin.get("/users/me", {"Cookie": f"MMAUTHTOKEN={NOBODY}"}).failure == EXPIRED


def test_a_token_is_cut_to_fifty_characters(target: Target, admin: Http) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest: 26 characters and more are another token."""
    answer = Http(target).get("/users/me", {"Authorization": f"Bearer {admin.token}x"})
    assert answer.failure == EXPIRED


def test_a_session_in_the_query_is_refused_unless_it_is_oauth(target: Target, admin: Http) -> None:
    """web/handlers.go, ServeHTTP: TokenLocationQueryString."""
    answer = Http(target).get(f"/users/me?access_token={admin.token}")
    assert answer.failure == (401, "api.context.token_provided.app_error")


def test_without_a_token_a_session_route_is_401(target: Target) -> None:
    """web/context.go, SessionRequired."""
    answer = Http(target).get("/users/me")
    assert answer.failure == EXPIRED
    assert answer.json["request_id"] == answer.header("X-Request-Id")


def test_an_unknown_token_is_401_and_removes_the_cookie(target: Target) -> None:
    """web/handlers.go, ServeHTTP: RemoveSessionCookie."""
    answer = Http(target, NOBODY).get("/users/me")
    assert answer.failure == EXPIRED
    assert any(one.startswith("MMAUTHTOKEN=;") for one in answer.all("Set-Cookie"))


@pytest.mark.parametrize("path", ["/system/ping", "/license/client?format=old", "/config/client?format=old"])
def test_on_a_public_route_an_unknown_token_does_not_matter(target: Target, path: str) -> None:
    """web/handlers.go, ServeHTTP: only RequireSession makes it an error."""
    assert Http(target, NOBODY).get(path).status == 200


def _by_cookie(peer: Http, *more: str) -> dict[str, str]:
    return {"Cookie": "; ".join([f"MMAUTHTOKEN={peer.token}", *more])}


def _cookie_login(target: Target, scene: Scene) -> tuple[Http, str]:
    user = scene.user()
    body = {"login_id": user.user["username"], "password": PASSWORD}
    answer = Http(target).post("/users/login", body, {"X-Requested-With": "XMLHttpRequest"})
    csrf = next(one for one in answer.all("Set-Cookie") if one.startswith("MMCSRF="))
    return Http(target, answer.header("Token"), user.user), csrf.partition("=")[2].partition(";")[0]


def test_a_browser_login_sets_three_cookies(target: Target, scene: Scene) -> None:
    """app/login.go, AttachSessionCookies: only with X-Requested-With."""
    user = scene.user()
    body = {"login_id": user.user["username"], "password": PASSWORD}
    plain = Http(target).post("/users/login", body)
    browser = Http(target).post("/users/login", body, {"X-Requested-With": "XMLHttpRequest"})
    names = [one.partition("=")[0] for one in browser.all("Set-Cookie")]
    assert plain.all("Set-Cookie") == []
    assert sorted(names) == ["MMAUTHTOKEN", "MMCSRF", "MMUSERID"]


def test_by_cookie_a_get_needs_no_csrf_token(target: Target, scene: Scene) -> None:
    """web/handlers.go, checkCSRFToken: only for other verbs."""
    user, _ = _cookie_login(target, scene)
    assert Http(target).get("/users/me", _by_cookie(user)).json["id"] == user.id


def test_by_cookie_a_change_without_csrf_token_is_401_and_the_session_lives(
    target: Target, scene: Scene
) -> None:
    """web/handlers.go, checkCSRFToken: looks like an expired session."""
    user, _ = _cookie_login(target, scene)
    answer = Http(target).put("/users/me/patch", {"nickname": "x"}, _by_cookie(user))
    assert answer.failure == EXPIRED
    assert Http(target).get("/users/me", _by_cookie(user)).status == 200


def test_by_cookie_the_csrf_token_of_the_session_lets_a_change_pass(target: Target, scene: Scene) -> None:
    """web/handlers.go, checkCSRFToken: header X-CSRF-Token."""
    user, csrf = _cookie_login(target, scene)
    headers = {**_by_cookie(user), "X-CSRF-Token": csrf}
    assert Http(target).put("/users/me/patch", {"nickname": "x"}, headers).status == 200
    wrong = {**headers, "X-CSRF-Token": NOBODY}
    assert Http(target).put("/users/me/patch", {"nickname": "x"}, wrong).failure == EXPIRED


def test_by_cookie_the_browsers_header_stands_in_for_the_csrf_token(target: Target, scene: Scene) -> None:
    """web/handlers.go, checkCSRFToken: while ExperimentalStrictCSRFEnforcement is off."""
    user, _ = _cookie_login(target, scene)
    headers = {**_by_cookie(user), "X-Requested-With": "XMLHttpRequest"}
    assert Http(target).put("/users/me/patch", {"nickname": "x"}, headers).status == 200


def test_a_header_token_needs_no_csrf_token(scene: Scene) -> None:
    """web/handlers.go, checkCSRFToken: only where the token came by cookie."""
    assert scene.user().put("/users/me/patch", {"nickname": "x"}).status == 200


def test_a_login_answers_the_user_and_the_token_in_a_header(target: Target, scene: Scene) -> None:
    """api4/user.go, login: header Token, 26 characters."""
    user = scene.user()
    body = {"login_id": user.user["email"], "password": PASSWORD}
    answer = Http(target).post("/users/login", body)
    assert answer.status == 200
    assert answer.json["id"] == user.id
    assert len(str(answer.header("Token"))) == 26


def test_a_login_by_user_id_is_one_by_the_key_id(target: Target, scene: Scene) -> None:
    """api4/user.go, login: `id` goes before `login_id`."""
    user = scene.user()
    assert Http(target).post("/users/login", {"id": user.id, "password": PASSWORD}).status == 200


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"password": "wrong-Password-1"}, WRONG),
        ({"login_id": "nobody-of-that-name"}, WRONG),
        ({"login_id": ""}, WRONG),
        ({"password": ""}, (400, "api.user.login.blank_pwd.app_error")),
        ({"password": 5}, (400, "api.user.login.blank_pwd.app_error")),
        ({"login_id": 5}, WRONG),
    ],
)
def test_a_login_with_something_wrong_tells_not_what(
    target: Target, scene: Scene, changes: dict[str, Any], failure: tuple[int, str]
) -> None:
    """api4/user.go, login: unmasked errors are few; values that are no strings count as absent."""
    body = {"login_id": scene.user().user["username"], "password": PASSWORD, **changes}
    assert Http(target).post("/users/login", body).failure == failure


def test_a_login_of_a_deactivated_account_says_so(target: Target, admin: Http, scene: Scene) -> None:
    """app/authentication.go, CheckUserPostflightAuthenticationCriteria."""
    user = scene.user()
    assert admin.delete(f"/users/{user.id}").status == 200
    answer = Http(target).post("/users/login", {"login_id": user.user["username"], "password": PASSWORD})
    assert answer.failure == (401, "api.user.login.inactive.app_error")


def test_deactivating_ends_the_sessions(admin: Http, scene: Scene) -> None:
    """app/user.go, UpdateActive: RevokeAllSessions."""
    user = scene.user()
    admin.delete(f"/users/{user.id}")
    assert user.get("/users/me").failure == EXPIRED


@pytest.mark.parametrize("token", [None, NOBODY])
def test_logout_is_always_200(target: Target, token: str | None) -> None:
    """api4/user.go, logout: APIHandler, no session asked for."""
    answer = Http(target, token).post("/users/logout")
    assert (answer.status, answer.json) == (200, {"status": "OK"})


def test_logout_ends_its_own_session_only(target: Target, scene: Scene) -> None:
    """api4/user.go, Logout: RevokeSessionById."""
    user = scene.user()
    second = Http.login(target, user.user["username"], PASSWORD)
    assert second.post("/users/logout").status == 200
    assert second.get("/users/me").failure == EXPIRED
    assert user.get("/users/me").status == 200


def test_sessions_are_listed_without_tokens_and_revoked_by_id(target: Target, scene: Scene) -> None:
    """api4/user.go, getSessions (Sanitize) and revokeSession."""
    user = scene.user()
    (own,) = user.get("/users/me/sessions").json
    second = Http.login(target, user.user["username"], PASSWORD)
    sessions = user.get("/users/me/sessions").json
    assert [one["token"] for one in sessions] == ["", ""]
    (other,) = {one["id"] for one in sessions} - {own["id"]}
    assert user.post("/users/me/sessions/revoke", {"session_id": other}).status == 200
    assert second.get("/users/me").failure == EXPIRED
    assert user.get("/users/me").status == 200


def test_revoking_all_sessions_ends_the_callers_too(scene: Scene) -> None:
    """api4/user.go, revokeAllSessionsForUser."""
    user = scene.user()
    assert user.post("/users/me/sessions/revoke/all").status == 200
    assert user.get("/users/me").failure == EXPIRED


def _with_token(scene: Scene, target: Target) -> tuple[Http, dict[str, Any], Http]:
    user = scene.user()
    roles = {"roles": "system_user system_user_access_token"}
    assert scene.admin.put(f"/users/{user.id}/roles", roles).status == 200
    user = Http.login(target, user.user["username"], PASSWORD)
    token = user.made("/users/me/tokens", {"description": "facts"})
    return user, token, Http(target, token["token"], user.user)


def test_a_personal_token_works_like_a_session_and_survives_logout(target: Target, scene: Scene) -> None:
    """app/session.go, createSessionForUserAccessToken; api4/user.go, Logout."""
    _, _, personal = _with_token(scene, target)
    assert personal.get("/users/me").json["id"] == personal.id
    assert personal.post("/users/logout").status == 200
    assert personal.get("/users/me").status == 200


def test_a_disabled_personal_token_is_401_and_enabling_revives_it(target: Target, scene: Scene) -> None:
    """app/session.go, DisableUserAccessToken and EnableUserAccessToken."""
    user, token, personal = _with_token(scene, target)
    body = {"token_id": token["id"]}
    assert user.post("/users/tokens/disable", body).status == 200
    assert personal.get("/users/me").failure == EXPIRED
    assert user.post("/users/tokens/enable", body).status == 200
    assert personal.get("/users/me").status == 200


def test_a_revoked_personal_token_is_gone(target: Target, scene: Scene) -> None:
    """app/session.go, RevokeUserAccessToken."""
    user, token, personal = _with_token(scene, target)
    assert user.post("/users/tokens/revoke", {"token_id": token["id"]}).status == 200
    assert personal.get("/users/me").failure == EXPIRED


def test_a_personal_token_is_shown_once(target: Target, scene: Scene) -> None:
    """api4/user.go, getUserAccessToken: Sanitize."""
    user, token, _ = _with_token(scene, target)
    assert "token" not in user.get(f"/users/tokens/{token['id']}").json


def test_an_ordinary_user_may_not_make_personal_tokens(scene: Scene) -> None:
    """api4/user.go, createUserAccessToken: create_user_access_token."""
    answer = scene.user().post("/users/me/tokens", {"description": "facts"})
    assert answer.failure == (403, "api.context.permissions.app_error")


def test_a_bot_cannot_log_in(target: Target, admin: Http, scene: Scene) -> None:
    """app/login.go, AuthenticateUserForLogin: a bot has no password."""
    bot = admin.made("/bots", {"username": scene.user().user["username"] + "b"})
    answer = Http(target).post("/users/login", {"login_id": bot["username"], "password": PASSWORD})
    assert answer.failure == (401, "api.user.login.bot_login_forbidden.app_error")


def test_a_bots_token_needs_no_role(target: Target, admin: Http, scene: Scene) -> None:
    """app/session.go, createSessionForUserAccessToken: bots are exempt from the setting."""
    bot = admin.made("/bots", {"username": scene.user().user["username"] + "b"})
    token = admin.made(f"/users/{bot['user_id']}/tokens", {"description": "facts"})
    assert Http(target, token["token"]).get("/users/me").json["is_bot"] is True


def test_a_new_password_needs_the_current_one(target: Target, scene: Scene) -> None:
    """api4/user.go, updatePassword."""
    user = scene.user()
    body = {"current_password": "wrong-Password-1", "new_password": "b-Password-2"}
    answer = user.put("/users/me/password", body)
    assert answer.failure == (400, "api.user.update_password.incorrect.app_error")
    assert user.put("/users/me/password", {**body, "current_password": PASSWORD}).status == 200
    assert Http.login(target, user.user["username"], "b-Password-2").id == user.id


@pytest.mark.emulator_only(reason="a session of a real server lasts days")
def test_an_expired_session_is_401(emulator: MattermostServer) -> None:
    """app/session.go, GetSession: IsExpired."""
    from tests.conformance.target import Target

    admin = Http(Target.of(emulator), emulator.admin.token)
    assert admin.get("/users/me").status == 200
    emulator.clock.advance(181 * 86_400_000)
    assert admin.get("/users/me").failure == EXPIRED


def test_a_token_comes_with_a_login_alone_and_is_never_empty(target: Target, scene: Scene) -> None:
    """api4/user.go, login: the header is set where a session was made."""
    user = scene.user()
    nobody = Http(target)
    good = nobody.post("/users/login", {"login_id": user.user["username"], "password": PASSWORD})
    assert [len(token) for token in good.all("Token")] == [26]
    wrong = nobody.post("/users/login", {"login_id": user.user["username"], "password": "wrong-Password-1"})
    assert (wrong.status, wrong.all("Token")) == (401, [])
    assert user.get("/users/me").all("Token") == []
    assert user.post("/users/logout").all("Token") == []
