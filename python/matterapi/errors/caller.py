"""Warnings that point at the line of the program, however deep in the library they are found."""

from __future__ import annotations

import warnings
from inspect import currentframe

_LIBRARIES = frozenset({"matterapi", "pydantic"})


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn about the innermost line that is neither ours nor pydantic's."""
    # Not `skip_file_prefixes`, which came with Python 3.12.
    level, frame = 1, currentframe()
    while frame is not None and frame.f_back is not None and _is_library(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_library(module: str) -> bool:
    return module.partition(".")[0] in _LIBRARIES
