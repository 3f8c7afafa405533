"""The upgrade request: whether it is one, and the bytes that accept it (gorilla/websocket, server.go)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from multidict import CIMultiDictProxy

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter

from aiohttp import web

# RFC 6455, section 1.3.
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def refusal(headers: CIMultiDictProxy[str], site_url: str, cors_from: str) -> int:
    """Return the status that refuses an upgrade request; 0 when nothing is wrong with it.

    Args:
        headers: The request's headers.
        site_url: ServiceSettings.SiteURL; empty when it is not set.
        cors_from: ServiceSettings.AllowCorsFrom: origins with spaces between, `*` for any.
    """
    wanted = {"Connection": "upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    if not all(_has_token(headers, name, token) for name, token in wanted.items()):
        return 400
    if not _origin_passes(headers, site_url, cors_from):
        return 403
    return 0 if _is_key(headers.get("Sec-WebSocket-Key", "")) else 400


def acceptance(headers: Mapping[str, str]) -> bytes:
    """Return the whole 101: three headers, no subprotocol and no extension whatever was offered."""
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % accept_key(headers["Sec-WebSocket-Key"]).encode()
    )


def accept_key(key: str) -> str:
    """Return the `Sec-WebSocket-Accept` that proves a `Sec-WebSocket-Key` was read."""
    digest = hashlib.sha1(key.encode("latin-1") + _GUID, usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def _has_token(headers: CIMultiDictProxy[str], name: str, token: str) -> bool:
    values = ",".join(headers.getall(name, ()))
    return token in {item.strip().lower() for item in values.split(",")}


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def _origin_passes(headers: CIMultiDictProxy[str], site_url: str, cors_from: str) -> bool:
    """Decide as the server's OriginChecker: no Origin passes, an empty one only where a list is set."""
    origin = headers.get("Origin")
    if cors_from:
        site = urlsplit(site_url)
        listed = [*cors_from.split(" "), f"{site.scheme}://{site.netloc}"]
        return not origin or cors_from == "*" or origin in listed
    if origin is None:
        return True
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    if not site_url:
        return origin != "null" and asked.netloc.lower() == headers.get("Host", "").lower()
    site = urlsplit(site_url)
    return (asked.scheme.lower(), asked.netloc.lower()) == (site.scheme.lower(), site.netloc.lower())


class UpgradedResponse(web.StreamResponse):
    """What the HTTP server is told was answered: it writes nothing, the socket has its bytes already."""

    def __init__(self) -> None:
        super().__init__(status=101)

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Write nothing."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing."""
