"""`httpx_client_options`: options are read in httpx's forms; what cannot be honoured is refused by name."""

import pickle
import ssl
from http.cookiejar import CookieJar
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from matterapi import AsyncClient, SyncClient
from matterapi.client.base import ApiClientOptions, HttpxClientOptions, Limits
from matterapi.client.exceptions import InvalidOptions
from matterapi.options.client import read_options
from matterapi.options.core_options import CoreOptions, core_options
from matterapi.options.proxy import choose
from matterapi.options.tls import Verify
from tests.support.httpx_apart import httpx

URL = "https://chat.example.com"
PROXY = "http://ann:sesame@proxy:3128"


def options(url: str = URL, auth: Any = None, **values: Any) -> ApiClientOptions:
    return read_options({"url": url, "auth": auth, "httpx_client_options": values})


def config(url: str = URL, auth: Any = None, env: Any = None, **values: Any) -> CoreOptions:
    return core_options(options(url, auth, **values), env or {})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, Verify("system")),
        ("true", Verify("system")),
        (False, Verify(check="off")),
        ("false", Verify(check="off")),
        ("ca.pem", Verify(Path("ca.pem"))),
        (Path("ca.pem"), Verify(Path("ca.pem"))),
    ],
)
def test_verify_is_a_switch_or_a_path(value: Any, expected: Verify) -> None:
    assert config(verify=value).verify == expected


def test_the_environments_authorities_are_left_out_when_it_is_not_trusted() -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        assert config(env={name: "x"}).verify.roots == "system"
        assert config(env={name: "x"}, trust_env=False).verify.roots == "bundled"
    assert config(trust_env=False).verify.roots == "system"


def test_an_environment_without_any_certificate_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(InvalidOptions, match="SSL_CERT_FILE"):
        SyncClient(options={"url": URL})
    SyncClient(options={"url": URL, "httpx_client_options": {"trust_env": False}})


@pytest.mark.parametrize("value", ["", None, 5, b"ca.pem"])
def test_another_verify_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['verify'\]"):
        options(verify=value)


def context(**attributes: Any) -> ssl.SSLContext:
    made = ssl.create_default_context(cadata=httpx.create_ssl_context().get_ca_certs(binary_form=True)[0])
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


@pytest.mark.filterwarnings("ignore:ssl")
def test_a_context_is_read_as_far_as_it_can_be() -> None:
    verify = config(verify=context()).verify
    assert (verify.check, verify.tls12, verify.tls13) == ("full", True, True)
    assert verify.roots == context().get_ca_certs(binary_form=True)
    assert config(verify=context(check_hostname=False)).verify.check == "any name"
    verify = config(verify=context(minimum_version=ssl.TLSVersion.TLSv1_3)).verify
    assert (verify.tls12, verify.tls13) == (False, True)
    verify = config(verify=context(maximum_version=ssl.TLSVersion.TLSv1_2)).verify
    assert (verify.tls12, verify.tls13) == (True, False)
    switched_off = context()
    switched_off.options |= ssl.OP_NO_TLSv1_3
    assert not config(verify=switched_off).verify.tls13


@pytest.mark.filterwarnings("ignore:ssl")
def test_a_context_with_what_cannot_be_honoured_is_refused() -> None:
    weak = context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    own_ciphers = context()
    own_ciphers.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
    for refused, reason in (
        (ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "lists no certificates"),
        (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "for servers"),
        (context(verify_flags=ssl.VERIFY_CRL_CHECK_LEAF), "revocation"),
        (weak, "neither TLS 1.2 nor TLS 1.3"),
        (own_ciphers, "cipher list"),
    ):
        with pytest.raises(ValidationError, match=reason) as caught:
            options(verify=refused)
        assert "httpx_client_options['verify']" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "cert"),
    [
        (None, None),
        ("a.pem", (Path("a.pem"), Path("a.pem"), None)),
        (Path("a.pem"), (Path("a.pem"), Path("a.pem"), None)),
        (("a.pem", "a.key"), (Path("a.pem"), Path("a.key"), None)),
        (("a.pem", None, "sesame"), (Path("a.pem"), Path("a.pem"), "sesame")),
        (["a.pem", "a.key", b"sesame"], (Path("a.pem"), Path("a.key"), "sesame")),
    ],
)
def test_cert_is_read_in_every_form(value: Any, cert: Any) -> None:
    assert config(cert=value).cert == cert


@pytest.mark.parametrize("value", [5, (), ("a", "b", "c", "d"), ("a", "b", lambda: "sesame"), ("", "b")])
def test_another_cert_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['cert'\]"):
        options(cert=value)


@pytest.mark.parametrize("cert", ["absent.pem", ("absent.pem", "absent.key")])
def test_a_certificate_that_cannot_be_read_is_refused_at_once(cert: Any) -> None:
    with pytest.raises(InvalidOptions, match=r"cert: .*absent\.pem"):
        SyncClient(options={"url": URL, "httpx_client_options": {"cert": cert}})


def test_limits_are_read_by_their_attributes() -> None:
    assert config().limits == Limits(100, None, 45.0)
    assert config(limits=httpx.Limits()).limits == Limits(None, None, 5.0)
    assert config(limits=Limits(max_connections=2)).limits == Limits(2, None, 45.0)


@pytest.mark.parametrize("value", [5, {"max_connections": 1}, SimpleNamespace(max_connections=1)])
def test_limits_of_another_form_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['limits'\]"):
        options(limits=value)
    for wrong in ({"max_connections": 0}, {"max_connections": "1"}, {"keepalive_expiry": -1}):
        with pytest.raises(ValidationError, match="limits"):
            options(limits=Limits(**wrong))


def cookie_header(**values: Any) -> str | None:
    return dict(config(**values).headers).get("Cookie")


def test_cookies_are_a_mapping_pairs_or_a_jar() -> None:
    jar = httpx.Cookies({"a": "1"})
    jar.set("b", "2", domain="chat.example.com")
    jar.set("c", "3", domain="other.example.com")
    for given_cookies, expected in (
        ({"a": "1", "b": ""}, "a=1; b="),
        ([("a", "1"), ("a", "2")], "a=1; a=2"),
        (jar, "a=1; b=2"),
        (jar.jar, "a=1; b=2"),
        (CookieJar(), None),
        (None, None),
    ):
        assert cookie_header(cookies=given_cookies) == expected


@pytest.mark.parametrize(
    "value", [5, "a=1", [("a",)], {"a": "1;b"}, {"a": "1\r\nX: y"}, {"a b": "1"}, {"a": None}]
)
def test_cookies_that_cannot_be_sent_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['cookies'\]"):
        options(cookies=value)


@given(st.text(max_size=6), st.text(max_size=6))
def test_no_cookie_can_split_the_header(name: str, value: str) -> None:
    try:
        sent = cookie_header(cookies={name: value})
    except ValidationError:
        return
    assert sent == f"{name}={value}"
    assert not set(sent) & set(";\r\n\0,")


@pytest.mark.parametrize(
    "value", [{"a": ["1", True], "b": None}, "a=1&a=true&b=", [("a", 1), ("a", True), ("b", "")]]
)
def test_params_are_encoded_as_httpx_does(value: Any) -> None:
    assert config(params=value).params == "a=1&a=true&b=" == str(httpx.QueryParams(value))
    assert config(params=httpx.QueryParams(value)).params == "a=1&a=true&b="


@pytest.mark.parametrize("value", [5, "a b", "a=1\r\n", "a#b", [("a",)]])
def test_params_of_another_form_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['params'\]"):
        options(params=value)


def authorization(own: Any, **http: Any) -> str | None:
    read = read_options({"url": URL, "auth": own, "httpx_client_options": http})
    return dict(core_options(read, {}).headers).get("Authorization")


def test_auth_is_a_pair_where_there_is_no_other() -> None:
    assert authorization(None, auth=("ann", "sesame")) == "Basic YW5uOnNlc2FtZQ=="
    assert authorization(None, auth=["ann", b"sesame"]) == "Basic YW5uOnNlc2FtZQ=="


@pytest.mark.parametrize("own", [{"token": "t"}, {"login_id": "ann", "password": "other"}])
def test_auth_beside_a_token_or_login_is_refused_and_not_ignored(own: Any) -> None:
    with pytest.raises(InvalidOptions, match=r"\['auth'\] cannot be sent beside a token") as caught:
        authorization(own, auth=("ann", "sesame"))
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("value", ["ann:sesame", ("ann",), ("ann", 5), httpx.BasicAuth("ann", "sesame")])
def test_another_auth_is_refused_without_showing_it(value: Any) -> None:
    with pytest.raises(ValidationError, match=r"httpx_client_options\['auth'\]") as caught:
        HttpxClientOptions(auth=value)
    assert "sesame" not in str(caught.value)


def test_two_options_for_one_header_are_refused() -> None:
    with pytest.raises(InvalidOptions, match="cookies"):
        config(cookies={"a": "1"}, headers={"cookie": "b=2"})
    with pytest.raises(InvalidOptions, match="auth"):
        authorization(None, auth=("a", "b"), headers={"AUTHORIZATION": "x"})


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"all://": "a"}, "a"),
        ({"all://": "a", "https://": "b"}, "b"),
        ({"all://": "a", "http://": "b"}, "a"),
        ({"https://": "a", "all://*.example.com": "b"}, "b"),
        ({"all://example.com": "a"}, None),
        ({"all://*example.com": "a", "all://chat.example.com": None}, None),
        ({"all://chat.example.com": None, "all://chat.example.com:443": "a"}, "a"),
        ({"all://*:443": "a", "https://chat.example.com": "b"}, "a"),
        ({"all://other.example.com": "a"}, None),
    ],
)
def test_the_most_specific_pattern_wins_as_in_httpx(rules: Any, expected: str | None) -> None:
    assert choose(rules, [URL, "wss://chat.example.com"])[1] == expected


def test_two_urls_that_need_different_proxies_are_refused() -> None:
    with pytest.raises(InvalidOptions, match="different proxies"):
        core_options(
            read_options(
                {
                    "url": URL,
                    "ws_url": "wss://events.example.com",
                    "httpx_client_options": {"proxies": {"all://chat.example.com": PROXY}},
                }
            ),
            {},
        )


def test_proxies_come_from_the_environment_in_every_spelling() -> None:
    for env in (
        {"HTTPS_PROXY": PROXY},
        {"https_proxy": PROXY, "HTTPS_PROXY": "http://other"},
        {"ALL_PROXY": PROXY},
        {"https_proxy": PROXY.removeprefix("http://")},
    ):
        assert config(env=env).proxies[1] == PROXY
    assert config(env={"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}).proxies[:3] == (None, None, "")
    assert config(env={"ALL_PROXY": PROXY, "NO_PROXY": "a, b"}).proxies[:3] == (PROXY, PROXY, "a, b")
    assert config(env={"ALL_PROXY": PROXY}, proxy="http://b").proxies[:3] == ("http://b", "http://b", "")
    assert config(env={"HTTPS_PROXY": PROXY}).proxies[3] == (False, True)
    assert config(env={"ALL_PROXY": PROXY}, mounts={"http://": "http://b"}).proxies[3] == (False, True)
    with pytest.raises(InvalidOptions, match="ALL_PROXY") as caught:
        config(env={"ALL_PROXY": "ftp://ann:sesame@h"})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"proxy": "ftp://ann:sesame@h"},
        {"proxy": "ann:sesame@h"},
        {"proxy": "http://ann:sesame@h:port"},
        {"proxy": httpx.Proxy("http://ann:sesame@h", headers={"a": "b"})},
        {"proxies": {"ftp://": "http://h"}},
        {"proxies": {5: "http://h"}},
        {"mounts": {"all://": httpx.HTTPTransport(proxy="http://ann:sesame@h")}},
        {"mounts": {"all://": "sesame"}},
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        options(**values)
    assert f"httpx_client_options[{next(iter(values))!r}]" in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_proxies_of_httpx_are_read() -> None:
    for given_proxy in (
        httpx.Proxy(PROXY),
        httpx.Proxy("http://proxy:3128", auth=("ann", "sesame")),
        httpx.URL(PROXY),
    ):
        assert config(proxy=given_proxy).proxies[1] == PROXY


def test_a_unix_socket_has_no_proxy() -> None:
    assert config("unix:///run/a.socket", env={"ALL_PROXY": PROXY}).url == "unix:///run/a.socket"
    with pytest.raises(InvalidOptions, match="unix socket"):
        config("unix:///run/a.socket", proxy=PROXY)


@pytest.mark.parametrize("url", ["unix://", "unix:///", "unix://run/a", "unix:///a?b", "unix:///a b"])
def test_a_socket_url_is_an_absolute_path(url: str) -> None:
    with pytest.raises(ValidationError, match="unix://"):
        options(url)


@pytest.mark.parametrize("name", ["app", "base_url", "no_such_option"])
@pytest.mark.parametrize("value", [None, 1])
def test_an_unknown_option_is_a_type_error_as_in_httpx(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"no option '{name}'"):
        options(**{name: value})
    with pytest.raises(TypeError, match=f"no option '{name}'"):
        HttpxClientOptions(**{name: value})


def test_a_transport_is_refused_and_the_error_says_what_to_do() -> None:
    with pytest.raises(ValidationError, match=r"\['transport'\] cannot be honoured: .*MattermostServer"):
        options(transport=httpx.MockTransport(lambda request: httpx.Response(200)))
    assert config(transport=None) == config()


@pytest.mark.parametrize(
    "values",
    [
        {"http1": False},
        {"max_redirects": -1},
        {"default_encoding": "no-such-encoding"},
        {"event_hooks": [print]},
        {"event_hooks": {"request": [5]}},
        {"event_hooks": {"respons": [print]}},
        {"trust_env": "perhaps"},
    ],
)
def test_an_impossible_value_is_refused_by_name(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(values))):
        options(**values)


def test_options_that_say_nothing_change_nothing() -> None:
    nothing = {
        "proxy": "",
        "mounts": {},
        "cookies": {},
        "params": None,
        "event_hooks": {"request": []},
        "auth": None,
    }
    assert config(**nothing) == config()
    assert config(max_redirects=5).max_redirects == 0
    assert config(follow_redirects=True).max_redirects == 20


SECRETIVE: list[dict[str, Any]] = [
    {"auth": ("ann", "sesame")},
    {"cert": ("a.pem", "a.key", "sesame")},
    {"cookies": {"a": "sesame"}},
    {"cookies": httpx.Cookies({"a": "sesame"})},
    {"headers": {"Authorization": "sesame"}},
    {"mounts": {"all://": PROXY}},
    {"params": {"key": "sesame"}},
    {"params": "key=sesame"},
    {"proxies": {"all://": PROXY}},
    {"proxies": PROXY},
    {"proxy": PROXY},
]


@pytest.mark.parametrize("values", SECRETIVE)
@pytest.mark.parametrize("make", [SyncClient, AsyncClient])
def test_no_option_shows_its_secret(values: dict[str, Any], make: Any) -> None:
    read = HttpxClientOptions(**values)
    written = [repr(read), str(read), str(read.model_dump()), read.model_dump_json()]
    if "cert" not in values:
        client = make(options=ApiClientOptions(url=URL, httpx_client_options=read))
        written += [repr(client), str(client.__dict__), repr(client.sender.core)]
    assert not any("sesame" in text for text in written), written
    assert b"sesame" not in pickle.dumps(read)
    assert "sesame" in str(read.model_dump(context={"secrets": True}))
    unpickled = pickle.loads(pickle.dumps(read))  # noqa: S301
    with pytest.raises(InvalidOptions, match="pickled"):
        core_options(ApiClientOptions(url=URL, httpx_client_options=unpickled), {})
