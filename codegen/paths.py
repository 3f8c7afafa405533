"""Where generated files lie: listed here and nowhere else."""

from __future__ import annotations

PACKAGE = "python/matterapi"

OPERATIONS = f"{PACKAGE}/endpoints/operations"
SYNC_API = f"{PACKAGE}/endpoints/sync_api"
ASYNC_API = f"{PACKAGE}/endpoints/async_api"
SYNC_RAW = f"{PACKAGE}/endpoints/sync_raw"
ASYNC_RAW = f"{PACKAGE}/endpoints/async_raw"
MODELS = f"{PACKAGE}/models"
BODIES = f"{PACKAGE}/bodies"
EVENT_CATALOG = f"{PACKAGE}/events/catalog"
FOLDERS = (OPERATIONS, SYNC_API, ASYNC_API, SYNC_RAW, ASYNC_RAW, MODELS, BODIES, EVENT_CATALOG)
"""Folders of which every file is generated."""

ENUMS = f"{PACKAGE}/enums.py"
GROUPS = f"{PACKAGE}/client/groups.py"
RAW_GROUPS = f"{PACKAGE}/client/raw_groups.py"
EVENTS = f"{PACKAGE}/events/__init__.py"
PERMISSIONS = f"{PACKAGE}/errors/permissions.py"
EMULATOR_ROUTES = f"{PACKAGE}/testing/catalogue/operations.json"
EMULATOR_EVENTS = f"{PACKAGE}/testing/catalogue/events.json"
PAGE_PLANS = f"{PACKAGE}/endpoints/page_plans.py"
REFERENCE = "docs/reference/operations.md"
BODY_REFERENCE = "docs/reference/bodies.md"
ITERATOR_REFERENCE = "docs/reference/iterators.md"
EVENT_REFERENCE = "docs/reference/events.md"
ATTRIBUTES = ".gitattributes"
FILES = (
    ENUMS,
    GROUPS,
    RAW_GROUPS,
    EVENTS,
    PERMISSIONS,
    EMULATOR_ROUTES,
    EMULATOR_EVENTS,
    PAGE_PLANS,
    REFERENCE,
    BODY_REFERENCE,
    ITERATOR_REFERENCE,
    EVENT_REFERENCE,
    ATTRIBUTES,
)
"""Generated files in folders that hold others too."""

BY_OTHERS = ("requirements/**", "rust/matterapi.cdx.json", "THIRD-PARTY-NOTICES.txt")
"""What `make pins` and `make notices` write; named for the list of what reviewers need not read."""


def is_generated(path: str) -> bool:
    """Whether the generator writes a file, given by its path in the repository."""
    return path in FILES or path.rpartition("/")[0] in FOLDERS
