"""What admins try and set up on the server itself (api4/system.go, license.go, permissions.go)."""

from matterapi.testing.http.encoding import loads
from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.multipart import file_named
from matterapi.testing.http.response import Response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require


@operation("TestEmail")
def check_email(call: Call) -> Response:
    """POST /email/test: sends nothing; settings that are sent have to be whole."""
    try:
        sent = loads(call.body)
    except ValueError:
        sent = None
    if isinstance(sent, dict):
        known = call.world.config.shown()["EmailSettings"]
        given = sent.get("EmailSettings")
        if not isinstance(given, dict) or any(given.get(key) is None for key in known):
            raise AppError(
                400, "api.file.test_connection_email_settings_nil.app_error", "Settings of email are missing."
            )
    require(call.may("test_email"))
    return ok()


@operation("TestSiteURL")
def check_site_url(call: Call) -> Response:
    """POST /site_url/test: asks nobody."""
    require(call.may("test_site_url"))
    if not call.json_strings().get("site_url"):
        raise invalid_body("site_url")
    return ok()


@operation("CompleteOnboarding")
def complete_onboarding(call: Call) -> Response:
    """POST /system/onboarding/complete, for admins."""
    if not call.is_admin:
        raise AppError(403, "app.system.complete_onboarding_request.no_first_user", "Only for admins.")
    call.json_object("onboarding")
    return ok()


@operation("UploadLicenseFile")
def upload_license_file(call: Call) -> Response:
    """POST /license: no file is a licence that this server takes."""
    require(call.may("manage_license_information"))
    parts = call.form(invalid_body("license"))
    if file_named(parts, "license") is None:
        raise AppError(400, "api.license.add_license.no_file.app_error", "No file named license.")
    raise AppError(400, "api.license.add_license.invalid.app_error", "The licence is not valid.")
