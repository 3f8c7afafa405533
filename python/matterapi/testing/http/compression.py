"""Which bodies go out compressed, and which in chunks (web/handlers.go, net/http)."""

import gzip

from multidict import CIMultiDict

from .response import JSON

_GZIP_FROM = 1024
_CHUNKED_FROM = 2048
_INCOMPRESSIBLE = ("video/", "audio/", "image/jpeg", "application/zip")


def compress(body: bytes, content_type: str, headers: CIMultiDict[str], accepted: str) -> tuple[bytes, bool]:
    """Return the body as it goes out, and whether it goes out in chunks.

    Args:
        body: The body.
        content_type: Its type.
        headers: Headers of the response; those for the compression are put in.
        accepted: The request's `Accept-Encoding`.
    """
    fits = len(body) >= _GZIP_FROM and not content_type.startswith(_INCOMPRESSIBLE)
    if fits and accepts_gzip(accepted):
        headers["Content-Encoding"] = "gzip"
        headers.popall("Accept-Ranges", None)
        packed = gzip.compress(body, compresslevel=1, mtime=0)
        return packed, len(packed) > _CHUNKED_FROM
    return body, content_type == JSON and len(body) > _CHUNKED_FROM


def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding header asks for gzip by name with a weight above 0."""
    for item in header.split(","):
        name, _, parameters = item.partition(";")
        if name.strip().lower() != "gzip":
            continue
        weight = parameters.replace(" ", "").removeprefix("q=")
        return not parameters or (weight.replace(".", "", 1).isdecimal() and float(weight) > 0)
    return False
