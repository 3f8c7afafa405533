"""Where generated files lie: listed here and nowhere else."""

from __future__ import annotations

PACKAGE = "python/matterapi"

OPERATIONS = f"{PACKAGE}/endpoints/operations"
SYNC_API = f"{PACKAGE}/endpoints/sync_api"
ASYNC_API = f"{PACKAGE}/endpoints/async_api"
MODELS = f"{PACKAGE}/models"
FOLDERS = (OPERATIONS, SYNC_API, ASYNC_API, MODELS)
"""Folders of which every file is generated."""

ENUMS = f"{PACKAGE}/enums.py"
GROUPS = f"{PACKAGE}/client/groups.py"
EMULATOR_ROUTES = f"{PACKAGE}/testing/catalogue/operations.json"
EMULATOR_EVENTS = f"{PACKAGE}/testing/catalogue/events.json"
REFERENCE = "docs/reference/operations.md"
ATTRIBUTES = ".gitattributes"
FILES = (ENUMS, GROUPS, EMULATOR_ROUTES, EMULATOR_EVENTS, REFERENCE, ATTRIBUTES)
"""Generated files in folders that hold others too."""

BY_OTHERS = ("requirements/**", "rust/matterapi.cdx.json", "THIRD-PARTY-NOTICES.txt")
"""What `make pins` and `make notices` write; named for the list of what reviewers need not read."""


def is_generated(path: str) -> bool:
    """Whether the generator writes a file, given by its path in the repository."""
    return path in FILES or path.rpartition("/")[0] in FOLDERS
