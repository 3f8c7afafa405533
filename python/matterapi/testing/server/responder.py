"""The last step of a response: headers, 304, ranges, compression (web/handlers.go, net/http)."""

from aiohttp import web
from multidict import CIMultiDict

from matterapi.testing.http.compression import compress
from matterapi.testing.http.encoding import dumps
from matterapi.testing.http.errors import AppError
from matterapi.testing.http.ranges import RangeError, if_range_holds, multipart, parse_ranges
from matterapi.testing.http.response import JSON, Response
from matterapi.testing.state.world import World


class Responder:
    """Turns responses into what aiohttp writes.

    Args:
        world: The server's state: version and clock.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def error(self, error: AppError, request_id: str) -> Response:
        """Return the response of an error; the router's own 404 bears no request id."""
        if error.status >= 500 and self._world.config.flag("ServiceSettings.ExperimentalEnableHardenedMode"):
            error = AppError(500, "", "Internal Server Error")
        unrouted = error.error_id == "api.context.404.app_error"
        body = dumps(error.body(None if unrouted else request_id))
        return Response(error.status, body, JSON, list(error.headers), api=not unrouted)

    def no_upgrade(self, status: int, origin: str, request_id: str) -> Response:
        """Return the response to a refused websocket request: text first, then an error that says 400.

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
        return Response(status, text + dumps(error.body(request_id)), "text/plain; charset=utf-8", headers)

    def finish(self, request: web.BaseRequest, response: Response, request_id: str) -> web.Response:
        """Return the response to `request`."""
        headers: CIMultiDict[str] = CIMultiDict(response.headers)
        if response.api:
            self._api_headers(headers, request.method, request_id)
        status, body, content_type = response.status, response.body, response.content_type
        if response.etag:
            headers["ETag"] = response.etag
            if request.headers.get("If-None-Match") == response.etag:
                status, body, content_type = 304, b"", None
        if response.ranges and status == 200:
            status, body, content_type = _apply_range(request, response, headers)
        if content_type is not None:
            headers["Content-Type"] = content_type
        chunked = False
        if status != 206 and content_type is not None:
            body, chunked = compress(body, content_type, headers, request.headers.get("Accept-Encoding", ""))
        if request.method == "HEAD":
            body = b""
        finished = web.Response(status=status, body=body, headers=headers)
        if chunked:
            finished.enable_chunked_encoding()
        return finished

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
    request: web.BaseRequest, response: Response, headers: CIMultiDict[str]
) -> tuple[int, bytes, str | None]:
    """Cut the body to what a Range header asks for; returns status, body and content type."""
    holds = if_range_holds(request.headers.get("If-Range", ""), headers.get("Last-Modified", ""))
    try:
        parts = parse_ranges(request.headers.get("Range", "") if holds else "", len(response.body))
    except RangeError as error:
        if error.beyond:
            headers["Content-Range"] = f"bytes */{len(response.body)}"
        for name in ("Cache-Control", "Last-Modified"):
            headers.popall(name, None)
        return 416, f"{error}\n".encode(), "text/plain; charset=utf-8"
    headers["Accept-Ranges"] = "bytes"
    if not parts:
        return response.status, response.body, response.content_type
    if len(parts) == 1:
        headers["Content-Range"] = parts[0].content_range
        return 206, response.body[parts[0].start : parts[0].end], response.content_type
    return 206, *multipart(response.body, parts, response.content_type or "")
