"""Files of imports and exports (api4/import.go, api4/export.go): imports are kept, nothing is exported."""

from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.permissions import require


@operation("ListImports")
def list_imports(call: Call) -> Response:
    """GET /imports: names of files that were uploaded to be imported."""
    require(call.is_admin)
    return json_response(sorted(call.world.files.imports))


@operation("DeleteImport")
def delete_import(call: Call) -> Response:
    """DELETE /imports/{import_name}: 200 also for one that is not there."""
    require(call.is_admin)
    call.world.files.imports.pop(call.params["import_name"], None)
    return ok()


@operation("ListExports")
def list_exports(call: Call) -> Response:
    """GET /exports."""
    require(call.is_admin)
    return json_response([])
