"""The forms in which a server may give a secret back."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from urllib.parse import quote, quote_plus

# What Go's JSON encoder writes in place of these: https://pkg.go.dev/encoding/json#Marshal
_GO_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
# What Go's html/template and html.EscapeString write in place of these.
_GO_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;", "+": "&#43;"})
_URL_SAFE = str.maketrans("+/", "-_")


def spellings(secret: str) -> Iterator[str]:
    """A secret as it is and as URLs, JSON, HTML, `repr` and base64 write it.

    Forms that are the same come several times.
    """
    data = secret.encode("utf-8", "surrogatepass")
    as_json, as_ascii = json.dumps(secret, ensure_ascii=False)[1:-1], json.dumps(secret)[1:-1]
    # Of the case of ASCII nothing need be said.
    yield from (secret, secret.upper(), secret.lower())
    yield from (quote(data, safe=""), quote(data), quote_plus(data))
    yield "".join(f"%{byte:02x}" for byte in data)
    yield from (as_json, as_ascii, as_json.translate(_GO_JSON), as_json.replace("/", "\\/"))
    yield from (escape(secret), escape(secret, quote=False), secret.translate(_GO_HTML))
    yield from (repr(secret)[1:-1], repr(data)[2:-1])
    for encoded in _in_base64(data):
        yield from (encoded, encoded.translate(_URL_SAFE))


def pair_spellings(user: str, password: str) -> Iterator[str]:
    """What HTTP Basic makes of a user and a password."""
    encoded = b64encode(f"{user}:{password}".encode("utf-8", "surrogatepass")).decode()
    yield from (encoded, encoded.rstrip("="), encoded.translate(_URL_SAFE))


def _in_base64(data: bytes) -> Iterator[str]:
    """What base64 makes of some bytes wherever they stand among others.

    Three bytes are four characters, so there are three ways to write the same; characters at the ends that
    depend on the neighbours are left out.
    """
    for before, mixed in ((0, 0), (1, 2), (2, 3)):
        whole = before + len(data)
        encoded = b64encode(b"\0" * before + data).decode().rstrip("=")
        yield encoded[mixed : len(encoded) - (whole % 3 != 0)]
