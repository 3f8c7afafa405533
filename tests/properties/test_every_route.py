"""For every operation: whatever its values are, the request reaches its own route with just these values."""

import importlib
import pkgutil
import string
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matterapi.calls.operation import Operation
from matterapi.client.exceptions import InvalidRequest
from matterapi.endpoints import operations
from tests.support.effort import usually


def all_operations() -> dict[str, Operation[Any]]:
    found: dict[str, Operation[Any]] = {}
    for module in pkgutil.iter_modules(operations.__path__, f"{operations.__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Operation):
                found[value.core_route.label] = value
    return found


OPERATIONS = all_operations()
GROUPS: defaultdict[str, list[str]] = defaultdict(list)
"""The labels, by what follows `/api/v4` in their paths."""
for _label in OPERATIONS:
    GROUPS[_label.split("/")[3 if "/api/v4/" in _label else 1]].append(_label)
ROUTES = [tuple(label.split(" ")) for label in OPERATIONS]
LITERALS = sorted({part for _, path in ROUTES for part in path.split("/") if part and "{" not in part})
# The templates, by verb and number of segments.
TEMPLATES: defaultdict[tuple[str, int], list[list[str]]] = defaultdict(list)
for _verb, _path in ROUTES:
    TEMPLATES[_verb, len(_path.split("/"))].append(_path.split("/"))
HOSTILE = [
    *(".", "..", "a/b", "/", "//", "%2F", "%2e%2e", "..%2f", "a?b=c", "a#b", "a&b=c", "a;b", "\\"),
    *("\r\nX: y", "a b", "a+b", "é", "\x00", "", "me", "?", "#", "a\tb", "[id]", "%", "{id}", "a,b"),
]

values = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(LITERALS),
    st.text(max_size=20),
    st.text(string.ascii_lowercase + string.digits, min_size=26, max_size=26),
)


def parameters(operation: Operation[Any]) -> tuple[list[str], list[str]]:
    """Names of the path and of the query parameters, read from the table line itself."""
    _, _, template = operation.route.partition(" ")
    path, _, query = template.partition("{?")
    in_path = [part.strip("{}").split("!")[0] for part in path.split("/") if part.startswith("{")]
    return in_path, [name.rstrip("*") for name in query.rstrip("}").split(",") if name]


def matched(verb: str, path: str) -> tuple[str, str]:
    """The route that the server takes: literal segments before parameters, from left to right."""
    segments = path.split("/")
    fitting = [template for template in TEMPLATES[verb, len(segments)] if _fits(template, segments)]
    return verb, "/".join(min(fitting, key=lambda template: [part.startswith("{") for part in template]))


def _fits(template: list[str], segments: list[str]) -> bool:
    return all(
        mine == other or (mine.startswith("{") and other)
        for mine, other in zip(template, segments, strict=True)
    )


@pytest.mark.parametrize("group", GROUPS)
@settings(max_examples=usually(20, 400), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_value_reaches_another_route_or_adds_a_parameter(group: str, data: st.DataObject) -> None:
    label = data.draw(st.sampled_from(GROUPS[group]), "label")
    in_path, in_query = parameters(OPERATIONS[label])
    drawn = {name: data.draw(values, name) for name in in_path}
    asked = {name: data.draw(st.none() | values, name) for name in in_query}
    assert_own_route(label, drawn, asked)


def test_no_hostile_value_in_any_parameter_of_any_route_does_either() -> None:
    for label, operation in OPERATIONS.items():
        in_path, in_query = parameters(operation)
        harmless = {name: f"id{n}" for n, name in enumerate(in_path)}
        for value in HOSTILE:
            assert_own_route(label, harmless, dict.fromkeys(in_query, value))
            for name in in_path:
                assert_own_route(label, harmless | {name: value}, {})


def assert_own_route(label: str, drawn: dict[str, str], asked: dict[str, str | None]) -> None:
    """Fail unless the request reaches the route `label` with these values, or a path value is refused.

    Args:
        label: Verb and path of the route.
        drawn: All values of the path.
        asked: Values of the query.
    """
    operation = OPERATIONS[label]
    try:
        target = operation.core_route.fill(drawn | asked)
    except InvalidRequest as refused:
        # Only path values are ever refused, and then nothing is sent.
        assert any(repr(name).strip("'") in str(refused) for name in drawn), refused
        assert any(_leads_away(value) for value in drawn.values()), drawn
        return
    assert target.isascii()
    assert target.isprintable()
    assert " " not in target
    parts = urlsplit(f"http://host{target}")
    assert (parts.netloc, parts.fragment) == ("host", "")
    verb, template = label.split(" ")
    assert matched(verb, unquote(parts.path)) == (verb, template)
    names = template.split("/")
    sent = {
        name.strip("{}"): unquote(segment)
        for name, segment in zip(names, parts.path.split("/"), strict=True)
        if name.startswith("{")
    }
    assert sent == drawn
    expected = {name: value for name, value in asked.items() if value is not None}
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == expected


def _leads_away(value: str) -> bool:
    return value in {"", ".", ".."} or "/" in value or value in LITERALS


def test_a_lone_surrogate_is_refused_before_anything_is_sent() -> None:
    operation = OPERATIONS["GET /api/v4/users/{user_id}"]
    with pytest.raises(InvalidRequest, match="surrogate"):
        operation.core_route.fill({"user_id": "\ud800"})


@pytest.mark.parametrize("value", [b"x", 1j, object(), {"a": 1}, [["nested"]]])
def test_values_that_no_url_can_carry_are_refused_by_name(value: Any) -> None:
    operation = OPERATIONS["GET /api/v4/users/{user_id}"]
    with pytest.raises(InvalidRequest, match="user_id"):
        operation.core_route.fill({"user_id": value})


def test_booleans_numbers_and_lists_have_their_usual_forms() -> None:
    fill = OPERATIONS["GET /api/v4/users"].core_route.fill
    assert (
        fill({"page": 3, "active": True, "inactive": False})
        == "/api/v4/users?page=3&active=true&inactive=false"
    )
    assert fill({"roles": ["a", "b"]}) == "/api/v4/users?roles=a,b"
