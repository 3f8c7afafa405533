"""The small values of an HTTP exchange, with the attributes of httpx's classes of the same names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from matterapi.redaction.patterns import HEADER_MASK, is_secret_header, redact

HeaderPairs: TypeAlias = Iterable[tuple[str | bytes, str | bytes]]
"""Header fields in their order, as they came or as they go out."""

_LINK_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s;,"]+))')


class URL(str):
    """A URL as text, with its parts as attributes."""

    __slots__ = ()

    @property
    def _parts(self) -> SplitResult:
        return urlsplit(self)

    @property
    def scheme(self) -> str:
        """Lower-case scheme, such as `https`."""
        return self._parts.scheme

    @property
    def host(self) -> str:
        """Lower-case host without brackets, or an empty text."""
        return self._parts.hostname or ""

    @property
    def port(self) -> int | None:
        """The port if the URL names one."""
        return self._parts.port

    @property
    def path(self) -> str:
        """The path without percent-encoding; `/` if the URL has none."""
        return unquote(self._parts.path) or "/"

    @property
    def query(self) -> bytes:
        """The query as it is written, without the question mark."""
        return self._parts.query.encode()

    @property
    def params(self) -> dict[str, str]:
        """The decoded query; of repeated names the first value."""
        pairs = parse_qsl(self._parts.query, keep_blank_values=True)
        return dict(reversed(pairs))

    @property
    def fragment(self) -> str:
        """What follows `#`, without percent-encoding."""
        return unquote(self._parts.fragment)


class Headers(Mapping[str, str]):
    """Header fields: names in any case, several values for a name, unchangeable.

    Reading a name that occurs several times gives the values joined with `", "`. The `repr` masks
    values that may hold a credential.

    Args:
        pairs: Names and values in their order, or a mapping.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: HeaderPairs | Mapping[str, str] = ()) -> None:
        items = cast("HeaderPairs", pairs.items() if isinstance(pairs, Mapping) else pairs)
        self._pairs: list[tuple[str, str]] = [(_text(name).lower(), _text(value)) for name, value in items]

    def __getitem__(self, name: str) -> str:
        values = self.get_list(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name for name, _ in self._pairs))

    def __len__(self) -> int:
        return len({name for name, _ in self._pairs})

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(key == name.lower() for key, _ in self._pairs)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return sorted(self._pairs) == sorted(other._pairs)
        return self == Headers(other) if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def get_list(self, name: str, split_commas: bool = False) -> list[str]:
        """All values of a name, in order; none gives an empty list.

        Args:
            name: The name in any case.
            split_commas: Also split each value at its commas.
        """
        wanted = name.lower()
        values = [value for key, value in self._pairs if key == wanted]
        if not split_commas:
            return values
        return [part.strip() for value in values for part in value.split(",")]

    def multi_items(self) -> list[tuple[str, str]]:
        """Every field as it came: lower-case name and value, repeated names included."""
        return list(self._pairs)

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """Every field as bytes."""
        return [(name.encode(), value.encode()) for name, value in self._pairs]

    def masked(self) -> Headers:
        """The same fields without values that may hold a credential."""
        return Headers(
            (name, HEADER_MASK if is_secret_header(name) else redact(value)) for name, value in self._pairs
        )

    def __repr__(self) -> str:
        return f"Headers({self.masked().multi_items()!r})"


class Request:
    """What was sent: the part of `httpx.Request` that is known after the call.

    Args:
        method: Upper-case verb.
        url: The URL called.
        headers: The fields sent; values that may hold a credential are masked here for good.
    """

    __slots__ = ("headers", "method", "url")

    def __init__(self, method: str, url: str, headers: HeaderPairs | Mapping[str, str] = ()) -> None:
        self.method: str = method
        self.url: URL = URL(url)
        self.headers: Headers = Headers(headers).masked()

    def __repr__(self) -> str:
        return f"<Request({self.method!r}, {str(self.url)!r})>"


class OutgoingHeaders(Headers):
    """Header fields of a call before it is sent: names may be set.

    What is set here wins over the client's fields; a value of `Authorization` takes the token's place.
    """

    __slots__ = ("added",)

    def __init__(self, pairs: HeaderPairs | Mapping[str, str] = ()) -> None:
        super().__init__(Headers(pairs).masked())
        self.added: dict[str, str] = {}

    def __setitem__(self, name: str, value: str) -> None:
        name = name.lower()
        self.added[name] = value
        self._pairs = [(key, old) for key, old in self._pairs if key != name] + [(name, value)]

    def update(self, fields: Mapping[str, str]) -> None:
        """Set several names."""
        for name, value in fields.items():
            self[name] = value


class OutgoingRequest:
    """A call before it is sent, as `request` hooks see it.

    Args:
        method: Upper-case verb.
        url: The URL, without the client's own parameters.
        headers: The fields of the client; values that may hold a credential are masked.
    """

    __slots__ = ("headers", "method", "url")

    def __init__(self, method: str, url: str, headers: HeaderPairs | Mapping[str, str] = ()) -> None:
        self.method: str = method
        self.url: URL = URL(url)
        self.headers: OutgoingHeaders = OutgoingHeaders(headers)

    def __repr__(self) -> str:
        return f"<OutgoingRequest({self.method!r}, {redact(self.url)!r})>"


def parse_cookies(values: Iterable[str]) -> dict[str, str]:
    """Cookie values by name, from `Set-Cookie` fields; a field that cannot be read is left out."""
    # RFC 6265, section 5.2. Not `http.cookies`, which takes the square of a value's size in some versions.
    pairs = (value.partition(";")[0].partition("=") for value in values)
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs if name.strip()}


def parse_links(value: str) -> dict[str, dict[str, str]]:
    """The links of a `Link` field by their `rel`, or by their URL if they have none."""
    links: dict[str, dict[str, str]] = {}
    for piece in value.split("<")[1:]:
        target, end, parameters = piece.partition(">")
        if not end:
            continue
        link = {"url": target}
        link.update((name, quoted or bare) for name, quoted, bare in _LINK_PARAMETER.findall(parameters))
        links[link.get("rel") or target] = link
    return links


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _text(value: str | bytes) -> str:
    # Field values outside UTF-8 are read as Latin-1, the charset of old servers; neither can fail.
    if isinstance(value, str):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
