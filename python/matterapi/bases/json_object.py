"""A JSON object that is no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["JsonObject"]

JsonObject: TypeAlias = Mapping[str, Any]
"""A JSON object given as a dict: sent as it is, without validation."""
