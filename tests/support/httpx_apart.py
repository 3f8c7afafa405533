"""httpx for tests that hand its objects over, in a process that counts as one without httpx.

Errors are of httpx's classes too where a program has imported it, which other tests tell apart.
"""

from __future__ import annotations

import sys

import httpx

__all__ = ["forget_httpx", "httpx"]


def forget_httpx() -> None:
    """Make this a process without httpx again."""
    for name in [name for name in sys.modules if name == "httpx" or name.startswith("httpx.")]:
        del sys.modules[name]


forget_httpx()
