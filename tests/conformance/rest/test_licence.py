"""What a server without a licence refuses: the status differs from feature to feature (api4/*.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.http import Http
from tests.conformance.rest.wire import NOBODY

if TYPE_CHECKING:
    from matterapi.testing import MattermostServer
    from tests.conformance.scene import Scene

FORBIDDEN = (403, "api.context.permissions.app_error")
# Route, refusal, and whether everybody gets it: otherwise who may not use the feature gets his 403.
GATES = [
    ("POST /posts/schedule", "400 api.scheduled_posts.license_error", True),
    ("GET /posts/scheduled/team/{id}", "400 api.scheduled_posts.license_error", True),
    ("POST /reports/users/export", "400 app.report.start_users_batch_export.license_error", False),
    (
        "GET /channels/{id}/member_counts_by_group",
        "403 api.channel.channel_member_counts_by_group.license.error",
        True,
    ),
    ("GET /channels/{id}/moderations", "403 api.channel.get_channel_moderations.license.error", True),
    ("PUT /channels/{id}/moderations/patch", "403 api.channel.patch_channel_moderations.license.error", True),
    ("GET /custom_profile_attributes/fields", "403 api.custom_profile_attributes.license_error", True),
    ("POST /custom_profile_attributes/fields", "403 api.custom_profile_attributes.license_error", False),
    (
        "PATCH /custom_profile_attributes/fields/{id}",
        "403 api.custom_profile_attributes.license_error",
        False,
    ),
    ("PATCH /custom_profile_attributes/values", "403 api.custom_profile_attributes.license_error", True),
    ("GET /trial-license/prev", "403 api.license.upgrade_needed.app_error", True),
    ("GET /system/support_packet", "403 api.no_license", False),
    ("POST /users/{id}/posts/{id}/ack", "501 <untranslated>", True),
    ("GET /saml/metadata", "501 api.admin.saml.not_available.app_error", True),
    ("POST /saml/reset_auth_data", "501 api.admin.saml.not_available.app_error", False),
    ("GET /channels/{id}/bookmarks", "501 api.channel.bookmark.channel_bookmark.license.error", True),
    ("POST /channels/{id}/bookmarks", "501 api.channel.bookmark.channel_bookmark.license.error", True),
    ("GET /content_flagging/flag/config", "501 api.content_flagging.error.license", True),
    ("GET /content_flagging/team/{id}/status", "501 api.content_flagging.error.license", True),
    ("GET /ip_filtering", "501 api.context.ip_filtering.not_available.app_error", True),
    ("POST /ip_filtering", "501 api.context.ip_filtering.not_available.app_error", True),
    (
        "GET /oauth/outgoing_connections",
        "501 api.context.outgoing_oauth_connection.not_available.configuration_disabled",
        False,
    ),
    (
        "POST /oauth/outgoing_connections",
        "501 api.context.outgoing_oauth_connection.not_available.configuration_disabled",
        False,
    ),
    ("GET /ldap/groups", "501 api.ldap_groups.license_error", False),
    ("POST /ldap/groups/{id}/link", "501 api.ldap_groups.license_error", False),
    ("POST /ldap/sync", "501 api.ldap_groups.license_error", True),
    ("POST /ldap/test", "501 api.ldap_groups.license_error", True),
    ("GET /groups", "501 api.license_error", True),
    ("POST /groups", "501 api.license_error", True),
    ("POST /remotecluster", "501 api.remote_cluster.service_not_enabled.app_error", False),
    ("GET /remotecluster", "501 api.remote_cluster.service_not_enabled.app_error", False),
    ("GET /sharedchannels/{id}", "501 api.remote_cluster.service_not_enabled.app_error", True),
    ("GET /sharedchannels/{id}/remotes", "501 api.remote_cluster.service_not_enabled.app_error", True),
    ("POST /schemes", "501 api.scheme.create_scheme.license.error", True),
    ("DELETE /schemes/{id}", "501 api.scheme.delete_scheme.license.error", True),
    ("PUT /schemes/{id}/patch", "501 api.scheme.patch_scheme.license.error", True),
    ("POST /users/{id}/demote", "501 api.team.demote_user_to_guest.license.error", True),
    ("POST /teams/{id}/invite-guests/email", "501 api.team.invite_guests_to_channels.license.error", True),
    ("POST /access_control_policies/cel/check", "501 app.pap.check_expression.app_error", False),
    ("DELETE /access_control_policies/{id}", "501 app.pap.delete_access_control_policy.app_error", False),
    ("GET /access_control_policies/{id}", "501 app.pap.get_policy.app_error", False),
    ("POST /access_control_policies/search", "501 app.pap.search_access_control_policies.app_error", False),
    ("POST /compliance/reports", "501 ent.compliance.licence_disable.app_error", False),
    ("GET /compliance/reports", "501 ent.compliance.licence_disable.app_error", False),
    ("GET /data_retention/policies", "501 ent.data_retention.generic.license.error", False),
    ("GET /data_retention/policies_count", "501 ent.data_retention.generic.license.error", False),
    ("POST /elasticsearch/purge_indexes", "501 ent.elasticsearch.test_config.license.error", False),
    ("DELETE /users/{id}/posts/{id}/ack", "501 license_error.feature_unavailable", True),
]


@pytest.fixture(scope="module")
def user(scene: Scene) -> Http:
    return scene.user()


@pytest.mark.parametrize(("route", "refusal", "for_everybody"), GATES, ids=[one[0] for one in GATES])
def test_a_feature_that_needs_a_licence_is_refused(
    admin: Http, user: Http, route: str, refusal: str, for_everybody: bool
) -> None:
    """api4/*.go, app/*.go: License(), before or after the permission."""
    verb, _, path = route.partition(" ")
    status, _, error_id = refusal.partition(" ")
    body = None if verb == "GET" else {}
    path = "/api/v4" + path.replace("{id}", NOBODY)
    expected = (int(status), error_id)
    assert admin.call(verb, path, body).failure == expected
    assert user.call(verb, path, body).failure == (expected if for_everybody else FORBIDDEN)


def test_a_server_says_that_it_has_none(admin: Http) -> None:
    """api4/license.go, getClientLicense."""
    assert admin.get("/license/client?format=old").json == {"IsLicensed": "false"}
    assert str(admin.get("/users/me").header("X-Version-Id")).endswith(".false")


@pytest.mark.emulator_only(reason="a real server needs a licence for it")
@pytest.mark.emulator_config(licensed=True)
def test_with_a_licence_the_gates_are_open(emulator: MattermostServer) -> None:
    """api4/group.go, channel_bookmark.go, scheduled_post.go: the licence is looked at first."""
    from tests.conformance.target import Target

    admin = Http(Target.of(emulator), emulator.admin.token)
    for path in ("/groups", f"/channels/{NOBODY}/bookmarks", "/custom_profile_attributes/fields"):
        assert admin.get(path).status == 200, path
    assert str(admin.get("/users/me").header("X-Version-Id")).endswith(".true")
