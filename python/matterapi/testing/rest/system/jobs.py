"""Jobs (api4/job.go, app/job.go): they are kept and they end, but nothing is done by them."""

from matterapi.testing.http.encoding import JsonObject
from matterapi.testing.http.errors import AppError, forbidden, invalid_body, invalid_url
from matterapi.testing.http.response import Response, json_response, ok
from matterapi.testing.rest.call import Call
from matterapi.testing.rest.registry import operation
from matterapi.testing.state.jobs import STATUSES, TYPES, new_job, permission_for, settle
from matterapi.testing.state.permissions import require

_CHANGES = {
    "in_progress": ("pending", "cancel_requested"),
    "pending": ("cancel_requested",),
    "cancel_requested": ("canceled",),
}


def _require(call: Call, kind: object, deed: str, error_id: str) -> None:
    permission = permission_for(kind, deed)
    if permission is None:
        raise AppError(400, error_id, "There is no such type of job.")
    require(call.may(permission))


def _job(call: Call) -> JsonObject:
    job = call.world.jobs.get(call.params["job_id"])
    if job is None:
        raise AppError(404, "app.job.get.app_error", "No such job.")
    return settle(job, call.now)


@operation("CreateJob")
def create_job(call: Call) -> Response:
    """POST /jobs."""
    fields = call.json_object("job")
    data = fields.get("data")
    if data is not None and not isinstance(data, dict):
        raise invalid_body("job")
    kind = fields.get("type")
    _require(call, kind, "create", "api.job.unable_to_create_job.incorrect_job_type")
    job = new_job(call.world.ids.new(), call.now, str(kind), data or {})
    call.world.jobs[job["id"]] = job
    return json_response(job, 201)


@operation("GetJob")
def get_job(call: Call) -> Response:
    """GET /jobs/{job_id}."""
    job = _job(call)
    _require(call, job["type"], "read", "api.job.retrieve.nopermissions")
    return json_response(job)


def _listed(call: Call, kinds: list[str], status: str = "") -> Response:
    jobs = [settle(job, call.now) for job in call.world.jobs.values()]
    found = [job for job in reversed(jobs) if job["type"] in kinds and status in ("", job["status"])]
    return json_response(call.cut(found))


@operation("GetJobs")
def get_jobs(call: Call) -> Response:
    """GET /jobs, newest first: of the types that the caller may read."""
    kind, status = call.text("job_type"), call.text("status")
    if kind and kind not in TYPES:
        raise invalid_url("job_type")
    kinds = [job_type for job_type in TYPES if call.may(permission_for(job_type, "read") or "")]
    if not kinds or (kind and kind not in kinds):
        raise forbidden()
    if status and status not in STATUSES:
        raise AppError(400, "api.job.status.invalid", "There is no such status.")
    return _listed(call, [kind] if kind else kinds, status)


@operation("GetJobsByType")
def get_jobs_by_type(call: Call) -> Response:
    """GET /jobs/type/{type}."""
    kind = call.params["type"]
    _require(call, kind, "read", "api.job.retrieve.nopermissions")
    return _listed(call, [kind])


def _cancel(call: Call, job: JsonObject) -> None:
    if job["status"] != "pending":
        raise AppError(500, "jobs.request_cancellation.status.error", "The job cannot be canceled.")
    job.update(status="canceled", last_activity_at=call.now)


@operation("CancelJob")
def cancel_job(call: Call) -> Response:
    """POST /jobs/{job_id}/cancel: 500 for one that has begun and ended."""
    job = _job(call)
    _require(call, job["type"], "create", "api.job.unable_to_create_job.incorrect_job_type")
    _cancel(call, job)
    return ok()


@operation("UpdateJobStatus")
def update_job_status(call: Call) -> Response:
    """PATCH /jobs/{job_id}/status: with `force` any change to a status that the server itself sets."""
    fields = call.json_object("job")
    status = fields.get("status")
    if not isinstance(status, str):
        raise invalid_body("status")
    job = _job(call)
    _require(call, job["type"], "manage", "api.job.unable_to_manage_job.incorrect_job_type")
    if fields.get("force") is not True and status not in _CHANGES.get(job["status"], ()):
        raise AppError(400, "api.job.status.invalid", "The status cannot become that.")
    if status == "cancel_requested":
        _cancel(call, job)
    elif status in ("pending", "canceled"):
        job.update(status=status, last_activity_at=call.now)
    else:
        raise AppError(500, "app.job.update_status.app_error", "The status cannot be set.")
    return ok()
