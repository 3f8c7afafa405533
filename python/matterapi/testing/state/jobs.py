"""Jobs of the server (model/job.go)."""

from matterapi.testing.http.encoding import JsonObject

# The server looks for pending jobs every 15 s (jobs/jobs_watcher.go).
_STARTS_AFTER_MS = 15_000
_PERMISSIONS = {
    "data_retention": "data_retention_job",
    "message_export": "compliance_export_job",
    "elasticsearch_post_indexing": "elasticsearch_post_indexing_job",
    "elasticsearch_post_aggregation": "elasticsearch_post_aggregation_job",
    "ldap_sync": "ldap_sync_job",
}
_ORDINARY = (
    "migrations",
    "plugins",
    "product_notices",
    "expiry_notify",
    "active_users",
    "import_process",
    "import_delete",
    "export_process",
    "export_delete",
    "cloud",
    "extract_content",
)
STATUSES = ("pending", "in_progress", "success", "error", "warning", "cancel_requested", "canceled")
TYPES = (*_PERMISSIONS, *_ORDINARY)


def permission_for(kind: object, deed: str) -> str | None:
    """Return the permission that a job of that type asks for; None for a type that nobody may handle.

    Args:
        kind: The job's type.
        deed: `create`, `manage` or `read`.
    """
    if kind in _PERMISSIONS:
        return f"{deed}_{_PERMISSIONS[str(kind)]}"
    if kind not in _ORDINARY:
        return None
    return "read_jobs" if deed == "read" else "manage_jobs"


def new_job(job_id: str, now: int, kind: str, data: JsonObject) -> JsonObject:
    """Return the record of a new job."""
    return {
        "id": job_id,
        "type": kind,
        "priority": 0,
        "create_at": now,
        "start_at": 0,
        "last_activity_at": 0,
        "status": "pending",
        "progress": 0,
        "data": data or None,
    }


def settle(job: JsonObject, now: int) -> JsonObject:
    """Let a job have its way by now: 15 s after it was made it has succeeded, with nothing done."""
    start = job["create_at"] + _STARTS_AFTER_MS
    if job["status"] == "pending" and now >= start:
        job.update(status="success", progress=100, start_at=start, last_activity_at=start)
    return job
