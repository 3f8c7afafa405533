from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.programs import Program

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def program() -> Iterator[Program]:
    """A program on this machine, for the server to call."""
    with Program().running() as running:
        yield running
