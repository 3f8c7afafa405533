"""What is said about options that cannot be used, whichever way they are given."""

import pickle
import warnings
from collections import UserDict
from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from matterapi import AsyncClient, SyncClient, exceptions
from matterapi.client.base import ApiClientOptions, AuthLogin, AuthToken, HttpxClientOptions

URL = "https://chat.example.com"
CLIENTS = [SyncClient, AsyncClient]
WAYS: list[Callable[[dict[str, Any]], Any]] = [
    lambda values: SyncClient(options=values),
    lambda values: AsyncClient(options=values),
    lambda values: ApiClientOptions(**values),
    ApiClientOptions.model_validate,
]


def refused(values: dict[str, Any]) -> exceptions.InvalidOptions:
    """The error, which is the same for all ways to give the options."""
    found = []
    for way in WAYS:
        with pytest.raises(exceptions.InvalidOptions) as caught:
            way(values)
        assert isinstance(caught.value, ValueError)
        found.append(caught.value)
    assert len({str(error) for error in found}) == 1
    return found[0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"auth": {"token": "a\nsesame"}}, "auth['token'] must be one word of printable ASCII characters"),
        ({"auth": {"token": " "}}, "auth['token'] must not be empty"),
        ({"auth": {"token": None}}, "auth['token'] must be a valid string"),
        ({"auth": {"login_id": "", "password": "sesame"}}, "auth['login_id'] must not be empty"),
        ({"auth": {"login_id": "a", "password": ["sesame"]}}, "auth['password'] must be a valid string"),
        (
            {"auth": {"login_id": "a", "password": "sesame", "mfa_token": ["sesame"]}},
            "auth['mfa_token'] must be text or a function that returns text",
        ),
        ({"auth": "sesame"}, "auth must be a dict with token, or with login_id and password"),
        ({"auth": {"login_id": "sesame"}}, "auth needs login_id and password, or token"),
        ({"ws_reconnect_wait_time": -1}, "ws_reconnect_wait_time must be greater than or equal to 0"),
        (
            {"debug": "sesame"},
            "debug must be a valid boolean, unable to interpret input",
        ),
        (
            {"httpx_client_options": {"max_redirects": "sesame"}},
            "httpx_client_options['max_redirects'] must be a valid integer, "
            "unable to parse string as an integer",
        ),
        (
            {"httpx_client_options": {"mounts": 5}},
            "httpx_client_options['mounts'] must be a valid dictionary",
        ),
        (
            {"httpx_client_options": {"mounts": {"http://sesame@h/": None}}},
            "httpx_client_options['mounts']: a key is no pattern such as all://",
        ),
        (
            {"httpx_client_options": {"headers": [("Bearer sesame", "Authorization")]}},
            "httpx_client_options['headers']: a name has characters that no name of a header field may have",
        ),
        (
            {"httpx_client_options": {"cookies": {"a=sesame": "b"}}},
            "httpx_client_options['cookies']: a name has characters that no name of a cookie may have",
        ),
        (
            {"httpx_client_options": {"timeout": "sesame"}},
            "httpx_client_options['timeout'] must be positive seconds or None for no limit",
        ),
        ({"url": None}, "url must be a valid string"),
        ({"url": "https://ann:sesame@h"}, "url must not hold a user name or password; use auth"),
    ],
)
def test_an_error_names_the_option_and_neither_value_nor_rule(values: dict[str, Any], said: str) -> None:
    error = refused({"url": URL, **values})
    assert isinstance(error, pydantic.ValidationError)
    assert str(error) == said
    assert "sesame" not in f"{error!r}{error.errors()}{error.json()}{error.__dict__}"
    assert error.__cause__ is None
    assert error.__suppress_context__


def test_every_option_that_is_wrong_is_named() -> None:
    error = refused({"debug": "a", "httpx_client_options": {"http1": 5, "trust_env": "b"}})
    assert isinstance(error, pydantic.ValidationError)
    assert error.error_count() == len(error.errors()) == 4
    assert [part.split(" ")[0] for part in str(error).split("; ")] == [
        "url",
        "httpx_client_options['http1']",
        "httpx_client_options['trust_env']",
        "debug",
    ]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("given", [[], "https://chat.example.com", 5])
def test_options_are_a_dict_or_an_object(client: Any, given: Any) -> None:
    with pytest.raises(
        exceptions.InvalidOptions, match=f"dict or ApiClientOptions, not {type(given).__name__}"
    ):
        client(options=given)


@pytest.mark.parametrize("client", CLIENTS)
def test_any_mapping_will_do(client: Any) -> None:
    auth = UserDict(token="t")
    assert client(options=UserDict(url=URL, auth=auth)).options == ApiClientOptions(
        url=URL, auth=AuthToken(token="t")
    )


@pytest.mark.parametrize("name", ["url", "ws_url"])
@pytest.mark.parametrize(
    "rest",
    ["http://chat.example.com", "https://chat.example.com", "wss://h", "http//h", "h//a", "h:", "h:/a"],
)
def test_a_url_with_two_schemes_is_refused(name: str, rest: str) -> None:
    scheme = "https" if name == "url" else "wss"
    assert f"{name} must have one scheme" in str(refused({"url": URL, name: f"{scheme}://{rest}"}))


@pytest.mark.parametrize("proxy", ["http://http://proxy:3128", "http://http//proxy", "socks5://socks5://p"])
@pytest.mark.parametrize("option", ["proxy", "proxies", "mounts"])
def test_a_proxy_with_two_schemes_is_refused(option: str, proxy: str) -> None:
    value = {"all://": proxy} if option == "mounts" else proxy
    error = refused({"url": URL, "httpx_client_options": {option: value}})
    assert str(error).startswith(f"httpx_client_options['{option}'] must be a URL such as")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"aut": {"token": "sesame"}}, "no option 'aut' in options; did you mean 'auth'?"),
        ({"URL": "sesame"}, "no option 'URL' in options; did you mean 'url'?"),
        (
            {"token": "sesame"},
            "no option 'token' in options; it belongs to auth, as in {'auth': {'token': ...}}",
        ),
        ({"tokn": "sesame"}, "no option 'tokn' in options; did you mean 'token' in auth?"),
        ({"password": "sesame"}, "it belongs to auth, as in {'auth': {'password': ...}}"),
        (
            {"timeout": 5},
            "it belongs to httpx_client_options, as in {'httpx_client_options': {'timeout': ...}}",
        ),
        (
            {"verify": False},
            "it belongs to httpx_client_options, as in {'httpx_client_options': {'verify': ...}}",
        ),
        ({"scheme": "https"}, "no option 'scheme' in options; write it into url"),
        ({"request_timeout": 5}, "its name is timeout, in httpx_client_options"),
        ({"xyzzy": 5}, "no option 'xyzzy' in options; there are url, ws_url, "),
        ({5: 5}, "no option 5 in options; there are url, ws_url, "),
        ({"auth": {"token": "t", "toke": "sesame"}}, "no option 'toke' in auth; did you mean 'token'?"),
        ({"auth": {"pasword": "sesame", "login_id": "a"}}, "no option 'pasword' in auth; did you mean"),
        (
            {"auth": {"token": "t", "url": "sesame"}},
            "no option 'url' in auth; it belongs to options, as in {'url'",
        ),
        ({"httpx_client_options": {"time_out": 5}}, "did you mean 'timeout'?"),
        ({"httpx_client_options": {"debug": True}}, "it belongs to options, as in {'debug': ...}"),
        (
            {"httpx_client_options": {"base_url": "sesame"}},
            "no option 'base_url' in httpx_client_options; the",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_a_word_about_the_right_one(values: Any, said: str) -> None:
    found = []
    for way in [WAYS[0], WAYS[1], WAYS[3]] if 5 in values else WAYS:
        with pytest.raises(exceptions.InvalidOptions) as caught:
            way({"url": URL, **values})
        assert isinstance(caught.value, TypeError)
        found.append(str(caught.value))
    assert len(set(found)) == 1
    assert said in found[0]
    assert "sesame" not in found[0]


@pytest.mark.parametrize("model", [ApiClientOptions, AuthLogin, AuthToken, HttpxClientOptions])
def test_each_object_of_options_refuses_unknown_names(model: Any) -> None:
    with pytest.raises(exceptions.InvalidOptions, match="no option 'nonsense' in"):
        model(nonsense=1)


def test_known_names_stand_in_all_places_where_they_mean_something() -> None:
    assert ApiClientOptions(url=URL, httpx_client_options=HttpxClientOptions(auth=("a", "b"))).auth is None


def test_a_refusal_survives_a_pickle_as_invalid_options() -> None:
    for values in ({"debug": "perhaps"}, {"nonsense": 1}):
        error = refused({"url": URL, **values})
        loaded = pickle.loads(pickle.dumps(error))  # noqa: S301
        assert isinstance(loaded, exceptions.InvalidOptions)
        assert str(loaded) == str(error)
        assert type(error).__name__ == "InvalidOptions"


@pytest.mark.parametrize("client", CLIENTS)
def test_pythons_errors_about_arguments_name_the_client(client: Any) -> None:
    for wrong in (lambda: client(URL, "t"), lambda: client(URL, tokn="t")):
        with pytest.raises(TypeError, match=rf"^{client.__name__}\.__init__\(\)"):
            wrong()


@pytest.mark.parametrize(
    "way",
    [
        lambda values: SyncClient(options=values),
        lambda values: AsyncClient(options=values),
        lambda values: ApiClientOptions(**values),
        lambda values: ApiClientOptions.model_validate(values),  # noqa: PLW0108 - a line of this file
        lambda values: pydantic.TypeAdapter(ApiClientOptions).validate_python(values),
    ],
)
def test_a_warning_points_at_the_line_of_the_program(way: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        way({"url": "http://chat.example.com", "auth": {"token": "t"}})
    assert [(one.category, one.filename) for one in caught] == [(UserWarning, __file__)]
    assert caught[0].lineno == way.__code__.co_firstlineno


NO_TEXT = "sesame\ud800"
"""A lone surrogate is no character: UTF-8 has no form for it."""


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"url": f"{URL}/{NO_TEXT}"}, "url"),
        ({"url": f"unix:///run/{NO_TEXT}"}, "url"),
        ({"ws_url": f"wss://chat.example.com/{NO_TEXT}"}, "ws_url"),
        ({"auth": {"login_id": NO_TEXT, "password": "p"}}, "auth['login_id']"),
        ({"auth": {"login_id": "ann", "password": NO_TEXT}}, "auth"),
        ({"auth": {"login_id": "ann", "password": "p", "mfa_token": NO_TEXT}}, "auth"),
        ({"auth": {"token": NO_TEXT}}, "auth['token']"),
        ({"httpx_client_options": {"headers": {"a": NO_TEXT}}}, "httpx_client_options['headers']"),
        ({"httpx_client_options": {"cookies": {"a": NO_TEXT}}}, "httpx_client_options['cookies']"),
        ({"httpx_client_options": {"params": {"a": NO_TEXT}}}, "httpx_client_options"),
        ({"httpx_client_options": {"auth": (NO_TEXT, "p")}}, "httpx_client_options"),
        ({"httpx_client_options": {"proxy": f"http://{NO_TEXT}@h"}}, "httpx_client_options"),
        ({"httpx_client_options": {"verify": f"/{NO_TEXT}"}}, "httpx_client_options['verify']"),
        ({"httpx_client_options": {"cert": ("/a", "/b", NO_TEXT)}}, "httpx_client_options['cert']"),
    ],
)
def test_what_is_no_text_is_an_invalid_option_that_is_not_shown(
    client: Any, values: dict[str, Any], name: str
) -> None:
    with pytest.raises(exceptions.InvalidOptions) as caught:
        client(options={"url": URL, **values})
    assert str(caught.value).startswith(name)
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "host", ["chat.example.com}", "{id}", "chat.example.com;a", "a,b", "a+b", "a'b", "a|b"]
)
def test_a_host_has_letters_digits_and_few_signs(host: str) -> None:
    for values in ({"url": f"https://{host}"}, {"url": URL, "ws_url": f"wss://{host}:443/x"}):
        assert str(refused(values)).endswith("://chat.example.com")


@pytest.mark.parametrize(
    "host", ["chat_1.example.com.", "bücher.example", "[2001:db8::7]", "192.0.2.7", "xn--bcher-kva.x"]
)
def test_hosts_of_every_kind_are_taken(host: str) -> None:
    assert ApiClientOptions(url=f"https://{host}:8065").url == f"https://{host}:8065"
