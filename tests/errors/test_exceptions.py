import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.client import exceptions as e
from matterapi.errors.from_core import core_error
from matterapi.errors.from_response import api_error
from matterapi.response import Response

ROUTE = "GET /api/v4/users/{user_id}{?page,per_page}"
TOKEN = "abcdefghijklmnopqrstuvwxyz"

TABLE = [
    # class, parent, status, retryable when the server answers with that status
    (e.MatterapiError, Exception, None, False),
    (e.ApiError, e.MatterapiError, None, False),
    (e.InvalidOrMissingParameters, e.ApiError, 400, False),
    (e.NoAccessTokenProvided, e.ApiError, 401, False),
    (e.PaymentRequired, e.ApiError, 402, False),
    (e.NotEnoughPermissions, e.ApiError, 403, False),
    (e.ResourceNotFound, e.ApiError, 404, False),
    (e.MethodNotAllowed, e.ApiError, 405, False),
    (e.Conflict, e.ApiError, 409, False),
    (e.Gone, e.ApiError, 410, False),
    (e.ContentTooLarge, e.ApiError, 413, False),
    (e.UnprocessableEntity, e.ApiError, 422, False),
    (e.TooManyRequests, e.ApiError, 429, True),
    (e.InternalServerError, e.ApiError, 500, False),
    (e.FeatureDisabled, e.ApiError, 501, False),
    (e.BadGateway, e.ApiError, 502, True),
    (e.ServiceUnavailable, e.ApiError, 503, True),
    (e.GatewayTimeout, e.ApiError, 504, True),
    (e.TransportError, e.MatterapiError, None, False),
    (e.ConnectError, e.TransportError, None, False),
    (e.TLSError, e.TransportError, None, False),
    (e.ConnectTimeout, e.TransportError, None, False),
    (e.ReadTimeout, e.TransportError, None, False),
    (e.WriteTimeout, e.TransportError, None, False),
    (e.PoolTimeout, e.TransportError, None, False),
    (e.ProtocolError, e.TransportError, None, False),
    (e.ConnectionClosed, e.TransportError, None, False),
    (e.DecodeError, e.MatterapiError, None, False),
    (e.InvalidRequest, e.MatterapiError, None, False),
    (e.InvalidOptions, e.MatterapiError, None, False),
    (e.LocalFileError, e.MatterapiError, None, False),
    (e.EventQueueFull, e.MatterapiError, None, False),
]


def answer(status: int, body: Any = b"", *headers: tuple[str, str]) -> Response:
    return Response(status, headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def app_error(
    status: int, error_id: str = "api.some.app_error", message: str = "Translated."
) -> dict[str, Any]:
    return {
        "id": error_id,
        "message": message,
        "detailed_error": "",
        "request_id": "r1",
        "status_code": status,
    }


def test_the_table_names_every_class() -> None:
    defined = {cls for cls in vars(e).values() if isinstance(cls, type) and issubclass(cls, e.MatterapiError)}
    assert defined == {cls for cls, *_ in TABLE}


@pytest.mark.parametrize(("cls", "parent", "status", "retryable"), TABLE)
def test_every_class_has_its_parent_and_status(
    cls: type[e.MatterapiError], parent: type, status: int | None, retryable: bool
) -> None:
    assert cls.__bases__[0] is parent
    assert cls("message").status_code == status
    assert cls("message").args == ("message",)
    if status is not None:
        error = api_error(answer(status, app_error(status)), ROUTE)
        assert (type(error), error.status_code, error.retryable) == (cls, status, retryable)


@pytest.mark.parametrize(
    ("status", "retryable"), [(302, False), (304, False), (408, True), (418, False), (599, False)]
)
def test_a_status_without_a_class_is_a_plain_api_error(status: int, retryable: bool) -> None:
    error = api_error(answer(status), ROUTE)
    assert (type(error), error.status_code, error.retryable) == (e.ApiError, status, retryable)


def test_bad_input_is_a_value_error_too() -> None:
    assert issubclass(e.InvalidRequest, ValueError)
    assert issubclass(e.InvalidOptions, ValueError)


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ("GET /api/v4/users/{user_id!known,stats}", "GET /api/v4/users/{user_id}"),
        ("GET /api/v4/users{?page,per_page}", "GET /api/v4/users"),
        ("GET /a/{b!c}/{d!e,f}/g{?h*}", "GET /a/{b}/{d}/g"),
        ("POST /api/v4/posts", "POST /api/v4/posts"),
    ],
)
def test_a_route_is_shown_without_what_only_the_table_needs(route: str, shown: str) -> None:
    assert e.MatterapiError("m", route=route).route == shown
    assert api_error(answer(404, {}), route).route == shown


def test_an_error_object_fills_every_attribute() -> None:
    body = {**app_error(403, "api.context.permissions.app_error"), "detailed_error": "why"}
    response = answer(403, body)
    error = api_error(response, ROUTE)
    assert error.args == ("Translated.",)
    assert error.message == "Translated."
    assert (error.error_id, error.detailed_error) == ("api.context.permissions.app_error", "why")
    assert (error.request_id, error.route) == ("r1", "GET /api/v4/users/{user_id}")
    assert error.response is response
    assert error.details is not None
    assert (error.details.id, error.details.is_oauth) == (error.error_id, None)
    assert error.retry_after is None


def test_the_text_says_what_where_and_what_to_do() -> None:
    text = str(api_error(answer(403, app_error(403, "api.context.permissions.app_error")), ROUTE))
    assert text.startswith("Translated. [GET /api/v4/users/{user_id}, status 403, id api.context.permissions")
    assert "request r1]" in text
    assert "permission" in text.rpartition("]")[2]


@pytest.mark.parametrize(
    ("status", "error_id", "words"),
    [
        (401, "api.context.session_expired.app_error", "expired"),
        (404, "api.context.404.app_error", "no such route"),
        (501, "api.license.disabled.app_error", "licence"),
    ],
)
def test_the_text_advises_where_a_remedy_is_known(status: int, error_id: str, words: str) -> None:
    assert words in str(api_error(answer(status, app_error(status, error_id)), ROUTE))


def test_a_missing_entity_is_not_called_a_missing_route() -> None:
    assert "route" not in str(api_error(answer(404, app_error(404, "app.user.missing_account.const")), None))


def test_only_the_pending_post_makes_a_500_retryable() -> None:
    pending = app_error(500, "api.post.deduplicate_create_post.pending")
    assert api_error(answer(500, pending), "POST /api/v4/posts").retryable


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"status": "UNHEALTHY"}, {"status": "UNHEALTHY"}),
        ([{"a": 1}], [{"a": 1}]),
        (b"limit exceeded\n", "limit exceeded\n"),
        (b"<html>bad gateway</html>", "<html>bad gateway</html>"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", "Internal Server Error"),
        (b"null", "Internal Server Error"),
    ],
)
def test_a_body_without_an_error_object_is_the_message(body: Any, message: Any) -> None:
    error = api_error(answer(500, body, ("X-Request-Id", "r2")), ROUTE)
    assert error.args == (message,)
    assert (error.error_id, error.details, error.request_id) == (None, None, "r2")


def test_an_error_object_of_odd_types_still_gives_its_message() -> None:
    error = api_error(answer(400, {"id": None, "message": "m", "status_code": "x"}), ROUTE)
    assert (error.args, error.details, error.status_code) == (("m",), None, 400)


@pytest.mark.parametrize(("status", "in_body"), [(403, 404), (500, 400), (502, 200), (418, 404), (302, 500)])
def test_the_http_status_goes_before_the_one_in_the_body(status: int, in_body: int) -> None:
    error = api_error(answer(status, app_error(in_body)), ROUTE)
    of_status = api_error(answer(status), ROUTE)
    assert error.status_code == status
    assert type(error) is type(of_status)
    assert error.retryable == of_status.retryable
    assert error.details is not None
    assert error.details.status_code == in_body
    assert e.ApiError("m", error.details, response=answer(status)).status_code == status


def test_of_a_success_that_ends_in_an_error_the_status_is_in_the_body() -> None:
    error = api_error(answer(200, app_error(404)), ROUTE)
    assert (type(error), error.status_code) == (e.ResourceNotFound, 404)


def test_an_error_behind_an_unfinished_list_is_found() -> None:
    body = (
        b"["
        + json.dumps(
            app_error(404, "app.channel.get_channels.not_found.app_error"), separators=(",", ":")
        ).encode()
    )
    error = api_error(answer(404, body), ROUTE)
    assert (error.error_id, error.message) == ("app.channel.get_channels.not_found.app_error", "Translated.")


def test_a_redirect_names_its_target_without_its_token() -> None:
    error = api_error(answer(302, b"", ("Location", "https://sso.example.com/?token=abc")), ROUTE)
    assert "https://sso.example.com/" in str(error)
    assert "abc" not in str(error)


def test_an_unchanged_answer_is_named_by_its_status() -> None:
    assert api_error(answer(304), ROUTE).message == "Not Modified"


def test_of_a_long_body_a_bounded_part_is_kept_and_less_is_shown() -> None:
    error = api_error(answer(502, b"x" * 1_000_000), ROUTE)
    assert error.response is not None
    assert len(error.response.content) == len(error.message) == 65536
    assert len(str(error)) < 500


@given(st.binary(max_size=200), st.integers(100, 599).filter(lambda status: not 200 <= status < 300))
def test_no_body_makes_the_error_itself_fail(body: bytes, status: int) -> None:
    error = api_error(answer(status, body), ROUTE)
    assert error.status_code == status
    assert isinstance(str(error) + repr(error), str)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "-3"}, 0.0),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
        (
            {"Retry-After": "Tue, 24 Nov 2026 01:08:57 GMT", "Date": "Tue, 24 Nov 2026 01:08:47 GMT"},
            10.0,
        ),
        ({"Retry-After": "Tue, 24 Nov 2026 01:08:57 GMT"}, None),
    ],
)
def test_retry_after_is_seconds_from_the_answers_own_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert api_error(answer(429, b"", *headers.items()), ROUTE).retry_after == seconds


def test_a_rate_limit_says_how_long_to_wait() -> None:
    assert "Try again in 3 s." in str(api_error(answer(429, b"limit exceeded", ("Retry-After", "3")), ROUTE))


@pytest.mark.parametrize(
    "message",
    [
        f"Invalid session token={TOKEN}, err=x",
        f"Invalid token: {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f'{{"login_id":"a","password":"{TOKEN}"}}',
        f"GET /x?access_token={TOKEN}&a=b",
        f"https://user:{TOKEN}@chat.example.com/",
    ],
)
def test_no_error_shows_a_credential(message: str) -> None:
    body = app_error(401, "api.context.invalid_token.error", message)
    errors = [
        api_error(answer(401, body), ROUTE),
        api_error(answer(401, message.encode()), ROUTE),
        api_error(answer(401, {"nested": [message]}), ROUTE),
        api_error(answer(401, {"nested": {"mfa_token": TOKEN}}), ROUTE),
        core_error("connect", message, ROUTE, False),
    ]
    for error in errors:
        shown = f"{error}{error!r}{error.args}{error.details}".encode() + pickle.dumps(error)
        assert TOKEN.encode() not in shown


def test_ordinary_words_around_tokens_are_kept() -> None:
    assert (
        e.ApiError("The token is invalid: it has expired").message == "The token is invalid: it has expired"
    )


@pytest.mark.parametrize(("cls", "_parent", "_status", "_retryable"), TABLE)
def test_every_error_survives_pickle_and_copy(
    cls: type[e.MatterapiError], _parent: type, _status: int | None, _retryable: bool
) -> None:
    errors = [cls("message", route=ROUTE)]
    if issubclass(cls, e.ApiError):
        response = answer(cls.status_code or 418, app_error(cls.status_code or 418), ("Retry-After", "3"))
        errors.append(api_error(response, ROUTE))
    for error in errors:
        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301
            assert type(twin) is cls
            assert (str(twin), twin.args) == (str(error), error.args)
            for name in (
                "status_code",
                "error_id",
                "request_id",
                "route",
                "retry_after",
                "retryable",
                "details",
            ):
                assert getattr(twin, name) == getattr(error, name)


def test_an_error_can_be_made_as_in_0_5_0() -> None:
    details = e.ExceptionBody(
        id="x", message="m", request_id="r", status_code=400, detailed_error=None, is_oauth=None
    )
    error = e.InvalidOrMissingParameters("m", details)
    assert (error.args, error.details, error.error_id) == (("m",), details, "x")
