"""Pages and images outside, which are never fetched (api4/system.go, api4/image.go)."""

from urllib.parse import urljoin, urlsplit

from matterapi.testing.http.errors import AppError, invalid_body
from matterapi.testing.http.response import Response, json_response
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation


@operation("GetRedirectLocation")
def get_redirect_location(call: Call) -> Response:
    """GET /redirect_location: "" as of a page that cannot be had."""
    if call.world.config.flag("ServiceSettings.EnableLinkPreviews") and not call.text("url"):
        raise invalid_body("url")
    return json_response({"location": ""})


@operation("GetImageByUrl")
def get_image(call: Call) -> Response:
    """GET /image: the server's own pictures are pointed to, if there is a proxy at all."""
    site = call.world.site_url
    address = urljoin(site, call.text("url"))
    own = urlsplit(address).netloc == urlsplit(site).netloc
    if not own or not call.world.config.flag("ImageProxySettings.Enable"):
        raise AppError(400, "api.image.get.app_error", "Requested image url cannot be parsed.")
    return Response(302, b"", content_type=None, headers=[("Location", address)])
