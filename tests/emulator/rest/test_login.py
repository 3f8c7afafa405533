from __future__ import annotations

from typing import TYPE_CHECKING

from matterapi.testing.state.second_factor import code_at
from tests.emulator.peer import Peer

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer


def test_login_gives_a_session_token_in_the_token_header(server: MattermostServer) -> None:
    body = {"login_id": server.admin.username, "password": server.admin.password}
    answer = Peer(server).post("/users/login", body)
    assert answer.status == 200
    assert answer.json["id"] == server.admin.id
    assert "Set-Cookie" not in answer.headers
    me = Peer(server, answer.headers["Token"]).get("/users/me")
    assert me.json["username"] == "admin"


def test_login_works_by_email_and_by_id(server: MattermostServer) -> None:
    for key, value in (("login_id", "ADMIN@example.org"), ("id", server.admin.id)):
        answer = Peer(server).post("/users/login", {key: value, "password": server.admin.password})
        assert answer.status == 200, key


def test_values_of_the_login_body_that_are_no_strings_count_as_absent(server: MattermostServer) -> None:
    for body in ({"login_id": 5, "password": True}, {}, b"{broken"):
        answer = Peer(server).post("/users/login", body)
        assert (answer.status, answer.error_id) == (400, "api.user.login.blank_pwd.app_error")


def test_a_wrong_password_is_401(server: MattermostServer) -> None:
    answer = Peer(server).post("/users/login", {"login_id": "admin", "password": "wrong"})
    assert answer.status == 401
    assert answer.error_id == "api.user.login.invalid_credentials_email_username"


def test_mfa_refusals_are_401_and_differ_by_id_only(server: MattermostServer) -> None:
    user = server.create_user("careful", "a-Password-1")
    peer = Peer(server, server.create_session(user["id"]))
    secret = peer.post("/users/me/mfa/generate").json["secret"]
    server.clock.freeze()
    now = server.clock.now()
    assert peer.put("/users/me/mfa", {"activate": True, "code": code_at(secret, now)}).status == 200
    login = {"login_id": "careful", "password": "a-Password-1"}
    anybody = Peer(server)
    missing = anybody.post("/users/login", login)
    assert (missing.status, missing.error_id) == (401, "mfa.validate_token.authenticate.app_error")
    wrong = anybody.post("/users/login", {**login, "token": "000000"})
    assert (wrong.status, wrong.error_id) == (401, "api.user.check_user_mfa.bad_code.app_error")
    replayed = anybody.post("/users/login", {**login, "token": code_at(secret, now)})
    assert replayed.error_id == "api.user.check_user_mfa.bad_code.app_error"
    later = {**login, "token": code_at(secret, now + 30_000)}
    assert anybody.post("/users/login", later).status == 200


def test_logout_ends_the_session_and_is_always_200(server: MattermostServer) -> None:
    peer = Peer(server, server.create_session(server.admin.id))
    assert peer.post("/users/logout").json == {"status": "OK"}
    refused = peer.get("/users/me")
    assert (refused.status, refused.error_id) == (401, "api.context.session_expired.app_error")
    assert refused.headers["Set-Cookie"].startswith("MMAUTHTOKEN=;")
    assert peer.post("/users/logout").status == 200


def test_a_cookie_goes_before_the_header_and_needs_the_csrf_header(server: MattermostServer) -> None:
    body = {"login_id": "admin", "password": server.admin.password}
    login = Peer(server).call(
        "POST", "/api/v4/users/login", body, headers={"X-Requested-With": "XMLHttpRequest"}
    )
    cookie = f"MMAUTHTOKEN={login.headers['Token']}"
    assert Peer(server, "wrong").get("/users/me", Cookie=cookie).status == 200
    assert Peer(server, server.admin.token).get("/users/me", Cookie="MMAUTHTOKEN=wrong").status == 401
    path = "/api/v4/users/me/patch"
    refused = Peer(server).call("PUT", path, {"nickname": "x"}, headers={"Cookie": cookie})
    assert refused.status == 401
    headers = {"Cookie": cookie, "X-Requested-With": "XMLHttpRequest"}
    assert Peer(server).call("PUT", path, {"nickname": "x"}, headers=headers).status == 200


def test_the_scheme_of_the_authorization_header_is_bearer_or_token_in_any_case(
    server: MattermostServer,
) -> None:
    for scheme in ("Bearer", "bEaReR", "token"):
        assert Peer(server).get("/users/me", Authorization=f"{scheme} {server.admin.token}").status == 200
    for header in (server.admin.token, "Basic eDp5", f"Bearer  {server.admin.token}"):
        assert Peer(server).get("/users/me", Authorization=header).status == 401


def test_a_personal_token_survives_logout_and_ends_when_disabled(server: MattermostServer) -> None:
    admin = Peer(server, server.admin.token)
    made = admin.post("/users/me/tokens", {"description": "for a bot"}).json
    personal = Peer(server, made["token"])
    assert personal.get("/users/me").status == 200
    personal.post("/users/logout")
    assert personal.get("/users/me").status == 200
    admin.post("/users/tokens/disable", {"token_id": made["id"]})
    assert personal.get("/users/me").status == 401
    admin.post("/users/tokens/enable", {"token_id": made["id"]})
    assert personal.get("/users/me").status == 200
    assert "token" not in admin.get(f"/users/tokens/{made['id']}").json


def test_a_revoked_session_is_401_at_once(server: MattermostServer) -> None:
    token = server.create_session(server.admin.id)
    server.revoke_session(token)
    assert Peer(server, token).get("/users/me").status == 401
