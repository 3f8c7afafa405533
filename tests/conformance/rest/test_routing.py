"""Routing: api4/api.go, web/web.go (Handle404), gorilla/mux and net/http below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conformance.http import Http

UNKNOWN = [
    ("GET", "/api/v4/nope"),
    ("PATCH", "/api/v4/posts"),
]


@pytest.mark.parametrize(("verb", "path"), UNKNOWN)
def test_an_unknown_route_is_404(admin: Http, verb: str, path: str) -> None:
    answer = admin.call(verb, path)
    assert answer.failure == (404, "api.context.404.app_error")
