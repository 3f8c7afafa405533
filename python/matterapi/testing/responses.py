"""The last step of an answer: headers, 304, ranges, compression (web/handlers.go, net/http)."""

import gzip

from aiohttp import web
from multidict import CIMultiDict

from .encoding import dumps
from .errors import AppError
from .ranges import RangeError, if_range_holds, multipart, parse_ranges
from .replies import JSON, Reply
from .state.world import World

_GZIP_FROM = 1024
_CHUNKED_FROM = 2048
_INCOMPRESSIBLE = ("video/", "audio/", "image/jpeg", "application/zip")


class Responder:
    """Turns replies into responses.

    Args:
        world: The server's state: version and clock.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def error(self, error: AppError, request_id: str) -> Reply:
        """Return the reply of an error; the router's own 404 bears no request id."""
        if error.status >= 500 and self._world.config.flag("ServiceSettings.ExperimentalEnableHardenedMode"):
            error = AppError(500, "", "Internal Server Error")
        unrouted = error.error_id == "api.context.404.app_error"
        body = dumps(error.body(None if unrouted else request_id))
        return Reply(error.status, body, JSON, list(error.headers), api=not unrouted)

    def no_upgrade(self, status: int, origin: str, request_id: str) -> Reply:
        """Return the reply to a refused websocket request: text first, then an error that says 400.

        Args:
            status: 400 without the headers of an upgrade, 403 for an origin that is not allowed.
            origin: The request's Origin, which the message names whatever was wrong.
            request_id: Id of the request.
        """
        error = AppError(
            400, "api.web_socket.connect.upgrade.app_error", f"URL Blocked because of CORS. Url: {origin}"
        )
        text = b"Bad Request\n" if status == 400 else b"Forbidden\n"
        headers = [("Sec-Websocket-Version", "13")]
        return Reply(status, text + dumps(error.body(request_id)), "text/plain; charset=utf-8", headers)

    def finish(self, request: web.BaseRequest, reply: Reply, request_id: str) -> web.Response:
        """Return the response to `request`."""
        headers: CIMultiDict[str] = CIMultiDict(reply.headers)
        if reply.api:
            self._api_headers(headers, request.method, request_id)
        status, body, content_type = reply.status, reply.body, reply.content_type
        if reply.etag:
            headers["ETag"] = reply.etag
            if request.headers.get("If-None-Match") == reply.etag:
                status, body, content_type = 304, b"", None
        if reply.ranges and status == 200:
            status, body, content_type = _apply_range(request, reply, headers)
        if content_type is not None:
            headers["Content-Type"] = content_type
        chunked = False
        if status != 206 and content_type is not None:
            body, chunked = _compress(request, body, content_type, headers)
        if request.method == "HEAD":
            body = b""
        response = web.Response(status=status, body=body, headers=headers)
        if chunked:
            response.enable_chunked_encoding()
        return response

    def _api_headers(self, headers: CIMultiDict[str], verb: str, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers["X-Version-Id"] = self._world.version_id
        headers["Vary"] = "Accept-Encoding"
        headers["Permissions-Policy"] = ""
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        if verb == "GET":
            headers["Expires"] = "0"


def _apply_range(
    request: web.BaseRequest, reply: Reply, headers: CIMultiDict[str]
) -> tuple[int, bytes, str | None]:
    """Cut the body to what a Range header asks for; returns status, body and content type."""
    holds = if_range_holds(request.headers.get("If-Range", ""), headers.get("Last-Modified", ""))
    try:
        parts = parse_ranges(request.headers.get("Range", "") if holds else "", len(reply.body))
    except RangeError as error:
        if error.beyond:
            headers["Content-Range"] = f"bytes */{len(reply.body)}"
        for name in ("Cache-Control", "Last-Modified"):
            headers.popall(name, None)
        return 416, f"{error}\n".encode(), "text/plain; charset=utf-8"
    headers["Accept-Ranges"] = "bytes"
    if not parts:
        return reply.status, reply.body, reply.content_type
    if len(parts) == 1:
        headers["Content-Range"] = parts[0].content_range
        return 206, reply.body[parts[0].start : parts[0].end], reply.content_type
    return 206, *multipart(reply.body, parts, reply.content_type or "")


def _compress(
    request: web.BaseRequest, body: bytes, content_type: str, headers: CIMultiDict[str]
) -> tuple[bytes, bool]:
    """Return the body as it goes out, and whether it goes out in chunks."""
    fits = len(body) >= _GZIP_FROM and not content_type.startswith(_INCOMPRESSIBLE)
    if fits and accepts_gzip(request.headers.get("Accept-Encoding", "")):
        headers["Content-Encoding"] = "gzip"
        headers.popall("Accept-Ranges", None)
        packed = gzip.compress(body, compresslevel=1, mtime=0)
        return packed, len(packed) > _CHUNKED_FROM
    return body, content_type == JSON and len(body) > _CHUNKED_FROM


def accepts_gzip(header: str) -> bool:
    """Tell whether an Accept-Encoding header asks for gzip by name with a weight above 0."""
    for item in header.split(","):
        name, _, parameters = item.partition(";")
        if name.strip().lower() != "gzip":
            continue
        weight = parameters.replace(" ", "").removeprefix("q=")
        return not parameters or (weight.replace(".", "", 1).isdecimal() and float(weight) > 0)
    return False
