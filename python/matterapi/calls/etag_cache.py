"""Answers that the server need not send again while they are what it has: its entity tags say so.

The server's tags are texts without quotes, compared byte by byte with `If-None-Match` (HandleEtag,
web/context.go); so they are sent back as they came.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from weakref import WeakSet

from matterapi.http.response import Response

from .fork import in_child

if TYPE_CHECKING:
    from matterapi.options.etag_cache import EtagCacheLimits

_OK, _NOT_MODIFIED = 200, 304
_GONE = frozenset({401, 403, 404, 410})
_OVERHEAD = 1024
_LONGEST_TAG = 256

Key: TypeAlias = tuple[bytes, str]


class _Kept(NamedTuple):
    tag: str
    content: bytes
    headers: list[tuple[str, str]]

    @property
    def size(self) -> int:
        return len(self.content) + _OVERHEAD


class EtagCache:
    """The answers of one client, each for one token. Usable from all threads.

    Args:
        limits: How much is kept.
    """

    def __init__(self, limits: EtagCacheLimits) -> None:
        self._limits = limits
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        _caches.add(self)

    def lookup(self, who: object, target: str) -> Lookup:
        """What is known of a GET before it is sent.

        Args:
            who: What tells who asks, and in which way: its `repr` is all that counts, and only a digest of
                that is kept.
            target: Path and query.
        """
        key = (sha256(repr(who).encode()).digest(), target)
        with self._lock:
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
        return Lookup(self, key, kept)

    def keep(self, key: Key, kept: _Kept | None) -> None:
        """Put an answer in the place of the one that is kept, or none."""
        with self._lock:
            if (old := self._kept.pop(key, None)) is not None:
                self._size -= old.size
            if kept is None or kept.size > self._limits.size:
                return
            self._kept[key] = kept
            self._size += kept.size
            while len(self._kept) > self._limits.entries or self._size > self._limits.size:
                self._size -= self._kept.popitem(last=False)[1].size

    def renew_lock(self) -> None:
        """Have a lock that nobody holds: another thread of the parent may have held it at the fork."""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<EtagCache of {len(self._kept)} answers, {self._size} bytes>"


class Lookup:
    """One GET, asked about before it is sent."""

    def __init__(self, cache: EtagCache, key: Key, kept: _Kept | None) -> None:
        self._cache = cache
        self._key = key
        self._kept = kept

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along."""
        return {} if self._kept is None else {"If-None-Match": self._kept.tag}

    def answer(self, response: Response) -> Response:
        """What the caller gets for an answer: the kept one if that is still what the server has."""
        kept = self._kept
        if kept is not None and response.status_code == _NOT_MODIFIED:
            return _freshened(kept, response)
        tag = response.headers.get("etag", "")
        if response.status_code == _OK and _is_usable(tag):
            headers = response.headers.multi_items()
            self._cache.keep(self._key, _Kept(tag, response.content, headers))
        elif response.status_code == _OK or response.status_code in _GONE:
            self._cache.keep(self._key, None)
        return response


def _freshened(kept: _Kept, response: Response) -> Response:
    """The kept answer with the header fields of the one that confirmed it (RFC 9111, section 3.2)."""
    new = {name for name in response.headers if not name.startswith("content-")}
    headers = [field for field in kept.headers if field[0] not in new]
    headers += [field for field in response.headers.multi_items() if field[0] in new]
    whole = Response(
        _OK,
        headers,
        kept.content,
        url=response.url,
        method=response.request.method,
        request_headers=response.request.headers.multi_items(),
        elapsed=response.elapsed.total_seconds(),
        http_version=response.http_version,
    )
    whole.default_encoding = response.default_encoding
    return whole


def _is_usable(tag: str) -> bool:
    return 0 < len(tag) <= _LONGEST_TAG and tag.isascii() and tag.isprintable()


_caches: WeakSet[EtagCache] = WeakSet()


def _renew_locks() -> None:
    for cache in list(_caches):
        cache.renew_lock()


in_child(_renew_locks)
