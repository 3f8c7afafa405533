from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from pydantic import TypeAdapter


@dataclass
class StubOperation:
    """The part of an operation that encoding and decoding read, without the compiled core."""

    route: str
    returns: Any

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.returns)


@pytest.fixture
def operation() -> Callable[..., Any]:
    def make(returns: Any = None, route: str = "POST /api/v4/things/{thing_id}{?page}") -> Any:
        return StubOperation(route, returns)

    return make
