"""The settings: reading them, changing them, and what takes effect at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from matterapi.testing import MattermostServer
from tests.conformance.http import Http
from tests.conformance.rest.wire import form
from tests.conformance.scene import PASSWORD, fresh_name
from tests.conformance.settings import settings
from tests.conformance.target import Target

if TYPE_CHECKING:
    from typing import Any

    from tests.conformance.scene import Scene

MASK = "*" * 32
FORBIDDEN = (403, "api.context.permissions.app_error")


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("GET", "/config", None),
        ("PUT", "/config", {"TeamSettings": {"SiteName": "x"}}),
        ("PUT", "/config/patch", {"TeamSettings": {"SiteName": "x"}}),
        ("POST", "/config/reload", None),
    ],
)
def test_the_settings_are_no_ordinary_users_business(scene: Scene, verb: str, path: str, body: Any) -> None:
    """api4/config.go: SessionHasPermissionToAny of the system console's permissions."""
    assert scene.user().call(verb, "/api/v4" + path, body).failure == FORBIDDEN


def test_secrets_are_masked(admin: Http) -> None:
    """model/config.go, Config.Sanitize."""
    answer = admin.get("/config")
    assert answer.json["SqlSettings"]["DataSource"] == MASK
    assert answer.header("Cache-Control") == "no-cache, no-store, must-revalidate"


def test_masked_settings_can_be_left_out(admin: Http) -> None:
    """model/config.go, FilterConfig: remove_masked."""
    shown = admin.get("/config?remove_masked=true").json
    assert "DataSource" not in shown["SqlSettings"]
    assert "DriverName" in shown["SqlSettings"]


def test_defaults_can_be_left_out(admin: Http) -> None:
    """model/config.go, FilterConfig: remove_defaults."""
    with settings(admin, "TeamSettings", SiteName="Facts"):
        shown = admin.get("/config?remove_defaults=true").json
    assert shown["TeamSettings"]["SiteName"] == "Facts"
    assert "RateLimitSettings" not in shown


def test_a_patch_changes_what_it_names_and_answers_everything(admin: Http) -> None:
    """api4/config.go, patchConfig: config.Merge."""
    before = admin.get("/config").json
    with settings(admin, "TeamSettings", SiteName="Facts"):
        after = admin.get("/config").json
        assert admin.get("/config/client?format=old").json["SiteName"] == "Facts"
    assert after["TeamSettings"] == {**before["TeamSettings"], "SiteName": "Facts"}
    assert after.keys() == before.keys()
    assert admin.get("/config").json == before


def test_the_version_header_changes_with_what_clients_see(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: ClientConfigHash."""
    before = admin.get("/users/me").header("X-Version-Id")
    with settings(admin, "TeamSettings", SiteName="Facts"):
        assert admin.get("/users/me").header("X-Version-Id") != before
    assert admin.get("/users/me").header("X-Version-Id") == before


def test_unknown_settings_and_nulls_are_passed_over(admin: Http) -> None:
    """encoding/json: fields that are not there are ignored, a null is a pointer to nothing."""
    before = admin.get("/config").json
    patch = {"TeamSettings": {"SiteName": None, "NoSuchSetting": 1}, "NoSuchSettings": {"x": 1}}
    answer = admin.put("/config/patch", patch)
    assert answer.status == 200
    assert admin.get("/config").json == before


@pytest.mark.parametrize("body", [b"null", b"[]", b"x", b'{"TeamSettings": {"SiteName": 1}}', b""])
@pytest.mark.parametrize("path", ["/config", "/config/patch"])
def test_what_is_no_set_of_settings_is_400(admin: Http, path: str, body: bytes) -> None:
    """api4/config.go: SetInvalidParamWithErr of `config`."""
    assert admin.put(path, body).failure == (400, "api.context.invalid_body_param.app_error")


@pytest.mark.parametrize(
    ("section", "name", "value", "end"),
    [
        ("ServiceSettings", "SiteURL", "no url", "site_url"),
        ("ServiceSettings", "MaximumURLLength", 0, "max_url_length"),
        ("ServiceSettings", "MaximumPayloadSizeBytes", 0, "max_payload_size"),
        ("ServiceSettings", "MaximumLoginAttempts", 0, "login_attempts"),
        ("ServiceSettings", "ListenAddress", "", "listen_address"),
        ("FileSettings", "MaxFileSize", 0, "max_file_size"),
        ("RateLimitSettings", "PerSec", 0, "rate_sec"),
        ("RateLimitSettings", "MaxBurst", 0, "max_burst"),
        ("RateLimitSettings", "MemoryStoreSize", 0, "rate_mem"),
    ],
)
def test_an_impossible_value_is_400_with_an_id_of_its_own(
    admin: Http, section: str, name: str, value: Any, end: str
) -> None:
    """model/config.go, isValid of each section."""
    answer = admin.put("/config/patch", {section: {name: value}})
    assert answer.failure == (400, f"model.config.is_valid.{end}.app_error")


def test_the_sites_address_cannot_be_cleared(admin: Http) -> None:
    """api4/config.go, patchConfig."""
    answer = admin.put("/config/patch", {"ServiceSettings": {"SiteURL": ""}})
    assert answer.failure == (400, "api.config.update_config.clear_siteurl.app_error")


def test_uploads_of_plugins_cannot_be_switched(admin: Http) -> None:
    """api4/config.go, patchConfig: PluginSettings.EnableUploads."""
    now = admin.get("/config").json["PluginSettings"]["EnableUploads"]
    answer = admin.put("/config/patch", {"PluginSettings": {"EnableUploads": not now}})
    assert answer.failure == (403, "api.config.update_config.not_allowed_security.app_error")


def test_a_whole_set_puts_back_what_it_leaves_out(admin: Http) -> None:
    """api4/config.go, updateConfig: SetDefaults on what the body has."""
    before = admin.get("/config").json
    try:
        with settings(admin, "TeamSettings", SiteName="Facts"):
            changed = {**before, "TeamSettings": {**before["TeamSettings"]}}
            del changed["TeamSettings"]["SiteName"]
            answer = admin.put("/config", changed)
            assert answer.status == 200
            assert answer.json["TeamSettings"]["SiteName"] == "Mattermost"
            assert answer.json["ServiceSettings"] == before["ServiceSettings"]
    finally:
        assert admin.put("/config", before).json == before


def test_the_clients_configuration_is_text_and_shows_more_to_a_session(target: Target, admin: Http) -> None:
    """config/client.go, GenerateLimitedClientConfig and GenerateClientConfig."""
    limited = Http(target).get("/config/client?format=old").json
    complete = admin.get("/config/client?format=old").json
    assert limited.keys() < complete.keys()
    assert len(limited) > 100
    assert {type(value) for value in complete.values()} == {str}
    assert "MaxFileSize" in complete.keys() - limited.keys()


def test_a_shorter_limit_for_bodies_holds_at_once(admin: Http) -> None:
    """web/handlers.go, ServeHTTP: MaxBytesReader of MaximumPayloadSizeBytes and 512 more."""
    with settings(admin, "ServiceSettings", MaximumPayloadSizeBytes=1000):
        assert admin.post("/users/ids", b"[]".ljust(1512)).failure[0] == 400
        answer = admin.post("/users/ids", b'["x"'.ljust(1513))
        assert answer.failure == (413, "api.context.request_body_too_large.app_error")


def test_a_shorter_limit_for_urls_holds_at_once(admin: Http) -> None:
    """web/handlers.go, basicSecurityChecks."""
    with settings(admin, "ServiceSettings", MaximumURLLength=100):
        assert admin.call("GET", "/api/v4/users/me?x=".ljust(100, "y")).status == 200
        assert admin.call("GET", "/api/v4/users/me?x=".ljust(101, "y")).status == 414


@pytest.mark.parametrize("flag", ["EnableUserCreation", "EnableOpenServer"])
def test_sign_up_can_be_closed_and_the_admin_may_still_make_accounts(
    target: Target, admin: Http, scene: Scene, flag: str
) -> None:
    """app/user.go, CreateUserFromSignup."""
    name = fresh_name("u")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    failures = {
        "EnableUserCreation": (501, "api.user.create_user.signup_email_disabled.app_error"),
        "EnableOpenServer": (403, "api.user.create_user.no_open_server"),
    }
    with settings(admin, "TeamSettings", **{flag: False}):
        assert Http(target).post("/users", body).failure == failures[flag]
        assert scene.user().id


def test_the_least_length_of_a_password_is_a_setting(admin: Http) -> None:
    """app/password.go, isPasswordValid."""
    name = fresh_name("u")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    with settings(admin, "PasswordSettings", MinimumLength=len(PASSWORD) + 1):
        assert admin.post("/users", body).failure == (400, "model.user.is_valid.pwd_min_length.app_error")


def test_login_attempts_are_counted_against_a_setting(target: Target, admin: Http, scene: Scene) -> None:
    """app/authentication.go, checkUserLoginAttempts: before the password is looked at."""
    user = scene.user()
    login = {"login_id": user.user["username"], "password": "wrong-Password-1"}
    with settings(admin, "ServiceSettings", MaximumLoginAttempts=2):
        answers = [Http(target).post("/users/login", login) for _ in range(2)]
        assert {one.error_id for one in answers} == {"api.user.login.invalid_credentials_email_username"}
        answer = Http(target).post("/users/login", {**login, "password": PASSWORD})
        assert answer.failure == (401, "api.user.check_user_login_attempts.too_many.app_error")


def test_personal_tokens_can_be_switched_off_but_not_those_of_bots(
    target: Target, admin: Http, scene: Scene
) -> None:
    """web/context.go, SessionRequired; app/session.go, CreateUserAccessToken."""
    token = admin.made("/users/me/tokens", {"description": "facts"})
    bot = admin.made("/bots", {"username": fresh_name("b")})
    bots = admin.made(f"/users/{bot['user_id']}/tokens", {"description": "facts"})
    personal, automatic = Http(target, token["token"]), Http(target, bots["token"])
    assert personal.get("/users/me").status == 200
    with settings(admin, "ServiceSettings", EnableUserAccessTokens=False):
        assert personal.get("/users/me").failure == (401, "api.context.session_expired.app_error")
        assert automatic.get("/users/me").status == 200
        refused = admin.post("/users/me/tokens", {"description": "facts"})
        assert refused.failure == (501, "app.user_access_token.disabled")
    assert personal.get("/users/me").status == 200


@pytest.mark.parametrize(
    ("setting", "route", "failure"),
    [
        ("ServiceSettings.EnableBotAccountCreation", "POST /bots", (403, "api.bot.create_disabled")),
        ("ServiceSettings.EnableCustomEmoji", "GET /emoji", (501, "api.emoji.disabled.app_error")),
        (
            "FileSettings.EnableFileAttachments",
            "POST /uploads",
            (501, "api.file.attachments.disabled.app_error"),
        ),
        (
            "FileSettings.EnableFileAttachments",
            "POST /files",
            (403, "api.file.attachments.disabled.app_error"),
        ),
    ],
)
def test_what_is_switched_off_is_refused(
    admin: Http, setting: str, route: str, failure: tuple[int, str]
) -> None:
    """api4/*.go: the setting is looked at first."""
    section, _, name = setting.partition(".")
    verb, _, path = route.partition(" ")
    body = {"username": fresh_name("b")} if verb == "POST" else None
    with settings(admin, section, **{name: False}):
        assert admin.call(verb, "/api/v4" + path, body).failure == failure


def test_public_links_are_refused_where_they_are_switched_off(admin: Http, channel: Any) -> None:
    """api4/file.go, getFileLink."""
    body, headers = form(("channel_id", None, channel["id"].encode()), ("files", "a.txt", b"x"))
    (info,) = admin.post("/files", body, headers).json["file_infos"]
    admin.made("/posts", {"channel_id": channel["id"], "message": "x", "file_ids": [info["id"]]})
    path = f"/files/{info['id']}/link"
    with settings(admin, "FileSettings", EnablePublicLink=False):
        assert admin.get(path).failure == (403, "api.file.get_public_link.disabled.app_error")
    with settings(admin, "FileSettings", EnablePublicLink=True):
        assert admin.get(path).json["link"].startswith("http")


def test_erasing_is_a_setting_of_its_own(admin: Http, scene: Scene, channel: Any) -> None:
    """api4/post.go, channel.go, team.go, user.go: EnableAPI...Deletion."""
    post, team, user = scene.post(channel), scene.team(), scene.user()
    off = {f"EnableAPI{kind}Deletion": False for kind in ("Post", "Channel", "Team", "User")}
    with settings(admin, "ServiceSettings", **off):
        refused = admin.delete(f"/posts/{post['id']}?permanent=true")
        assert refused.failure == (501, "api.post.delete_post.not_enabled.app_error")
        for kind, path in (
            ("channel", f"/channels/{channel['id']}"),
            ("team", f"/teams/{team['id']}"),
            ("user", f"/users/{user.id}"),
        ):
            refused = admin.delete(path + "?permanent=true")
            assert refused.failure == (401, f"api.user.delete_{kind}.not_enabled.for_admin.app_error")
    with settings(admin, "ServiceSettings", EnableAPIPostDeletion=True):
        assert admin.delete(f"/posts/{post['id']}?permanent=true").status == 200
    assert admin.get(f"/posts/{post['id']}?include_deleted=true").status == 404


def test_hardened_mode_says_nothing_of_failures_of_the_server(admin: Http) -> None:
    """web/handlers.go, handleContextError: every 5xx."""
    with settings(admin, "FileSettings", EnableFileAttachments=False):
        assert admin.post("/uploads", {}).failure[0] == 501
        with settings(admin, "ServiceSettings", ExperimentalEnableHardenedMode=True):
            answer = admin.post("/uploads", {})
    assert answer.failure == (500, "")
    assert answer.json["message"] == "Internal Server Error"


def test_the_clients_configuration_knows_no_format(target: Target, admin: Http) -> None:
    """api4/config.go, getClientConfig of 11: the parameter is gone."""
    for user, size in ((Http(target), 121), (admin, 248)):
        plain, old, odd = (user.get(f"/config/client{query}") for query in ("", "?format=old", "?format=new"))
        assert plain.status == old.status == odd.status == 200
        assert len(plain.json) == size
        assert set(plain.json) == set(old.json) == set(odd.json)


@pytest.mark.emulator_only(reason="a real server has one version")
@pytest.mark.parametrize(("query", "status"), [("", 501), ("?format=new", 400), ("?format=old", 200)])
def test_before_11_the_clients_configuration_had_a_format(query: str, status: int) -> None:
    """api4/config.go, getClientConfig of 10.11 and before."""
    with MattermostServer(version="10.11") as server:
        answer = Http(Target.of(server), server.admin.token).get(f"/config/client{query}")
        assert answer.status == status
        if status == 501:
            assert answer.error_id == "api.config.client.old_format.app_error"


def test_addresses_may_be_hidden_from_others(admin: Http, scene: Scene, team: Any) -> None:
    """app/users/utils.go, GetSanitizeOptions: not from admins, and not from the user himself."""
    first, second = scene.user(team), scene.user(team)
    with settings(admin, "PrivacySettings", ShowEmailAddress=False):
        assert second.get(f"/users/{first.id}").json["email"] == ""
        assert admin.get(f"/users/{first.id}").json["email"] == first.user["email"]
        assert first.get("/users/me").json["email"] == first.user["email"]
    assert second.get(f"/users/{first.id}").json["email"] == first.user["email"]


def test_names_may_be_hidden_from_others(admin: Http, scene: Scene, team: Any) -> None:
    """app/users/utils.go, GetSanitizeOptions."""
    first, second = scene.user(team, first_name="Ada", last_name="Byron"), scene.user(team)
    with settings(admin, "PrivacySettings", ShowFullName=False):
        shown = second.get(f"/users/{first.id}").json
        assert (shown["first_name"], shown["last_name"]) == ("", "")
        assert admin.get(f"/users/{first.id}").json["first_name"] == "Ada"


def test_an_erased_user_takes_his_posts_and_what_answers_them_along(
    admin: Http, scene: Scene, team: Any, channel: Any
) -> None:
    """app/user.go, PermanentDeleteUser."""
    user = scene.user(team)
    admin.made(f"/channels/{channel['id']}/members", {"user_id": user.id})
    own, kept = scene.post(channel, author=user), scene.post(channel)
    answer, answered = (
        scene.post(channel, root_id=own["id"]),
        scene.post(channel, root_id=kept["id"], author=user),
    )
    reaction = {"user_id": user.id, "post_id": kept["id"], "emoji_name": "smile"}
    user.made("/reactions", reaction)
    with settings(admin, "ServiceSettings", EnableAPIUserDeletion=True):
        assert admin.delete(f"/users/{user.id}?permanent=true").status == 200
    for post in (own, answer, answered):
        assert admin.get(f"/posts/{post['id']}?include_deleted=true").status == 404
    assert admin.get(f"/posts/{kept['id']}/reactions").json is None
    assert admin.get(f"/users/{user.id}").status == 404
