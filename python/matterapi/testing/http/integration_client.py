"""Requests of the server to programs outside it: commands, outgoing webhooks, buttons, dialogs."""

import asyncio
import ipaddress
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

# The most that the server reads of a response (app/webhook.go, MaxIntegrationResponseSize).
_MOST = 1024 * 1024


class IntegrationError(Exception):
    """The program could not be asked, or did not answer in time."""


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """What the program answered.

    Attributes:
        status: Status code.
        content_type: Value of Content-Type; empty without one.
        body: At most 1 MiB of the body.
    """

    status: int
    content_type: str
    body: bytes


class IntegrationClient:
    """Asks programs on this machine; those elsewhere are refused, as by a server that is told not to.

    Args:
        timeout_s: Gives the seconds that a program has for its response.
    """

    def __init__(self, timeout_s: Callable[[], float]) -> None:
        self._timeout_s = timeout_s
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, verb: str, url: str, body: bytes, headers: Mapping[str, str]) -> IntegrationResponse:
        """Send one request and return its response; redirects are not followed.

        Raises:
            IntegrationError: There was no answer, or `url` is not on this machine.
        """
        if not is_on_this_machine(url):
            raise IntegrationError(f"{url} is not on this machine")
        timeout = aiohttp.ClientTimeout(total=self._timeout_s())
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.request(verb, url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                content = await response.content.read(_MOST)
                return IntegrationResponse(response.status, response.headers.get("Content-Type", ""), content)
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as failed:
            raise IntegrationError(f"{url}: {type(failed).__name__}") from failed

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` beside the responses; it ends with the server."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def is_on_this_machine(url: str) -> bool:
    """Whether an address is http or https, and on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_http_url(url: object) -> bool:
    """Whether `url` is an address by http or https (model.IsValidHTTPURL)."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
