from collections.abc import Callable
from typing import Any

import pytest

from matterapi.calls.operation import Operation


@pytest.fixture
def operation() -> Callable[..., Any]:
    """Makes operations of a declared type."""

    def make(returns: Any = None, route: str = "POST /api/v4/things/{thing_id}{?page}") -> Operation[Any]:
        return Operation(route, returns)

    return make
