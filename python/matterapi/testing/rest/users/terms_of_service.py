"""Terms of service: there are none without a licence (api4/terms_of_service.go)."""

from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require


def _none() -> AppError:
    return AppError(404, "app.terms_of_service.get.no_rows.app_error", "There are no terms of service.")


@operation("GetTermsOfService")
def get_terms_of_service(_call: Call) -> Response:
    """GET /terms_of_service."""
    raise _none()


@operation("CreateTermsOfService")
def create_terms_of_service(call: Call) -> Response:
    """POST /terms_of_service: they cannot be made, licence or not."""
    require(call.is_admin)
    raise AppError(
        400,
        "api.create_terms_of_service.custom_terms_of_service_disabled.app_error",
        "Custom terms of service are switched off.",
    )


@operation("GetUserTermsOfService")
def get_user_terms_of_service(_call: Call) -> Response:
    """GET /users/{user_id}/terms_of_service."""
    raise AppError(
        404, "app.user_terms_of_service.get_by_user.no_rows.app_error", "The user has accepted no terms."
    )


@operation("RegisterTermsOfServiceAction")
def register_terms_of_service_action(call: Call) -> Response:
    """POST /users/{user_id}/terms_of_service: of terms that are not known."""
    fields = call.json_object("terms")
    if not isinstance(fields.get("termsOfServiceId"), str):
        raise invalid_body("termsOfServiceId")
    if not isinstance(fields.get("accepted"), bool):
        raise invalid_body("accepted")
    raise _none()
