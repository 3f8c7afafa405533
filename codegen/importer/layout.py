"""Which module a model lives in: that of the group that uses it most, or `shared` to break a ring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

SHARED = "shared"
OTHER = "other"
"""Home of what no operation mentions."""
_LARGE = {"Config": "config", "EnvironmentConfig": "environment_config"}
"""Classes of a thousand lines, which have a module of their own."""


def top(name: str) -> str:
    """The outermost class of a possibly nested one: `PostList.Posts` -> `PostList`."""
    return name.partition(".")[0]


def assign(uses: Iterable[tuple[str, Iterable[str]]], refs: Mapping[str, set[str]]) -> dict[str, str]:
    """Module of each top-level class.

    Args:
        uses: Groups in order, each with the class names its operations mention.
        refs: Which top-level classes each top-level class mentions.
    """
    modules: dict[str, str] = {}

    def place(name: str, module: str) -> None:
        if name not in modules and name in refs:
            modules[name] = module
            for other in sorted(refs[name]):
                place(other, module)

    mentions: dict[str, Counter[str]] = {}
    for group, names in uses:
        for name in map(top, names):
            mentions.setdefault(name, Counter())[group] += 1
    modules.update((name, groups.most_common(1)[0][0]) for name, groups in mentions.items() if name in refs)
    for name in list(modules):
        for other in sorted(refs[name]):
            place(other, modules[name])
    for name in refs:
        place(name, OTHER)
    modules.update((name, module) for name, module in _LARGE.items() if name in modules)
    return _without_rings(modules, refs)


def _without_rings(modules: dict[str, str], refs: Mapping[str, set[str]]) -> dict[str, str]:
    """Move what a ring of modules has in common, with all it needs, to `shared`."""
    while True:
        ring = _ring(modules, refs)
        if not ring:
            return modules
        smallest = min(
            (edge for edge in ring if modules[edge[1]] != SHARED),
            key=lambda edge: (len(_closure(edge[1], refs)), edge),
        )
        for name in _closure(smallest[1], refs):
            modules[name] = SHARED


def _ring(modules: Mapping[str, str], refs: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """The class references between modules that lie on some ring of modules."""
    edges = [(a, b) for a in refs for b in refs[a] if b in modules and modules[a] != modules[b]]
    graph: dict[str, set[str]] = {}
    for a, b in edges:
        graph.setdefault(modules[a], set()).add(modules[b])
    return [(a, b) for a, b in edges if _reaches(graph, modules[b], modules[a])]


def _reaches(graph: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, todo = set(), [start]
    while todo:
        node = todo.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            todo += graph.get(node, ())
    return False


def _closure(name: str, refs: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += refs.get(node, ())
    return seen
