"""Settings for the time of one fact, through the server's own API."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.http import Http


@contextmanager
def settings(admin: Http, section: str, **values: Any) -> Iterator[None]:
    """Change settings of one section, and put back what they were."""
    before = admin.get("/config").json[section]
    _save(admin, section, values)
    try:
        yield
    finally:
        _save(admin, section, {name: before[name] for name in values})


def _save(admin: Http, section: str, values: dict[str, Any]) -> None:
    answer = admin.put("/config/patch", {section: values})
    assert answer.status == 200, (section, values, answer.body)
