import pickle
import warnings
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from matterapi import AsyncClient, SyncClient
from matterapi.client.base import ApiClientOptions, AuthLogin, AuthToken, HttpxClientOptions, Timeout
from matterapi.client.exceptions import InvalidOptions
from matterapi.options.client import read_options
from matterapi.options.core_options import core_options

URL = "https://chat.example.com"


def options(**values: Any) -> ApiClientOptions:
    return read_options({"url": URL, **values})


def http(**values: Any) -> ApiClientOptions:
    return options(httpx_client_options=values)


def test_fields_and_defaults_are_those_of_0_5_0() -> None:
    ours = {
        "max_response_size",
        "max_json_size",
        "max_decoded_size",
        "ws_allow_unencrypted",
        "ws_catch_up",
        "ws_wait_for_server",
        "retries",
        "deadline",
        "etag_cache",
        "max_calls_per_second",
    }
    assert options().model_dump(exclude=ours) == {
        "url": URL,
        "ws_url": "wss://chat.example.com",
        "basepath": "",
        "auth": None,
        "httpx_client_options": None,
        "debug": False,
        "ws_concurrent": True,
        "ws_reconnect_wait_time": 5,
        "skip_response_parsing": False,
    }
    old = {"verify": True, "timeout": 10.0, **dict.fromkeys(["headers", "auth", "cert", "mounts", "proxy"])}
    assert old.items() <= HttpxClientOptions().model_dump().items()


def test_an_options_object_is_used_as_it_is() -> None:
    given_options = ApiClientOptions(url=URL)
    assert read_options(given_options) is given_options


def test_texts_become_numbers_and_booleans_and_numbers_texts() -> None:
    read = options(ws_reconnect_wait_time="7", debug="true", auth={"token": 12345})
    assert (read.ws_reconnect_wait_time, read.debug) == (7, True)
    assert isinstance(read.auth, AuthToken)
    assert read.auth.token == "12345"


def test_a_waiting_time_is_not_negative() -> None:
    with pytest.raises(ValidationError, match="ws_reconnect_wait_time"):
        options(ws_reconnect_wait_time=-1)


@pytest.mark.parametrize(
    ("auth", "kind"),
    [
        ({"token": "t"}, AuthToken),
        ({"login_id": "a", "password": "b"}, AuthLogin),
        ({"login_id": "a", "password": "b", "token": "t"}, AuthLogin),
        ({"login_id": "a", "token": "t"}, AuthToken),
        (AuthToken(token="t"), AuthToken),
        (AuthLogin(login_id="a", password="b"), AuthLogin),
        (None, type(None)),
    ],
)
def test_a_login_wins_over_a_token(auth: Any, kind: type) -> None:
    assert type(options(auth=auth).auth) is kind


@pytest.mark.parametrize(
    "auth",
    [{}, {"login_id": "a"}, {"token": ""}, {"token": " \n"}, {"token": "a\nb"}, {"token": None}, 5],
)
def test_auth_that_cannot_be_used_is_refused(auth: Any) -> None:
    with pytest.raises(ValidationError, match="auth"):
        options(auth=auth)


def test_white_space_around_a_token_is_dropped() -> None:
    assert AuthToken(token=" secret\r\n").token == "secret"


def test_an_mfa_token_may_be_a_function() -> None:
    def code() -> str:
        return "123456"

    auth = options(auth={"login_id": "a", "password": "b", "mfa_token": code}).auth
    assert isinstance(auth, AuthLogin)
    assert auth.mfa_token is code


@pytest.mark.parametrize(
    ("url", "base", "ws"),
    [
        ("https://h", "https://h", "wss://h"),
        ("https://h/", "https://h", "wss://h"),
        (
            "http://127.0.0.1:8065/sub/path//",
            "http://127.0.0.1:8065/sub/path",
            "ws://127.0.0.1:8065/sub/path",
        ),
        ("HTTPS://[::1]:80", "https://[::1]:80", "wss://[::1]:80"),
    ],
)
def test_the_websocket_url_is_the_url_with_another_scheme(url: str, base: str, ws: str) -> None:
    read = options(url=url)
    assert (read.url, read.ws_url) == (base, ws)
    assert read.url.host  # type: ignore[attr-defined]


def test_a_websocket_url_of_its_own_is_kept() -> None:
    assert options(ws_url="wss://events.example.com/ws/").ws_url == "wss://events.example.com/ws"


@pytest.mark.parametrize(
    "url",
    [
        "chat.example.com",
        "ftp://h",
        "https://",
        "https:///x",
        "https://h:port",
        "https://[::1",
        "https://h/?a=b",
        "https://h/#a",
        "https://h?",
        "https://h /x",
        "https://h/\x7f",
        "http://chat.example.com\\.localhost",
        "https://h/api/v4",
        5,
        None,
    ],
)
def test_a_url_that_is_no_server_is_refused(url: Any) -> None:
    with pytest.raises(ValidationError, match="url"):
        options(url=url)


def test_a_refused_url_does_not_show_its_password() -> None:
    with pytest.raises(ValidationError, match="must not hold a user name or password") as caught:
        options(url="https://user:sesame@h")
    assert "sesame" not in f"{caught.value}{caught.value.errors()}{caught.value.json()}"


@pytest.mark.parametrize("basepath", ["", "/", "/api/v4", "/api/v4/", "api/v4"])
def test_both_base_paths_mean_the_same(basepath: str) -> None:
    assert core_options(options(basepath=basepath)).url == URL


def test_another_base_path_is_refused() -> None:
    with pytest.raises(ValidationError, match="basepath must be"):
        options(basepath="/api/v5")


def test_a_validation_error_names_the_place_and_quotes_no_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        options(auth={"login_id": "", "password": "sesame"})
    assert caught.value.errors()[0]["loc"] == ("auth", "login_id")
    with pytest.raises(ValidationError) as direct:
        AuthLogin.model_validate({"password": "sesame"})
    for error in (caught.value, direct.value):
        assert "sesame" not in f"{error}{error.errors()}{error.json()}"


@pytest.mark.parametrize(
    "secretive",
    [
        options(auth={"token": "sesame"}),
        options(auth={"login_id": "a", "password": "sesame", "mfa_token": "sesame"}),
        http(headers={"Authorization": "sesame", "Cookie": "a=sesame"}),
        http(headers=[("X-Api-Key", "sesame")]),
    ],
)
def test_secrets_are_masked_wherever_options_are_written_down(secretive: ApiClientOptions) -> None:
    written = [
        repr(secretive),
        str(secretive),
        str(secretive.model_dump()),
        secretive.model_dump_json(),
        repr(core_options(secretive)),
        str(core_options(secretive).auth),
    ]
    assert not any("sesame" in text for text in written)
    assert b"sesame" not in pickle.dumps(secretive)
    assert "sesame" in str(secretive.model_dump(context={"secrets": True}))
    assert "sesame" in secretive.model_dump_json(context={"secrets": True})
    assert core_options(secretive.model_copy(deep=True)) == core_options(secretive)


def test_a_secret_is_a_plain_text_as_attribute() -> None:
    auth = options(auth={"token": "sesame"}).auth
    assert isinstance(auth, AuthToken)
    assert auth.token == "sesame"


@pytest.mark.parametrize(
    "values",
    [
        {"auth": {"token": "t"}},
        {"auth": {"login_id": "a", "password": "b"}},
        {"httpx_client_options": {"headers": {"Authorization": "x"}}},
    ],
)
def test_options_from_a_pickle_cannot_be_used_and_say_so(values: dict[str, Any]) -> None:
    unpickled = pickle.loads(pickle.dumps(options(**values)))  # noqa: S301
    assert unpickled.url == URL
    with pytest.raises(InvalidOptions, match="pickled"):
        core_options(unpickled)


def test_options_without_secrets_survive_a_pickle() -> None:
    plain = http(timeout=3, headers={"A": "b"})
    assert core_options(pickle.loads(pickle.dumps(plain))) == core_options(plain)  # noqa: S301


@pytest.mark.parametrize(
    "url", ["http://chat.example.com", "http://10.0.0.1:8065", "http://localhost.example.com"]
)
def test_credentials_over_plain_http_are_warned_about(url: str) -> None:
    with pytest.warns(UserWarning, match="unencrypted") as caught:
        ApiClientOptions.model_validate({"url": url, "auth": {"token": "sesame"}})
    assert "sesame" not in str(caught[0].message)


@pytest.mark.parametrize(
    "values",
    [
        {"url": "http://chat.example.com"},
        *(
            {"url": url, "auth": {"token": "t"}}
            for url in (
                URL,
                "http://localhost",
                "http://a.localhost:8065",
                "http://127.9.9.9",
                "http://[::1]:80",
            )
        ),
    ],
)
def test_no_warning_without_exposed_credentials(values: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ApiClientOptions.model_validate(values).url == values["url"]


def test_the_warning_points_at_the_callers_line() -> None:
    with pytest.warns(UserWarning, match="unencrypted") as caught:
        ApiClientOptions(url="http://chat.example.com", auth=AuthToken(token="t"))
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    ("value", "phases"),
    [
        (10.0, (10.0, 10.0, 10.0, 10.0)),
        (3, (3.0, 3.0, 3.0, 3.0)),
        ("2.5", (2.5, 2.5, 2.5, 2.5)),
        (None, (None, None, None, None)),
        ((1, 2, None, 4), (1.0, 2.0, None, 4.0)),
        ((1, 2), (1.0, 2.0, None, None)),
        (Timeout(connect=1), (1.0, 10.0, 10.0, 10.0)),
        (SimpleNamespace(connect=1, read=2, write=3, pool=None), (1.0, 2.0, 3.0, None)),
    ],
)
def test_timeouts_are_read_in_every_form_of_httpx(value: Any, phases: tuple[float | None, ...]) -> None:
    timeout = core_options(http(timeout=value)).timeout
    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == phases


@pytest.mark.parametrize(
    "value", [0, -1, float("nan"), float("inf"), True, "soon", (1,), (1, 2, 3, 4, 5), object()]
)
def test_a_timeout_is_positive(value: Any) -> None:
    with pytest.raises(ValidationError, match="timeout"):
        http(timeout=value)


def test_the_default_timeout_is_ten_seconds_for_each_phase() -> None:
    assert core_options(options()).timeout == core_options(http()).timeout == Timeout(10.0, 10.0, 10.0, 10.0)


@pytest.mark.parametrize(
    "headers", [{"A": "b", b"C": b"d"}, [("A", "b"), ("C", "d")], ((b"A", "b"), ("C", "d"))]
)
def test_headers_are_a_mapping_or_pairs_of_text_or_bytes(headers: Any) -> None:
    assert core_options(http(headers=headers)).headers[:2] == [("A", "b"), ("C", "d")]


@given(st.text(max_size=5), st.text(max_size=5))
def test_no_header_can_split_the_request(name: str, value: str) -> None:
    try:
        accepted = core_options(http(headers={name: value})).headers[:1]
    except ValidationError:
        return
    assert accepted == [(name, value)]
    assert not set(name + value) & set("\r\n\0")
    assert name.isascii()
    assert not set(name) & set(": \t")
    assert name


@pytest.mark.parametrize("headers", [5, "text", [("a",)], {"a": 5}, {"a": None}, {"a": b"\xff"}])
def test_headers_of_another_form_are_refused(headers: Any) -> None:
    with pytest.raises(ValidationError, match="headers"):
        http(headers=headers)


def test_the_config_has_what_the_core_needs() -> None:
    login = {"login_id": "a", "password": "b", "mfa_token": "c"}
    config = core_options(options(auth=login))
    assert (config.url, config.ws_url) == (URL, "wss://chat.example.com")
    assert config.auth == AuthLogin(**login)
    assert dict(config.headers)["User-Agent"].startswith("matterapi/")
    assert core_options(options(auth={"token": "t"})).auth == AuthToken(token="t")


@pytest.mark.parametrize("client", [SyncClient, AsyncClient])
def test_a_client_from_a_pickle_has_lost_its_secrets_and_says_so(client: Any) -> None:
    pickled = pickle.dumps(client(options={"url": URL, "auth": {"token": "sesame"}}))
    assert b"sesame" not in pickled
    loaded = pickle.loads(pickled)  # noqa: S301
    with pytest.raises(InvalidOptions, match="pickled"):
        _ = loaded.active_token
