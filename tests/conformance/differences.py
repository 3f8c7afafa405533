"""The lists of where a recorded session goes otherwise on the emulator, each with its reason.

Such a list is YAML: under ``not played`` the parts of the session that are left out, each with its reason,
under ``differences`` entries with ``steps`` (their numbers) and ``reason``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Listed:
    """A list of differences.

    Attributes:
        not_played: Parts of the session that are left out, with their reasons.
        reasons: Why a step differs, by its number.
    """

    not_played: Mapping[str, str]
    reasons: Mapping[int, str]

    @classmethod
    def read(cls, path: Path) -> Listed:
        """Read a list.

        Raises:
            ValueError: A step is in it twice.
        """
        value = yaml.safe_load(path.read_text("utf-8"))
        pairs = [(step, entry["reason"]) for entry in value["differences"] for step in entry["steps"]]
        if len(dict(pairs)) < len(pairs):
            raise ValueError(f"{path.name} has a step twice")
        return cls(value["not played"], dict(pairs))

    def agrees_with(self, found: Mapping[int, list[str]]) -> None:
        """Assert that what differs is listed, and that what is listed differs.

        Args:
            found: What differs, by the number of the step.
        """
        unlisted = {number: lines for number, lines in found.items() if lines and number not in self.reasons}
        assert unlisted == {}
        agreeing = sorted(number for number in self.reasons if not found.get(number))
        assert agreeing == [], "these agree now: take them off the list"
