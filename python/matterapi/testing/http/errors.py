"""The server's error answer, and makers for the ids that many routes share.

Clients are to branch on `id`; messages here are short and English only.
"""

from collections.abc import Sequence

from .encoding import JsonObject


class AppError(Exception):
    """A response of the server's error shape.

    Args:
        status: HTTP status code.
        error_id: Dotted id of the error.
        message: Text for people; made from the id when left out.
        detail: The `detailed_error` field, empty on an ordinary server.
        headers: Extra response headers.
    """

    def __init__(
        self,
        status: int,
        error_id: str,
        message: str = "",
        *,
        detail: str = "",
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(f"{status} {error_id}")
        self.status = status
        self.error_id = error_id
        self.message: str = message or f"The request failed: {error_id}."
        self.detail = detail
        self.headers: tuple[tuple[str, str], ...] = tuple(headers)

    def body(self, request_id: str | None) -> JsonObject:
        """Return the JSON body; `request_id` None leaves that key out, as the router's own 404 does."""
        body: JsonObject = {"id": self.error_id, "message": self.message, "detailed_error": self.detail}
        if request_id is not None:
            body["request_id"] = request_id
        body["status_code"] = self.status
        return body


def clear_cookie(path: str) -> tuple[str, str]:
    """Return the header that takes the session's cookie away; `path` is the server's subpath."""
    return "Set-Cookie", f"MMAUTHTOKEN=; Path={path}; Max-Age=0; HttpOnly"


def invalid_body(name: str) -> AppError:
    """400: `name` is missing from the body or wrong there (Context.SetInvalidParam)."""
    return AppError(
        400, "api.context.invalid_body_param.app_error", f"Invalid or missing {name} in request body."
    )


def unparsable() -> AppError:
    """400: the body is not the JSON that it should be (model.PayloadParseError)."""
    return AppError(400, "api.payload.parse.error", "The payload cannot be parsed.")


def invalid_url(name: str) -> AppError:
    """400: `name` is missing from the path or query or wrong there (Context.SetInvalidURLParam)."""
    return AppError(
        400, "api.context.invalid_url_param.app_error", f"Invalid or missing {name} parameter in request URL."
    )


def invalid_param(name: str) -> AppError:
    """400: a field of the decoded body has a value the server refuses."""
    return AppError(400, "api.context.invalid_param.app_error", f"Invalid {name} parameter.")


def forbidden() -> AppError:
    """403: the session lacks a permission (Context.SetPermissionError)."""
    return AppError(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.")


def session_expired(headers: Sequence[tuple[str, str]] = ()) -> AppError:
    """401: no session, or one that is unknown, revoked or expired."""
    return AppError(
        401,
        "api.context.session_expired.app_error",
        "Invalid or expired session, please login again.",
        headers=headers,
    )


def no_such_route(path: str, headers: Sequence[tuple[str, str]] = ()) -> AppError:
    """404: the router knows no such verb and path (web.Handle404)."""
    return AppError(
        404,
        "api.context.404.app_error",
        "Sorry, we could not find the page.",
        detail=f"No API route for the url='{path}'.",
        headers=headers,
    )


def mfa_required() -> AppError:
    """403: a second factor is asked of everybody, and the account has none yet."""
    return AppError(
        403, "api.context.mfa_required.app_error", "Multi-factor authentication is required on this server."
    )


def too_large() -> AppError:
    """413: the body is above MaximumPayloadSizeBytes or MaxFileSize."""
    return AppError(413, "api.context.request_body_too_large.app_error", "Request body too large.")


def unlicensed() -> AppError:
    """501: the feature needs a licence that this server does not have."""
    return AppError(
        501, "license_error.feature_unavailable", "Feature is not available for the current license"
    )


def no_such_user() -> AppError:
    """404: the user id is unknown."""
    return AppError(404, "app.user.missing_account.const", "Unable to find the user.")


def no_such_post() -> AppError:
    """404: the post is unknown or deleted."""
    return AppError(404, "app.post.get.app_error", "Unable to get the post.")


def no_such_channel(channel_id: str) -> AppError:
    """404: the channel id is unknown."""
    return AppError(404, "app.channel.get.existing.app_error", f"No channel {channel_id}.")


def no_such_team() -> AppError:
    """404: the team id is unknown."""
    return AppError(404, "app.team.get.find.app_error", "Unable to find the existing team.")
