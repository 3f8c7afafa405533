"""Sessions that grow older, their cookies, and the second factor."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.scene import PASSWORD
from tests.conformance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from matterapi.testing import MattermostServer
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

HOUR_MS = 3_600_000
COOKIES = ["MMAUTHTOKEN", "MMUSERID", "MMCSRF"]
INVALID = "mfa.validate_token.authenticate.app_error"
BAD = "api.user.check_user_mfa.bad_code.app_error"


def _names(cookies: list[str]) -> list[str]:
    return [one.partition("=")[0] for one in cookies]


@pytest.fixture
def ageing(admin: Http, scene: Scene, team: Any, channel: Any) -> Iterator[tuple[Http, Any]]:
    """A user in a channel whose session was made when sessions were a day shorter than they are now."""
    hours = admin.get("/config").json["ServiceSettings"]["SessionLengthWebInHours"]
    user = scene.user(team)
    scene.admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    with settings(
        admin, "ServiceSettings", SessionLengthWebInHours=hours + 48, ExtendSessionLengthWithActivity=True
    ):
        yield user, channel


def _post(user: Http, channel: Any) -> Any:
    return user.post("/posts", {"channel_id": channel["id"], "message": "x"})


def test_a_post_extends_an_ageing_session_and_sends_its_cookies(ageing: tuple[Http, Any]) -> None:
    """api4/post.go, createPost: ExtendSessionExpiryIfNeeded; app/session.go."""
    user, channel = ageing
    (before,) = user.get("/users/me/sessions").json
    cookies = _post(user, channel).all("Set-Cookie")
    (after,) = user.get("/users/me/sessions").json
    assert _names(cookies) == COOKIES
    assert after["expires_at"] - before["expires_at"] > 47 * HOUR_MS
    assert cookies[0].startswith(f"MMAUTHTOKEN={user.token}; Path=/; Expires=")
    assert re.fullmatch(r".*; Max-Age=\d+; HttpOnly", cookies[0])
    assert re.fullmatch(rf"MMUSERID={user.id}; Path=/; Expires=[^;]+ GMT; Max-Age=\d+", cookies[1])


def test_an_extended_session_is_young_again(ageing: tuple[Http, Any]) -> None:
    """app/session.go, ExtendSessionExpiryIfNeeded: under the threshold nothing happens."""
    user, channel = ageing
    assert _post(user, channel).all("Set-Cookie")
    assert _post(user, channel).all("Set-Cookie") == []


def test_looking_at_a_channel_extends_a_session_and_reading_does_not(ageing: tuple[Http, Any]) -> None:
    """api4/channel.go, viewChannel: ExtendSessionExpiryIfNeeded."""
    user, channel = ageing
    assert user.get(f"/channels/{channel['id']}/posts").all("Set-Cookie") == []
    assert user.put("/users/me/patch", {"nickname": "x"}).all("Set-Cookie") == []
    answer = user.post("/channels/members/me/view", {"channel_id": channel["id"]})
    assert _names(answer.all("Set-Cookie")) == COOKIES


def test_a_refused_post_extends_nothing(ageing: tuple[Http, Any], scene: Scene) -> None:
    """api4/post.go, createPost: only what was written."""
    user, _ = ageing
    other = scene.channel(scene.team())
    answer = _post(user, other)
    assert (answer.status, answer.all("Set-Cookie")) == (403, [])


def test_a_personal_token_is_never_extended(ageing: tuple[Http, Any], target: Target, admin: Http) -> None:
    """app/session.go, createSessionForUserAccessToken: it ends in a hundred years."""
    _, channel = ageing
    token = admin.made("/users/me/tokens", {"description": "facts"})
    assert _post(Http(target, token["token"]), channel).all("Set-Cookie") == []


def test_without_the_setting_no_session_is_extended(ageing: tuple[Http, Any], admin: Http) -> None:
    """app/session.go, ExtendSessionExpiryIfNeeded: ExtendSessionLengthWithActivity."""
    user, channel = ageing
    with settings(admin, "ServiceSettings", ExtendSessionLengthWithActivity=False):
        assert _post(user, channel).all("Set-Cookie") == []


def test_a_client_that_keeps_those_cookies_fails_at_its_next_change(ageing: tuple[Http, Any]) -> None:
    """app/authentication.go, ParseAuthTokenFromRequest; web/handlers.go, checkCSRFToken: the cookie trap."""
    user, channel = ageing
    cookies = "; ".join(one.partition(";")[0] for one in _post(user, channel).all("Set-Cookie"))
    jar = {"Cookie": cookies}
    body = {"channel_id": channel["id"], "message": "x"}
    refused = user.post("/posts", body, jar)
    assert refused.failure == (401, "api.context.session_expired.app_error")
    assert refused.all("Set-Cookie") == ["MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly"]
    assert user.get("/users/me", jar).status == 200
    csrf = re.search(r"MMCSRF=(\w+)", cookies)
    assert csrf is not None
    assert user.post("/posts", body, {**jar, "X-CSRF-Token": csrf[1]}).status == 201


def test_strict_enforcement_takes_no_header_for_the_token(ageing: tuple[Http, Any], admin: Http) -> None:
    """web/handlers.go, checkCSRFToken: ExperimentalStrictCSRFEnforcement."""
    user, channel = ageing
    jar = {"Cookie": f"MMAUTHTOKEN={user.token}", "X-Requested-With": "XMLHttpRequest"}
    body = {"channel_id": channel["id"], "message": "x"}
    assert user.post("/posts", body, jar).status == 201
    with settings(admin, "ServiceSettings", ExperimentalStrictCSRFEnforcement=True):
        assert user.post("/posts", body, jar).failure[0] == 401


def test_a_session_lives_as_long_as_the_settings_say(target: Target, admin: Http, scene: Scene) -> None:
    """app/login.go, DoLogin: SessionLengthWebInHours."""
    user = scene.user()
    with settings(admin, "ServiceSettings", SessionLengthWebInHours=5):
        second = Http.login(target, user.user["username"], PASSWORD)
    newest = second.get("/users/me/sessions").json[0]
    assert abs(newest["expires_at"] - newest["create_at"] - 5 * HOUR_MS) < 60_000


def _code(secret: str, periods: int = 0) -> str:
    """Return the code of RFC 6238 for the present, or for some periods of 30 s later."""
    counter = int(time.time()) // 30 + periods
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), hashlib.sha1)
    start = digest[19] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


@pytest.fixture
def mfa(admin: Http) -> Iterator[None]:
    with settings(admin, "ServiceSettings", EnableMultifactorAuthentication=True):
        yield


def _enrolled(scene: Scene) -> tuple[Http, str]:
    """Return a user and his secret; the code of the period before this one is used up."""
    user = scene.user()
    answer = user.post("/users/me/mfa/generate")
    assert answer.header("Cache-Control") == "no-cache"
    secret = answer.json["secret"]
    assert user.put("/users/me/mfa", {"activate": True, "code": _code(secret, -1)}).status == 200
    return user, secret


def _login(target: Target, user: Http, **more: str) -> Any:
    return Http(target).post(
        "/users/login", {"login_id": user.user["username"], "password": PASSWORD, **more}
    )


@pytest.mark.usefixtures("mfa")
@pytest.mark.parametrize("token", [None, "", "12345", "abcdef"])
def test_without_six_digits_the_second_factor_is_missing(
    target: Target, scene: Scene, token: str | None
) -> None:
    """app/authentication.go, CheckUserMfa; dgoogauth, Authenticate."""
    user, _ = _enrolled(scene)
    answer = _login(target, user, **({} if token is None else {"token": token}))
    assert answer.failure == (401, INVALID)


@pytest.mark.usefixtures("mfa")
def test_a_wrong_code_has_another_id(target: Target, scene: Scene) -> None:
    """app/authentication.go, CheckUserMfa."""
    user, secret = _enrolled(scene)
    wrong = f"{(int(_code(secret)) + 1) % 10**6:06}"
    assert _login(target, user, token=wrong).failure == (401, BAD)


@pytest.mark.usefixtures("mfa")
def test_a_code_opens_one_session(target: Target, scene: Scene) -> None:
    """platform/shared/mfa, ValidateToken: StoreMfaUsedTimestamps."""
    user, secret = _enrolled(scene)
    code = _code(secret, 1)
    assert _login(target, user, token=code).status == 200
    assert _login(target, user, token=code).failure == (401, BAD)


@pytest.mark.usefixtures("mfa")
def test_a_question_without_a_code_is_no_failed_attempt(target: Target, admin: Http, scene: Scene) -> None:
    """app/authentication.go, CheckPasswordAndAllCriteria: only a code counts."""
    user, secret = _enrolled(scene)
    with settings(admin, "ServiceSettings", MaximumLoginAttempts=2):
        assert {_login(target, user).error_id for _ in range(4)} == {INVALID}
        assert _login(target, user, token=_code(secret, 1)).status == 200


@pytest.mark.usefixtures("mfa")
def test_the_password_is_looked_at_before_the_code(target: Target, scene: Scene) -> None:
    """app/authentication.go, CheckPasswordAndAllCriteria."""
    user, _ = _enrolled(scene)
    answer = _login(target, user, password="wrong-Password-1")
    assert answer.error_id == "api.user.login.invalid_credentials_email_username"


@pytest.mark.usefixtures("mfa")
def test_a_wrong_code_activates_nothing(scene: Scene) -> None:
    """app/user.go, ActivateMfa."""
    user = scene.user()
    secret = user.post("/users/me/mfa/generate").json["secret"]
    wrong = f"{(int(_code(secret)) + 1) % 10**6:06}"
    answer = user.put("/users/me/mfa", {"activate": True, "code": wrong})
    assert answer.failure == (401, "mfa.activate.bad_token.app_error")
    answer = user.put("/users/me/mfa", {"activate": True})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")
    answer = user.put("/users/me/mfa", {})
    assert answer.failure == (400, "api.context.invalid_body_param.app_error")


@pytest.mark.usefixtures("mfa")
def test_the_second_factor_can_be_taken_away(target: Target, scene: Scene) -> None:
    """app/user.go, DeactivateMfa."""
    user, _ = _enrolled(scene)
    assert user.put("/users/me/mfa", {"activate": False}).status == 200
    assert _login(target, user).status == 200


def test_without_the_setting_nobody_is_asked(target: Target, admin: Http, scene: Scene) -> None:
    """app/user.go, GenerateMfaSecret; app/authentication.go, CheckUserMfa."""
    with settings(admin, "ServiceSettings", EnableMultifactorAuthentication=True):
        user, _ = _enrolled(scene)
    with settings(admin, "ServiceSettings", EnableMultifactorAuthentication=False):
        assert _login(target, user).status == 200
        assert user.post("/users/me/mfa/generate").failure == (501, "mfa.mfa_disabled.app_error")


def test_without_a_licence_nobody_has_to_set_it_up(admin: Http, scene: Scene) -> None:
    """app/authentication.go, MFARequired: the licence is looked at first."""
    user = scene.user()
    enforced = {"EnableMultifactorAuthentication": True, "EnforceMultifactorAuthentication": True}
    with settings(admin, "ServiceSettings", **enforced):
        assert user.get("/users/me/teams").status == 200


@pytest.mark.emulator_only(reason="a real server needs a licence for it")
@pytest.mark.emulator_config(
    licensed=True,
    config={"ServiceSettings": {"EnforceMultifactorAuthentication": True}},
)
def test_with_one_it_is_asked_of_everybody_but_bots(emulator: MattermostServer) -> None:
    """app/authentication.go, MFARequired; api4/user.go: APISessionRequiredMfa."""
    from tests.conformance.target import Target

    target = Target.of(emulator)
    account = emulator.create_user("careful", PASSWORD)
    user = Http(target, emulator.create_session(account["id"]), account)
    required = (403, "api.context.mfa_required.app_error")
    assert user.get("/users/me/teams").failure == required
    assert user.get("/users/me").status == 200
    assert user.get(f"/users/{user.id}").failure == required
    assert user.get("/config/client?format=old").status == 200
    admin = Http(target, emulator.admin.token)
    assert admin.post("/bots", {"username": "helper"}).failure == required
    for one in (user, admin):
        secret = one.post("/users/me/mfa/generate").json["secret"]
        assert one.put("/users/me/mfa", {"activate": True, "code": _code(secret)}).status == 200
        assert one.get("/users/me/teams").status == 200
    bot = admin.made("/bots", {"username": "helper"})
    token = admin.made(f"/users/{bot['user_id']}/tokens", {"description": "facts"})["token"]
    assert Http(target, token).get("/users/me/teams").status == 200
