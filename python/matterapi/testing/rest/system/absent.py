"""What an ordinary server answers for things that it has none of: an error, or nothing at all.

As recorded on a Team Edition server without a licence, clusters, agents, schemes, imports or cloud.
"""

from collections.abc import Mapping

from matterapi.testing.http.errors import AppError, session_expired
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require

_ERRORS: Mapping[str, tuple[int, str]] = {
    "AddUserToGroupSyncables": (400, "api.user.add_user_to_group_syncables.not_ldap_user.app_error"),
    "DownloadExport": (404, "api.export.export_not_found.app_error"),
    "GetAgents": (500, "app.agents.get_agents.app_error"),
    "GetChannelAccessControlAttributes": (501, "app.pap.get_channel_access_control_attributes.app_error"),
    **dict.fromkeys(
        (
            "CheckCWSConnection",
            "GetCloudCustomer",
            "GetCloudLimits",
            "GetCloudProducts",
            "GetEndpointForInstallationInformation",
            "GetInvoiceForSubscriptionAsPdf",
            "GetInvoicesForSubscription",
            "GetSubscription",
            "UpdateCloudCustomer",
            "UpdateCloudCustomerAddress",
            "ValidateBusinessEmail",
            "ValidateWorkspaceBusinessEmail",
        ),
        (400, "api.server.cws.needs_enterprise_edition"),
    ),
    "GetChannelsForScheme": (404, "app.scheme.get.app_error"),
    "GetLLMServices": (500, "app.agents.get_services.app_error"),
    "GetPreviewModalData": (404, "app.cloud.preview_modal_bucket_url_not_configured"),
    "GetSamlMetadataFromIdp": (400, "api.admin.saml.failure_get_metadata_from_idp.app_error"),
    "GetScheme": (404, "app.scheme.get.app_error"),
    "GetTeamsForScheme": (404, "app.scheme.get.app_error"),
    "LoginByCwsToken": (401, "api.user.login_cws.license.error"),
    "LoginSSOCodeExchange": (404, "api.user.create_user.signup_link_invalid.app_error"),
    "LoginWithDesktopToken": (401, "app.desktop_token.validate.invalid"),
    "MigrateAuthToLdap": (501, "api.admin.ldap.not_available.app_error"),
    "MigrateAuthToSaml": (501, "api.admin.saml.not_available.app_error"),
    "PresignExport": (500, "app.eport.generate_presigned_url.featureflag.app_error"),
    "PromoteGuestToUser": (501, "api.user.promote_guest_to_user.no_guest.app_error"),
    "RewriteMessage": (500, "app.post.rewrite.agent_call_failed"),
    "TestElasticsearch": (400, "api.elasticsearch.test_elasticsearch_settings_nil.app_error"),
}
_EMPTY: Mapping[str, object] = {
    "GetAccessControlPolicyAutocompleteFields": [],
    "GetClusterStatus": [],
    "GetNotices": [],
    "GetSchemes": [],
    "SearchChannelsForAccessControlPolicy": {"channels": [], "total_count": 0},
    "SearchChannelsForRetentionPolicy": [],
    "SearchTeamsForRetentionPolicy": [],
}


def _permit(call: Call) -> None:
    wanted = [
        wanted_permission
        for wanted_permission in call.operation.permissions or ()
        if wanted_permission != "authenticated"
    ]
    require(call.is_admin or not wanted or any(call.may(permission) for permission in wanted))


@operation(*_ERRORS)
def refuse(call: Call) -> Response:
    """Answer with the error of what is not there, to those who might have it."""
    _permit(call)
    raise AppError(*_ERRORS[call.operation.id])


@operation(*_EMPTY)
def nothing(call: Call) -> Response:
    """Answer with nothing, to those who may ask."""
    _permit(call)
    return json_response(_EMPTY[call.operation.id])


@operation(
    "PostEndpointForCwsWebhooks",
    "RemoteClusterAcceptMessage",
    "RemoteClusterConfirmInvite",
    "RemoteClusterPing",
    "RemoteSetProfileImage",
    "UploadRemoteClusterData",
)
def refuse_other_servers(_call: Call) -> Response:
    """Other servers have secrets of their own, and none is known: a user's session is none."""
    raise session_expired()
