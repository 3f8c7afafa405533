"""Jobs (api4/job.go) and OAuth applications (api4/oauth.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY
from tests.conformance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from matterapi.testing import MattermostServer
    from tests.conformance.scene import Scene
    from tests.conformance.target import Target

FORBIDDEN = (403, "api.context.permissions.app_error")
APP = {
    "name": "facts",
    "description": "d",
    "callback_urls": ["http://x.example/cb"],
    "homepage": "http://x.example",
}


@pytest.fixture
def oauth(admin: Http) -> Iterator[None]:
    """Admins may have applications: on a new server nobody may."""
    role = admin.get("/roles/name/system_admin").json
    path = f"/roles/{role['id']}/patch"
    assert admin.put(path, {"permissions": [*role["permissions"], "manage_oauth"]}).status == 200
    yield
    assert admin.put(path, {"permissions": role["permissions"]}).status == 200


def test_on_a_new_server_not_even_admins_have_applications(admin: Http) -> None:
    """app/permissions_migrations.go: manage_oauth is in no role."""
    assert admin.post("/oauth/apps", APP).failure == FORBIDDEN
    assert admin.get("/oauth/apps").failure == (403, "api.command.admin_only.app_error")


def _job(admin: Http) -> Any:
    return admin.made("/jobs", {"type": "extract_content", "data": {"from": "0", "to": "1"}})


def test_a_new_job_is_pending(admin: Http) -> None:
    """model/job.go."""
    job = _job(admin)
    assert (job["status"], job["progress"], job["start_at"]) == ("pending", 0, 0)
    assert job["data"] == {"from": "0", "to": "1"}
    assert job["id"] in [one["id"] for one in admin.get("/jobs/type/extract_content").json]
    assert admin.post(f"/jobs/{job['id']}/cancel").status == 200


def test_a_pending_job_is_canceled_at_once_and_only_once(admin: Http) -> None:
    """jobs/jobs.go, RequestCancellation."""
    path = f"/jobs/{_job(admin)['id']}"
    assert admin.post(path + "/cancel").json == {"status": "OK"}
    assert admin.get(path).json["status"] == "canceled"
    assert admin.post(path + "/cancel").failure == (500, "jobs.request_cancellation.status.error")


def test_a_job_of_no_type_is_400(admin: Http) -> None:
    """api4/job.go: SessionHasPermissionToCreateJob knows no permission."""
    answer = admin.post("/jobs", {"type": "nonsense"})
    assert answer.failure == (400, "api.job.unable_to_create_job.incorrect_job_type")
    assert admin.get("/jobs/type/nonsense").failure == (400, "api.job.retrieve.nopermissions")
    assert admin.get("/jobs?job_type=nonsense").failure == (400, "api.context.invalid_url_param.app_error")


def test_an_unknown_job_is_404(admin: Http) -> None:
    """app/job.go, GetJob."""
    for answer in (admin.get(f"/jobs/{NOBODY}"), admin.post(f"/jobs/{NOBODY}/cancel")):
        assert answer.failure == (404, "app.job.get.app_error")


def test_jobs_are_an_admins(scene: Scene) -> None:
    """app/job.go, SessionHasPermissionTo...Job."""
    user = scene.user()
    assert user.post("/jobs", {"type": "extract_content"}).failure == FORBIDDEN
    assert user.get("/jobs").failure == FORBIDDEN
    assert user.get("/jobs/type/extract_content").failure == FORBIDDEN


def test_a_status_changes_by_rules(admin: Http) -> None:
    """model/job.go, IsValidStatusChange."""
    path = f"/jobs/{_job(admin)['id']}"
    for status in ("success", "pending", "bogus"):
        answer = admin.call("PATCH", f"/api/v4{path}/status", {"status": status})
        assert answer.failure == (400, "api.job.status.invalid"), status
    answer = admin.call("PATCH", f"/api/v4{path}/status", {"status": "cancel_requested"})
    assert answer.json == {"status": "OK"}
    assert admin.get(path).json["status"] == "canceled"


@pytest.mark.emulator_only(reason="a real server takes up to 15 s to look for jobs")
def test_a_job_has_its_way_within_15_seconds(emulator: MattermostServer) -> None:
    """jobs/jobs_watcher.go, PollForPendingJobs."""
    from tests.conformance.target import Target

    admin = Http(Target.of(emulator), emulator.admin.token)
    job = _job(admin)
    emulator.clock.advance(15_000)
    done = admin.get(f"/jobs/{job['id']}").json
    assert (done["status"], done["progress"]) == ("success", 100)
    assert done["start_at"] - done["create_at"] == 15_000


@pytest.mark.usefixtures("oauth")
def test_an_application_has_a_secret_that_its_makers_see(admin: Http, scene: Scene) -> None:
    """api4/oauth.go, createOAuthApp and getOAuthAppInfo."""
    app = admin.made("/oauth/apps", APP)
    assert (len(app["client_secret"]), app["creator_id"], app["is_trusted"]) == (26, admin.id, False)
    assert admin.get(f"/oauth/apps/{app['id']}").json == app
    assert scene.user().get(f"/oauth/apps/{app['id']}/info").json == {**app, "client_secret": ""}
    assert app in admin.get("/oauth/apps?per_page=200").json


@pytest.mark.usefixtures("oauth")
def test_a_secret_can_be_made_anew_but_not_for_a_public_one(admin: Http) -> None:
    """api4/oauth.go, regenerateOAuthAppSecret."""
    app = admin.made("/oauth/apps", APP)
    renewed = admin.post(f"/oauth/apps/{app['id']}/regen_secret").json
    assert renewed["client_secret"] not in ("", app["client_secret"])
    public = admin.made("/oauth/apps", {**APP, "is_public": True})
    assert public["client_secret"] == ""
    answer = admin.post(f"/oauth/apps/{public['id']}/regen_secret")
    assert answer.failure == (400, "api.oauth.regenerate_secret.public_client.app_error")


@pytest.mark.usefixtures("oauth")
@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"callback_urls": []}, "callback"),
        ({"callback_urls": ["x"]}, "callback"),
        ({"homepage": ""}, "homepage"),
        ({"homepage": "x"}, "homepage"),
        ({"description": "x" * 513}, "description"),
        ({"icon_url": "x"}, "icon_url"),
    ],
)
def test_an_application_that_cannot_be_is_400(admin: Http, fields: Any, end: str) -> None:
    """model/oauth.go, IsValid."""
    answer = admin.post("/oauth/apps", {**APP, **fields})
    assert answer.failure == (400, f"model.oauth.is_valid.{end}.app_error")


@pytest.mark.usefixtures("oauth")
def test_a_changed_application_keeps_its_secret(admin: Http) -> None:
    """app/oauth.go, UpdateOAuthApp."""
    app = admin.made("/oauth/apps", APP)
    answer = admin.put(f"/oauth/apps/{app['id']}", {**APP, "id": app["id"], "name": "new"})
    assert answer.json == {**app, "name": "new", "update_at": answer.json["update_at"]}
    other = admin.put(f"/oauth/apps/{app['id']}", {**APP, "id": NOBODY})
    assert other.failure == (400, "api.context.invalid_body_param.app_error")


@pytest.mark.usefixtures("oauth")
def test_a_deleted_application_is_gone(admin: Http) -> None:
    """api4/oauth.go, deleteOAuthApp."""
    path = f"/oauth/apps/{admin.made('/oauth/apps', APP)['id']}"
    assert admin.delete(path).json == {"status": "OK"}
    for answer in (admin.get(path), admin.delete(path), admin.get(path + "/info")):
        assert answer.failure == (404, "app.oauth.get_app.find.app_error")


def test_an_ordinary_user_has_no_applications(scene: Scene) -> None:
    """api4/oauth.go: manage_oauth; the list has an error of its own."""
    user = scene.user()
    assert user.post("/oauth/apps", APP).failure == FORBIDDEN
    assert user.get("/oauth/apps").failure == (403, "api.command.admin_only.app_error")
    assert user.get("/users/me/oauth/apps/authorized").json == []


def test_anybody_may_register_a_client_where_that_is_on(target: Target, admin: Http) -> None:
    """api4/oauth.go, registerOAuthClient: errors as RFC 7591 has them."""
    body = {"redirect_uris": ["http://x.example/cb"], "client_name": "facts"}
    with settings(admin, "ServiceSettings", EnableDynamicClientRegistration=True):
        answer = Http(target).post("/oauth/apps/register", body)
        assert (answer.status, answer.json["client_name"]) == (201, "facts")
        assert answer.json["token_endpoint_auth_method"] == "client_secret_post"
    with settings(admin, "ServiceSettings", EnableDynamicClientRegistration=False):
        answer = Http(target).post("/oauth/apps/register", body)
        assert (answer.status, answer.json["error"]) == (400, "unsupported_operation")
        assert list(answer.json) == ["error", "error_description"]


@pytest.mark.usefixtures("oauth")
def test_switched_off_applications_are_501(admin: Http) -> None:
    """app/oauth.go: EnableOAuthServiceProvider."""
    with settings(admin, "ServiceSettings", EnableOAuthServiceProvider=False):
        answer = admin.post("/oauth/apps", APP)
        assert answer.failure == (501, "api.oauth.register_oauth_app.turn_off.app_error")
        assert admin.get("/oauth/apps").failure == (501, "api.oauth.allow_oauth.turn_off.app_error")
