"""The picture on the login page (api4/brand.go)."""

from matterapi.testing.call import Call
from matterapi.testing.errors import AppError
from matterapi.testing.multipart import file_named
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, ok
from matterapi.testing.state.files import image_size

from .registry import operation


@operation("GetBrandImage")
def get_brand_image(call: Call) -> Reply:
    """GET /brand/image: 404 without a body when there is none."""
    if call.world.brand_image is None:
        return Reply(404, b"")
    return Reply(200, call.world.brand_image, "image/png")


@operation("UploadBrandImage")
def upload_brand_image(call: Call) -> Reply:
    """POST /brand/image: a form with the file `image`."""
    require(call.may("edit_brand"))
    parts = call.form(AppError(400, "api.admin.upload_brand_image.parse.app_error", "Not a form."))
    image = file_named(parts, "image")
    if image is None:
        raise AppError(400, "api.admin.upload_brand_image.no_file.app_error", "No file named image.")
    if image_size(image) is None:
        raise AppError(400, "brand.save_brand_image.decode.app_error", "Not an image that can be used.")
    call.world.brand_image = image
    reply = ok()
    reply.status = 201
    return reply


@operation("DeleteBrandImage")
def delete_brand_image(call: Call) -> Reply:
    """DELETE /brand/image: 404 when there is none."""
    require(call.may("edit_brand"))
    if call.world.brand_image is None:
        raise AppError(404, "api.admin.delete_brand_image.storage.not_found", "There is no brand image.")
    call.world.brand_image = None
    return ok()
