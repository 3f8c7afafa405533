"""What a forked child has to do: begin with connections of its own."""

from __future__ import annotations

import os
from collections.abc import Callable

from matterapi import _core


def in_child(action: Callable[[], None]) -> None:
    """Run `action` in every forked child, after the core has turned away from what is the parent's."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=action)


in_child(_core.after_fork_in_child)
