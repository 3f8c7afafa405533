"""From an HTTP request to its response: routing, limits, authentication, handler, recording."""

import html
import logging
from collections.abc import Callable
from functools import cache
from urllib.parse import parse_qs

from aiohttp import web

from matterapi.testing.catalogue.checks import check_path_ids, check_request
from matterapi.testing.catalogue.operations import Catalogue, Operation, bundled, is_available
from matterapi.testing.catalogue.responses import catalogue_response
from matterapi.testing.catalogue.routing import PathError, RouteTable, below_subpath, clean_path, decode_path
from matterapi.testing.catalogue.web_routes import WEB_OPERATIONS
from matterapi.testing.effects.session_cookies import extend_session
from matterapi.testing.faults.requests import RequestFaults
from matterapi.testing.http.errors import (
    AppError,
    clear_cookie,
    forbidden,
    mfa_required,
    no_such_route,
    session_expired,
    too_large,
)
from matterapi.testing.http.integration_client import IntegrationClient
from matterapi.testing.http.listener import TcpConnection
from matterapi.testing.http.request_log import RecordedRequest, RequestHistory
from matterapi.testing.http.response import Response, text_response
from matterapi.testing.rest.availability import check_availability
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.catalogue_events import publish_answered
from matterapi.testing.rest.outage import check_database
from matterapi.testing.rest.registry import handlers
from matterapi.testing.state.credentials import Credentials, credentials, csrf_passes
from matterapi.testing.state.sessions import Session
from matterapi.testing.state.world import World
from matterapi.testing.websocket.endpoint import WebsocketEndpoint
from matterapi.testing.websocket.handshake import refusal
from matterapi.testing.websocket.hub import Hub
from matterapi.testing.websocket.upgrade import UpgradeRequest

from .rate_limits import Headers, RateLimits
from .responder import Responder

_log = logging.getLogger(__name__)

_WEBSOCKET_PATHS = ("/api/v4/websocket", "/api/v4/websocket/")
# What the server reads beyond a limit before it says so (bytes.MinRead).
_SLACK = 512
_PAGE = b"<html><head></head><body>Mattermost</body></html>\n"


@cache
def routes_of(version: str, *, strict: bool) -> RouteTable:
    """Return the routes of a server of `version`; made once per process.

    Args:
        version: Like `11.2`.
        strict: Whether path parameters must fit the server's patterns, and operations are unknown that
            servers answer on their local socket alone, or no longer.
    """
    known = [
        operation
        for operation in bundled().operations
        if is_available(operation, version) and not (strict and (operation.local_only or operation.gone))
    ]
    return RouteTable([*known, *WEB_OPERATIONS], strict=strict)


class Service:
    """Answers the requests of one server.

    Args:
        world: The server's state.
        hub: Where events are published.
        endpoint: Serves the websocket.
        catalogue: Facts about every operation.
        routes: Finds operations.
        faults: Answers requests that are to meet faults.
        stateless: Whether every operation but login is answered from the catalogue.
        on_request: Called with each request once it is answered.
    """

    def __init__(
        self,
        world: World,
        hub: Hub,
        endpoint: WebsocketEndpoint,
        catalogue: Catalogue,
        routes: RouteTable,
        *,
        faults: RequestFaults,
        stateless: bool,
        on_request: Callable[[RecordedRequest], None] | None = None,
    ) -> None:
        self._world = world
        self._hub = hub
        self._endpoint = endpoint
        self._catalogue = catalogue
        self._routes = routes
        self._faults = faults
        self._on_request = on_request
        self._stateless = stateless
        self._responder = Responder(world)
        self._limits = RateLimits(world.config)
        self._outside = IntegrationClient(
            lambda: world.config.number("ServiceSettings.OutgoingIntegrationRequestsTimeout")
        )
        self.requests: RequestHistory = RequestHistory()

    async def __call__(self, request: web.BaseRequest, connection: TcpConnection) -> web.StreamResponse:
        """Answer one request, with the faults that it meets."""
        record = RecordedRequest.start(request, connection.number)
        self.requests.add(record)
        try:
            return await self._faults.exchange(
                request, record, connection, lambda asked: self._respond(asked, record)
            )
        finally:
            if self._on_request is not None:
                self._on_request(record)
            self.requests.note_body(record)

    async def _respond(self, request: web.BaseRequest, record: RecordedRequest) -> web.StreamResponse:
        request_id = self._world.ids.new()
        raw_query = request.raw_path.partition("?")[2]
        record.query = parse_qs(raw_query, keep_blank_values=True)
        verdict = self._limits.admit(request.headers, record.query, request.remote or "", self._world.now())
        limit_headers = list(verdict.headers)
        try:
            response = await self._route(request, record, limit_headers) if verdict.passes else _limited()
        except AppError as error:
            response = self._responder.error(error, request_id)
        except ConnectionError:
            # The client went away before it had said everything.
            raise
        except Exception:
            record.status = 500
            _log.exception("handling %s %s", request.method, request.path)
            raise
        if isinstance(response, web.StreamResponse):
            record.status = response.status
            return response
        response.headers += limit_headers
        finished = self._responder.finish(request, response, request_id)
        record.status = finished.status
        return finished

    async def _route(
        self, request: web.BaseRequest, record: RecordedRequest, limit_headers: Headers
    ) -> Response | web.StreamResponse:
        """Answer a request that the limits let pass; what a second limiter tells goes to `limit_headers`."""
        raw_path, _, raw_query = request.raw_path.partition("?")
        try:
            path = decode_path(raw_path)
        except PathError:
            return text_response(400, "400 Bad Request")
        cleaned = clean_path(path)
        if cleaned != path:
            return _moved(301, cleaned, raw_query)
        inside = below_subpath(path, self._world.subpath)
        if inside is None:
            return _moved(302, self._world.subpath + path, raw_query, by=request.method)
        path = record.path = inside
        longest = self._world.config.number("ServiceSettings.MaximumURLLength")
        is_websocket = path in _WEBSOCKET_PATHS and request.method == "GET"
        if is_websocket and len(request.raw_path) <= longest:
            return await self._websocket(request, record.query)
        found = self._routes.find(request.method, path)
        if found is None and not is_websocket:
            return self._unknown(request.method, path)
        if found is None or len(request.raw_path) > longest:
            raise AppError(414, "basic_security_check.url.too_long_error", "URL is too long")
        operation, params = found
        record.operation = operation.id
        record.body = await self._read(request, operation)
        return await self._call(request, record, operation, params, limit_headers)

    async def _websocket(
        self, request: web.BaseRequest, query: dict[str, list[str]]
    ) -> web.StreamResponse | Response:
        found = credentials(self._world, request.headers, query)
        site, allowed = (
            self._world.config.text(f"ServiceSettings.{name}") for name in ("SiteURL", "AllowCorsFrom")
        )
        refused = refusal(request.headers, site, allowed)
        if refused:
            return self._responder.no_upgrade(
                refused, request.headers.get("Origin", ""), self._world.ids.new()
            )
        opening = UpgradeRequest(
            found,
            connection_id=query.get("connection_id", [""])[0],
            sequence_number=query.get("sequence_number", [""])[0],
            wants_ack=query.get("posted_ack") == ["true"],
        )
        return await self._endpoint.serve(request, query, opening)

    def _unknown(self, verb: str, path: str) -> Response:
        if path.startswith("/api/"):
            # Below /api/v4 the router itself answers, elsewhere a handler, which gives a request id.
            named = [] if path.startswith("/api/v4/") else [("X-Request-Id", self._world.ids.new())]
            raise no_such_route(path, headers=named)
        if verb == "GET" and not path.startswith("/plugins/"):
            headers = [
                ("Cache-Control", "no-cache, max-age=31556926, public"),
                ("X-Frame-Options", "SAMEORIGIN"),
            ]
            return Response(200, _PAGE, "text/html", headers=headers)
        return text_response(404, "404 page not found\n")

    async def _read(self, request: web.BaseRequest, operation: Operation) -> bytes:
        """Read the body up to the operation's limit.

        Raises:
            AppError: 413 above it.
        """
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        name = (
            "FileSettings.MaxFileSize"
            if operation.max_body == "file"
            else "ServiceSettings.MaximumPayloadSizeBytes"
        )
        limit = self._world.config.number(name) + _SLACK
        chunks, size = list[bytes](), 0
        async for chunk in request.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise too_large()
        return b"".join(chunks)

    async def _call(
        self,
        request: web.BaseRequest,
        record: RecordedRequest,
        operation: Operation,
        params: dict[str, str],
        limit_headers: Headers,
    ) -> Response:
        found = credentials(self._world, request.headers, record.query)
        if found.token:
            user_id = found.session.user_id if found.session else ""
            verdict = self._limits.admit_user(user_id, self._world.now())
            limit_headers += verdict.headers
            if not verdict.passes:
                return _limited(api=True)
        self._authenticate(request, operation, found)
        self._require_mfa(record, operation, found.session)
        call = Call(
            self._world,
            self._hub,
            operation,
            params,
            record.query,
            request.headers,
            record.body,
            found.session,
            self._outside,
        )
        if not self._stateless:
            instead = check_database(call)
            if instead is not None:
                return instead
            check_availability(call)
        handler = handlers().get(operation.id)
        if handler is not None and (not self._stateless or operation.id == "Login"):
            check_path_ids(params)
            response = handler(call)
            if not isinstance(response, Response):
                response = await response
            if found.session is not None and operation.id in _ACTIVITY and response.status < 300:
                self._hub.touch(found.session.token)
                if operation.id in _EXTENDING:
                    response.headers += extend_session(self._world, found.session)
            return response
        if not self._stateless:
            check_path_ids(params)
            self._permit(call)
        content_type = request.headers.get("Content-Type", "")
        check_request(
            operation,
            params,
            record.query,
            content_type=content_type,
            body=record.body,
            schemas=self._catalogue.schemas,
        )
        response = catalogue_response(operation, self._catalogue.schemas)
        if not self._stateless:
            publish_answered(call, response)
        return response

    def _authenticate(self, request: web.BaseRequest, operation: Operation, found: Credentials) -> None:
        if not operation.needs_session:
            return
        gone = clear_cookie(self._world.subpath)
        if found.session is None:
            raise session_expired([gone] if found.token else [])
        strict = self._world.config.flag("ServiceSettings.ExperimentalStrictCSRFEnforcement")
        if not csrf_passes(request.method, found, request.headers, strict=strict):
            raise session_expired([gone])

    def _require_mfa(self, record: RecordedRequest, operation: Operation, session: Session | None) -> None:
        """Refuse who has to set up a second factor (app/authentication.go, MFARequired); licensed servers do.

        Raises:
            AppError: 403.
        """
        config = self._world.config
        asked = self._world.licensed and config.flag("ServiceSettings.EnableMultifactorAuthentication")
        if not asked or not config.flag("ServiceSettings.EnforceMultifactorAuthentication"):
            return
        if session is None or not operation.needs_session or operation.id in _WITHOUT_MFA:
            return
        user = self._world.users.get(session.user_id)
        if user is None or user["is_bot"] or user["mfa_active"] or record.path == "/api/v4/users/me":
            return
        raise mfa_required()

    def _permit(self, call: Call) -> None:
        """Refuse an ordinary user what none of the ordinary roles gives.

        Raises:
            AppError: 403.
        """
        permissions = [
            wanted_permission
            for wanted_permission in call.operation.permissions or ()
            if wanted_permission != "authenticated"
        ]
        if call.session is None or not permissions or call.is_admin:
            return
        if not any(self._world.roles.grant(_ORDINARY_ROLES, permission) for permission in permissions):
            raise forbidden()


def _limited(*, api: bool = False) -> Response:
    """The refusal of a limiter; the second one's bears the headers of the API."""
    return Response(429, b"limit exceeded\n", "text/plain; charset=utf-8", api=api)


def _moved(status: int, path: str, raw_query: str, *, by: str = "") -> Response:
    """A redirect; `by` is the verb where it comes with a page for people (net/http, Redirect)."""
    location = path + ("?" + raw_query if raw_query else "")
    page = f'<a href="{html.escape(location)}">Found</a>.\n\n'.encode() if by == "GET" else b""
    return Response(
        status,
        page,
        "text/html; charset=utf-8" if page else None,
        headers=[("Location", location)],
        api=False,
    )


# Operations that count as activity of the session's user (UpdateLastActivityAtIfNeeded).
_ACTIVITY = frozenset({"GetUser", "GetUsers", "CreatePost", "ViewChannel"})
# Those of them that lengthen the session (api4/post.go, api4/channel.go).
_EXTENDING = frozenset({"CreatePost", "ViewChannel"})
# What a user needs to set up the second factor (APISessionRequiredMfa).
_WITHOUT_MFA = frozenset({"UpdateUserMfa", "GenerateMfaSecret"})
_ORDINARY_ROLES = "system_user team_user team_admin channel_user channel_admin"
