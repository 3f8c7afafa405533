"""Cookies of a jar go to the server that they are for, and to no other (RFC 6265, section 5.4)."""

from http.cookiejar import Cookie, CookieJar
from typing import Any

import pytest

from matterapi import AsyncClient, SyncClient
from matterapi.options.client import read_options
from matterapi.options.core_options import core_options
from tests.support.both_ways import WAYS, Reached, reach
from tests.support.scripted import scripted

HOST = "chat.example.com"


def jar(*cookies: dict[str, Any]) -> CookieJar:
    """A jar with these cookies, which are named by their values and for `HOST` unless they say otherwise."""
    made = CookieJar()
    for values in cookies:
        facts = {"name": "a", "value": "1", "domain": HOST, "path": "/", "secure": False, "expires": None}
        facts |= values
        domain = str(facts.pop("domain"))
        made.set_cookie(
            Cookie(
                version=0,
                port=None,
                port_specified=False,
                domain=domain,
                domain_specified=bool(domain),
                domain_initial_dot=domain.startswith("."),
                path_specified=True,
                discard=False,
                comment=None,
                comment_url=None,
                rest={},
                **facts,
            )
        )
    return made


def sent(url: str, **cookie: Any) -> bool:
    """Whether both clients would send the cookie to the server."""
    values = {"url": url, "httpx_client_options": {"cookies": jar(cookie)}}
    headers = dict(core_options(read_options(values)).headers)
    assert headers.get("Cookie") in {None, "a=1"}
    for client in (SyncClient, AsyncClient):
        assert dict(core_options(client(options=values).options).headers) == headers
    return "Cookie" in headers


def test_a_secure_cookie_goes_over_https_only() -> None:
    assert sent(f"https://{HOST}", secure=True)
    assert not sent(f"http://{HOST}", secure=True)
    assert sent(f"http://{HOST}", secure=False)
    assert not sent("unix:///run/a.socket", secure=True, domain="")


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("/", "", True),
        ("/", "/mm", True),
        ("/mm", "/mm", True),
        ("/mm/", "/mm", True),
        ("/mm", "/mm/chat", True),
        ("/mm", "", False),
        ("/mm", "/mmx", False),
        ("/mm/", "/mmx", False),
        ("/mm/chat", "/mm", False),
        ("/api/v4", "", False),  # plugins are elsewhere
    ],
)
def test_a_cookie_goes_to_its_path_and_below(path: str, base: str, expected: bool) -> None:
    assert sent(f"https://{HOST}{base}", path=path) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (HOST, True),
        (f".{HOST}", True),
        (".example.com", True),
        ("example.com", False),
        (".ample.com", False),
        ("other.example.com", False),
        (".com.evil", False),
    ],
)
def test_a_cookie_goes_to_its_host(domain: str, expected: bool) -> None:
    assert sent(f"https://{HOST}", domain=domain) == expected


def test_a_cookie_that_has_expired_is_not_sent() -> None:
    assert not sent(f"https://{HOST}", expires=1)
    assert sent(f"https://{HOST}", expires=2**40)


@pytest.mark.parametrize("way", WAYS)
async def test_only_the_right_cookies_reach_the_server(way: str) -> None:
    reached, local = Reached(), {"domain": "127.0.0.1"}
    cookies = jar(
        {"name": "right", **local},
        {"name": "secure", "secure": True, **local},
        {"name": "below", "path": "/mm", **local},
        {"name": "other", "domain": "127.0.0.2"},
    )
    with scripted(reached.script()) as server:
        await reach(way, server.url, cookies=cookies)
    assert {headers.get("cookie") for _, headers in reached.heads} == {"right=1"}
