"""`proxy`, `proxies` and `mounts` of `httpx_client_options`, and the environment's proxies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from matterapi.redaction.patterns import MASK

Rules = dict[str, str | None]
"""Proxies by pattern, as httpx writes patterns (`all://`, `https://`, `all://*.example.com:8065`)."""

Proxies = tuple[str | None, str | None, str, tuple[bool, bool]]
"""The proxy of plain and of encrypted connections, the hosts reached without one, and which of the two
proxies the environment has given."""

_SCHEMES = ("http", "https", "socks5", "socks5h")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PATTERN = re.compile(r"(all|https?)(?:://([^/@:\[\]]*|\[[^\]]*\])(?::(\d+))?)?")
_USER_INFORMATION = re.compile(r"(?<=://)[^/@]*@")


def read_rules(proxy: Any, proxies: Any, mounts: Any) -> Rules:
    """The rules of the three options; more specific options win over `proxy`.

    Raises:
        ValueError: A value is no proxy, or a pattern is none; no message quotes a password.
    """
    rules: Rules = {}
    if proxy:
        rules["all://"] = read_proxy(proxy, "proxy")
    for name, given in (("proxies", proxies), ("mounts", mounts)):
        if not given:
            continue
        if not isinstance(given, Mapping):
            rules["all://"] = read_proxy(given, name)
            continue
        for pattern, value in given.items():
            if not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern):
                raise ValueError(f"httpx_client_options[{name!r}]: a key is no pattern such as all://")
            key = pattern if "://" in pattern else f"{pattern}://"
            rules[key] = None if value is None else read_proxy(value, name)
    return rules


def read_proxy(value: Any, name: str) -> str:
    """The URL of a proxy.

    Args:
        value: The URL as text or as an object such as `httpx.URL`, or an object such as `httpx.Proxy`.
        name: The option or variable that it comes from.

    Raises:
        ValueError: It is something else; the message does not quote it.
    """
    where = name if name.isupper() else f"httpx_client_options[{name!r}]"
    if hasattr(value, "handle_request") or hasattr(value, "handle_async_request"):
        raise ValueError(
            f"{where}: a transport of httpx cannot be used; give a proxy as its URL, or None for no proxy"
        )
    user: tuple[str, str] | None = None
    if hasattr(value, "url"):
        if getattr(value, "headers", None) or getattr(value, "ssl_context", None):
            raise ValueError(f"{where}: headers and ssl_context of a proxy cannot be honoured")
        user = getattr(value, "auth", None) or getattr(value, "raw_auth", None)
        value = value.url
    text = str(value)
    parts = None
    try:
        parts = urlsplit(text)
        known = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
        # Of two schemes the second would be the host, without its port.
        known = known and not parts.netloc.endswith(":") and not parts.path.startswith("//")
    except ValueError:
        known = False
    if parts is None or not known:
        raise ValueError(
            f"{where} must be a URL such as http://user:password@host:3128, https:// or socks5://"
        )
    if user is None:
        return text
    name_and_password = ":".join(quote(part, safe="") for part in user)
    return f"{parts.scheme}://{name_and_password}@{parts.netloc.rpartition('@')[2]}"


def environment_rules(env: Mapping[str, str]) -> tuple[Rules, str]:
    """The rules of `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY`, and the value of `NO_PROXY`.

    Lower-case names come first. In a CGI program `HTTP_PROXY` is a header of the request, so it is
    left alone there.

    Raises:
        ValueError: A value is no proxy.
    """
    rules: Rules = {}
    for scheme in ("all", "http", "https"):
        names = [f"{scheme}_proxy", f"{scheme}_proxy".upper()]
        if scheme == "http" and "REQUEST_METHOD" in env:
            names.pop()
        for name in names:
            if value := env.get(name):
                with_scheme = value if "://" in value else f"http://{value}"
                rules[f"{scheme}://"] = read_proxy(with_scheme, name.upper())
                break
    without = env.get("no_proxy") or env.get("NO_PROXY") or ""
    # The core takes `*` for every name, but not for addresses.
    everything = "*" in (part.strip() for part in without.split(","))
    return ({}, "") if everything else (rules, without)


def choose(rules: Rules, urls: Iterable[str]) -> tuple[str | None, str | None]:
    """The proxies of plain and of encrypted connections, judged by the URLs that a client calls.

    Args:
        rules: See `read_rules`.
        urls: `http`, `https`, `ws` or `wss` URLs.

    Raises:
        ValueError: Two of the URLs have the same scheme and different proxies.
    """
    chosen: Rules = {}
    for url in urls:
        parts = urlsplit(url)
        scheme = "https" if parts.scheme in {"https", "wss"} else "http"
        proxy = _proxy_for(rules, scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[scheme])
        if chosen.setdefault(scheme, proxy) != proxy:
            raise ValueError(
                "httpx_client_options: url and ws_url would need different proxies; give one for both"
            )
    for scheme in ("http", "https"):
        # Only a redirect leads to a scheme that neither URL has.
        chosen.setdefault(scheme, _proxy_for(rules, scheme, "", None))
    return chosen["http"], chosen["https"]


def masked(value: Any) -> Any:
    """A proxy, or a mapping of them, with user name and password masked."""
    if isinstance(value, Mapping):
        return {key: masked(proxy) for key, proxy in value.items()}
    return _USER_INFORMATION.sub(f"{MASK}@", str(value)) if hasattr(value, "lower") else value


def _proxy_for(rules: Rules, scheme: str, host: str, port: int | None) -> str | None:
    best: tuple[tuple[bool, int, int], str | None] | None = None
    for pattern, proxy in rules.items():
        match = _PATTERN.fullmatch(pattern)
        if match is None:
            continue
        wanted_scheme, wanted_host, wanted_port = match.groups()
        wanted_host = (wanted_host or "").strip("[]").lower().removeprefix("*" if wanted_host == "*" else "")
        if (
            wanted_scheme not in {"all", scheme}
            or (wanted_host and not _is_host(wanted_host, host))
            or (wanted_port and int(wanted_port) != port)
        ):
            continue
        # httpx's order: a port counts most, then the longer host, then the scheme.
        weight = (bool(wanted_port), len(wanted_host), len(wanted_scheme) * (wanted_scheme != "all"))
        if best is None or weight > best[0]:
            best = weight, proxy
    return best[1] if best else None


def _is_host(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    if pattern.startswith("*"):
        return host == pattern[1:] or host.endswith(f".{pattern[1:]}")
    return host == pattern
