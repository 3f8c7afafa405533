"""What the groups offer beside the server's operations: the same in both clients, and in nobody's way."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any

import pytest

from codegen.names import class_name
from codegen.render.endpoints import MIXINS


def parents(facade: str, group: str) -> tuple[type[Any], list[type[Any]]]:
    """The class of a group, and what was written by hand above it."""
    folder = f"matterapi.endpoints.{facade.lower()}_api"
    child = getattr(import_module(f"{folder}.{group}"), class_name(group))
    names = [f"{facade}{name}" for _, name in MIXINS[group]]
    return child, [cls for cls in child.__mro__ if cls.__name__ in names]


def offered(classes: list[type[Any]]) -> list[str]:
    own = [parent for cls in classes for parent in cls.__mro__ if "Api" not in parent.__name__]
    return sorted({name for cls in own for name in vars(cls) if not name.startswith("_")})


@pytest.mark.parametrize("group", MIXINS)
def test_both_clients_offer_the_same_with_the_same_parameters(group: str) -> None:
    found = {facade: parents(facade, group) for facade in ("Sync", "Async")}
    names = {facade: offered(above) for facade, (_, above) in found.items()}
    assert names["Sync"] == names["Async"] != []
    for name in names["Sync"]:
        sync, awaited = (getattr(found[facade][0], name) for facade in ("Sync", "Async"))
        assert list(inspect.signature(sync).parameters) == list(inspect.signature(awaited).parameters), name
        assert inspect.getdoc(sync), name
        assert inspect.getdoc(awaited), name


@pytest.mark.parametrize("group", MIXINS)
@pytest.mark.parametrize("facade", ["Sync", "Async"])
def test_nothing_has_the_name_of_an_operation_or_hides_another(facade: str, group: str) -> None:
    child, above = parents(facade, group)
    assert len(above) == len(MIXINS[group])
    each = [set(offered([cls])) for cls in above]
    assert {name for names in each for name in names} & set(vars(child)) == set()
    assert sum(map(len, each)) == len(set().union(*each))
