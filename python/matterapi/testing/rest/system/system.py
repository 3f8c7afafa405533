"""The server itself (api4/system.go, config.go, license.go)."""

from datetime import datetime, timezone

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, invalid_body, invalid_url
from matterapi.testing.http.numerals import parse_int
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require
from matterapi.testing.websocket.messages import Event

_MAX_BUSY_S = 86_400
_DEFAULT_BUSY_S = 3_600
_GO_ZERO_S = -62_135_596_800


@operation("GetPing")
def get_ping(call: Call) -> Response:
    """GET /system/ping: with `get_server_status=true` also what it stands on."""
    body: JsonObject = {
        "ActiveSearchBackend": "database",
        "AndroidLatestVersion": "",
        "AndroidMinVersion": "",
        "IosLatestVersion": "",
        "IosMinVersion": "",
    }
    if not call.flag("get_server_status"):
        return json_response({**body, "status": "OK"})
    health = "UNHEALTHY" if call.world.database_away else "OK"
    statuses = {"database_status": health, "filestore_status": "OK", "status": health}
    headers = [(name.capitalize(), value) for name, value in statuses.items()]
    status = 200 if health == "OK" or call.flag("use_rest_semantics") else 500
    return json_response({**body, **statuses}, status, headers=headers)


@operation("GetClientLicense")
def get_client_license(call: Call) -> Response:
    """GET /license/client: only `format=old` is served."""
    wanted = call.text("format")
    if not wanted:
        raise AppError(400, "api.license.client.old_format.app_error", "Ask for format=old.")
    if wanted != "old":
        raise invalid_body("format")
    return json_response({"IsLicensed": str(call.world.licensed).lower()})


@operation("InvalidateCaches")
def invalidate_caches(call: Call) -> Response:
    """POST /caches/invalidate: everybody is told of the licence, whatever it was."""
    require(call.may("invalidate_caches"))
    license_facts = {"license": {"IsLicensed": str(call.world.licensed).lower()}}
    call.hub.publish(Event("license_changed", license_facts))
    return ok()


@operation("SetServerBusy")
def set_server_busy(call: Call) -> Response:
    """POST /server_busy: for 1 to 86,400 seconds, an hour by default."""
    require(call.is_admin)
    seconds = parse_int(call.text("seconds", str(_DEFAULT_BUSY_S)))
    if seconds is None or not 1 <= seconds <= _MAX_BUSY_S:
        raise invalid_url("seconds must be 1 - 86400")
    call.world.busy_until_ms = call.now + seconds * 1000
    return ok()


@operation("ClearServerBusy")
def clear_server_busy(call: Call) -> Response:
    """DELETE /server_busy."""
    require(call.is_admin)
    call.world.busy_until_ms = 0
    return ok()


@operation("GetServerBusyExpires")
def get_server_busy_expires(call: Call) -> Response:
    """GET /server_busy: `expires` is in seconds."""
    require(call.is_admin)
    busy = call.now < call.world.busy_until_ms
    expires = call.world.busy_until_ms // 1000 if busy else _GO_ZERO_S
    if busy:
        moment = datetime.fromtimestamp(expires, tz=timezone.utc)
        text = moment.strftime("%a %b %d %H:%M:%S +0000 UTC %Y")
    else:
        text = "Mon Jan 1 00:00:00 +0000 UTC 0001"
    return json_response({"busy": busy, "expires": expires, "expires_ts": text})
