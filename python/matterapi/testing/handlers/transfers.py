"""Files of imports and exports (api4/import.go, api4/export.go): imports are kept, nothing is exported."""

from matterapi.testing.call import Call
from matterapi.testing.permissions import require
from matterapi.testing.replies import Reply, json_reply, ok

from .registry import operation


@operation("ListImports")
def list_imports(call: Call) -> Reply:
    """GET /imports: names of files that were uploaded to be imported."""
    require(call.is_admin)
    return json_reply(sorted(call.world.files.imports))


@operation("DeleteImport")
def delete_import(call: Call) -> Reply:
    """DELETE /imports/{import_name}: 200 also for one that is not there."""
    require(call.is_admin)
    call.world.files.imports.pop(call.params["import_name"], None)
    return ok()


@operation("ListExports")
def list_exports(call: Call) -> Reply:
    """GET /exports."""
    require(call.is_admin)
    return json_reply([])
