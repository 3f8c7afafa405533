"""The picture on the login page (api4/brand.go)."""

from matterapi.testing.http.errors import AppError
from matterapi.testing.http.multipart import file_named
from matterapi.testing.http.response import Response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.files import image_size
from matterapi.testing.state.permissions import require


@operation("GetBrandImage")
def get_brand_image(call: Call) -> Response:
    """GET /brand/image: 404 without a body when there is none."""
    if call.world.brand_image is None:
        return Response(404, b"")
    return Response(200, call.world.brand_image, "image/png")


@operation("UploadBrandImage")
def upload_brand_image(call: Call) -> Response:
    """POST /brand/image: a form with the file `image`."""
    require(call.may("edit_brand"))
    parts = call.form(AppError(400, "api.admin.upload_brand_image.parse.app_error", "Not a form."))
    image = file_named(parts, "image")
    if image is None:
        raise AppError(400, "api.admin.upload_brand_image.no_file.app_error", "No file named image.")
    if image_size(image) is None:
        raise AppError(400, "brand.save_brand_image.decode.app_error", "Not an image that can be used.")
    call.world.brand_image = image
    response = ok()
    response.status = 201
    return response


@operation("DeleteBrandImage")
def delete_brand_image(call: Call) -> Response:
    """DELETE /brand/image: 404 when there is none."""
    require(call.may("edit_brand"))
    if call.world.brand_image is None:
        raise AppError(404, "api.admin.delete_brand_image.storage.not_found", "There is no brand image.")
    call.world.brand_image = None
    return ok()
