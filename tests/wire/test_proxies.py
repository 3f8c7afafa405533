"""Proxies with credentials, for calls and for the websocket, sync and async."""

import ssl
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from matterapi.client import exceptions as e
from tests.support.both_ways import WAYS, Reached, reach
from tests.support.certificates import Authority
from tests.support.proxies import PASSWORD, USER, http_proxy, socks_proxy
from tests.support.scripted import scripted

pytestmark = pytest.mark.parametrize("way", WAYS)
VARIABLES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
)


@pytest.fixture(autouse=True)
def _no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def port(url: str) -> str:
    return url.rpartition(":")[2]


async def test_an_http_proxy_forwards_calls_and_tunnels_websockets(way: str) -> None:
    reached = Reached()
    with scripted(reached.script()) as server, http_proxy() as proxy:
        url = server.url
        await reach(way, url, proxy=proxy.url)
    (asked,) = proxy.asked
    assert asked == (f"{url}/api/v4/users/me" if "HTTP" in way else url.partition("://")[2])
    assert reached.heads
    assert not any("proxy-authorization" in headers for _, headers in reached.heads)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_an_encrypted_server_is_reached_by_a_tunnel(way: str, encrypted: bool, tmp_path: Path) -> None:
    authority, reached = Authority(tmp_path), Reached()
    tls: ssl.SSLContext | None = authority.server() if encrypted else None
    with scripted(reached.script(), authority.server()) as server, http_proxy(tls) as proxy:
        url = server.url
        await reach(way, url, proxy=proxy.url, verify=authority.file)
    assert proxy.asked == [url.partition("://")[2]]
    assert not any("proxy-authorization" in headers for _, headers in reached.heads)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_a_socks_proxy_looks_up_the_name_itself(way: str, scheme: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with socks_proxy(scheme) as proxy:
        with scripted(Reached().script()) as server:
            url = f"http://chat.localhost:{port(server.url)}"
            await reach(way, url, proxy=proxy.url)
        assert proxy.asked == [f"chat.localhost:{port(url)}"]
        with scripted(Reached().script(), authority.server("chat.invalid")) as server:
            url = f"https://chat.invalid:{port(server.url)}"
            await reach(way, url, proxy=proxy.url, verify=authority.file)
        assert proxy.asked[1:] == [f"chat.invalid:{port(url)}"]


async def test_wrong_credentials_are_an_error_that_does_not_show_them(way: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with scripted(Reached().script(), authority.server()) as server:
        for proxy_kind in (http_proxy, socks_proxy):
            with proxy_kind() as proxy:
                wrong = proxy.bare.replace("://", "://ann:sesame@")
                if "HTTP" in way:
                    with pytest.raises(e.ConnectError) as caught:
                        await reach(way, server.url, proxy=wrong, verify=authority.file)
                    assert "sesame" not in f"{caught.value!r}{caught.value}"
            assert proxy.asked == []


async def test_proxies_may_be_given_by_pattern(way: str) -> None:
    with scripted(Reached().script()) as server, http_proxy() as proxy:
        for rules in (
            {"all://": proxy.url},
            {"http://": proxy.url, "https://": None},
            {"all://127.0.0.1": proxy.url, "all://": None},
            {f"all://*:{port(server.url)}": proxy.url},
        ):
            proxy.asked.clear()
            await reach(way, server.url, proxies=rules)
            assert len(proxy.asked) == 1
        proxy.asked.clear()
        await reach(way, server.url, proxy=proxy.url, mounts={"all://127.0.0.1": None})
        await reach(way, server.url, proxies={"all://": proxy.url, "http://": None})
        assert proxy.asked == []


async def test_an_object_like_that_of_httpx_is_read(way: str) -> None:
    with scripted(Reached().script()) as server, http_proxy() as proxy:
        given = SimpleNamespace(url=proxy.bare, auth=(USER, PASSWORD), headers={}, ssl_context=None)
        await reach(way, server.url, proxy=given)
        assert len(proxy.asked) == 1


async def test_the_environment_names_proxies_unless_it_is_not_trusted(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(Reached().script()) as server, http_proxy() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            with monkeypatch.context() as env:
                env.setenv(name, proxy.url)
                await reach(way, server.url)
                assert len(proxy.asked) == 1, name
                proxy.asked.clear()
                await reach(way, server.url, trust_env=False)
                for direct in ("127.0.0.1", "*", "a.example, 127.0.0.0/8"):
                    env.setenv("NO_PROXY", direct)
                    await reach(way, server.url)
                    assert proxy.asked == [], direct
                # A proxy given explicitly is no matter of the environment.
                await reach(way, server.url, proxy=proxy.url)
                assert len(proxy.asked) == 1
                proxy.asked.clear()


async def test_an_http_proxy_is_asked_for_an_ipv6_address_in_brackets(way: str) -> None:
    """RFC 9110, section 4.2.1."""
    reached = Reached()
    with scripted(reached.script()) as server, http_proxy() as proxy:
        url = f"http://[::1]:{port(server.url)}"
        await reach(way, url, proxy=proxy.url)
    assert proxy.asked == [f"{url}/api/v4/users/me" if "HTTP" in way else url.partition("://")[2]]
    assert reached.heads[0][1]["host"] == url.partition("://")[2]


async def test_a_socks_proxy_is_asked_for_an_ipv6_address_as_an_address(way: str) -> None:
    """Not as a name that looks like one (RFC 1928, section 5)."""
    with scripted(Reached().script()) as server, socks_proxy() as proxy:
        url = f"http://[::1]:{port(server.url)}"
        await reach(way, url, proxy=proxy.url)
    assert proxy.asked == [f"::1:{port(url)}"]


@pytest.mark.parametrize("proxy_kind", [http_proxy, socks_proxy])
async def test_https_to_an_ipv6_address_through_a_proxy_is_refused_at_once(way: str, proxy_kind: Any) -> None:
    with proxy_kind() as proxy:
        with pytest.raises(e.InvalidOptions, match=r"^proxy: HTTPS to an IPv6 address .* host name"):
            await reach(way, "https://[::1]:1", proxy=proxy.url)
        assert proxy.asked == []


@pytest.mark.parametrize("proxy_kind", [http_proxy, socks_proxy])
async def test_a_name_of_another_script_is_ascii_to_proxies_certificates_and_servers(
    way: str, proxy_kind: Any, tmp_path: Path
) -> None:
    """Punycode (RFC 5891) in what the proxy is asked, in the name of the TLS handshake, and in Host."""
    host, authority, reached = "xn--bcher-kva.example", Authority(tmp_path), Reached()
    tls = authority.server(host)
    asked: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    with scripted(reached.script(), tls) as server, proxy_kind() as proxy:
        place = f"{host}:{port(server.url)}"
        url = f"https://B\u00fccher.example:{port(server.url)}"
        await reach(way, url, proxy=proxy.url, verify=authority.file)
    assert proxy.asked == [place]
    assert asked == [host]
    assert reached.heads[0][1]["host"] == place
