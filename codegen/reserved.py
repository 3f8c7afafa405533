"""Path values that would lead to another route: `/users/{user_id}` with `stats` is `/users/stats`.

The server matches literal segments before parameters, from left to right (api4/api.go registers the
prefixes in that order). So a value is taken away by a route of the same verb and length that has it as
a literal, at the first place where one of the two has a literal and the other a parameter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping


def reserved_words(routes: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """For each route (`VERB /path/{parameter}`) the values its parameters must not have.

    Returns:
        Sorted words by parameter name by route; routes without any are left out.
    """
    by_shape: dict[tuple[str, int], list[tuple[str, list[str]]]] = defaultdict(list)
    for route in routes:
        verb, path = route.split(" ")
        segments = path.split("/")
        by_shape[verb, len(segments)].append((route, segments))
    found: dict[str, dict[str, list[str]]] = {}
    for alike in by_shape.values():
        for route, segments in alike:
            words: dict[str, set[str]] = defaultdict(set)
            for _, others in alike:
                if (taken := _taken(segments, others)) is not None:
                    words[taken[0]].add(taken[1])
            if words:
                found[route] = {name: sorted(values) for name, values in words.items()}
    return found


def _taken(segments: list[str], others: list[str]) -> tuple[str, str] | None:
    """The parameter and the value of it with which the other route is taken instead."""
    decisive: tuple[str, str] | None = None
    for mine, other in zip(segments, others, strict=True):
        if _is_parameter(mine) == _is_parameter(other):
            if mine != other and not _is_parameter(mine):
                return None
        elif decisive is None:
            if not _is_parameter(mine):
                return None
            decisive = (mine.strip("{}"), other)
    return decisive


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def with_reserved(template: str, words: Mapping[str, list[str]]) -> str:
    """A route's template with the words beside their parameters: `{user_id!known,stats}`."""
    for name, values in words.items():
        template = template.replace(f"{{{name}}}", f"{{{name}!{','.join(values)}}}")
    return template
