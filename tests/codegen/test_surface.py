"""The generated package against catalogue and lock: nothing of 0.5.0 is lost, every route has its method."""

from __future__ import annotations

import inspect
import json
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from codegen.api import MISSING, LockedModel, Spec
from codegen.load import load
from codegen.lower_routes import RoutePlan, by_group, lower_routes
from codegen.names import class_name
from matterapi.calls.keyword_body import KEYWORDS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [f"matterapi.endpoints.{facade}_api" for facade in ("sync", "async")]


@cache
def spec() -> Spec:
    return load(ROOT / "spec")


@cache
def plans() -> list[RoutePlan]:
    return lower_routes(spec())


def test_there_are_654_routes_and_70_groups() -> None:
    live = [plan for plan in plans() if not plan.retired]
    assert len(spec().operations) == len(spec().lock.routes) == 654
    assert len(live) == 653  # the websocket upgrade has no method
    assert len(by_group(live)) == 70
    assert sum(len(plan.groups) for plan in live) == 703


def test_ten_routes_and_ten_methods_outlive_the_description() -> None:
    assert sum(bool(op.facts.get("legacy")) for op in spec().operations) == 10
    assert len(spec().lock.retired) == 10


def test_the_renamed_methods_have_both_names() -> None:
    aliases = {plan.method: plan.aliases for plan in plans() if plan.aliases}
    assert len(aliases) == 9
    assert aliases["status"] == ("update_playbook_run_status",)
    assert aliases["get_api_v4_content_flagging_fields"] == ("get_cf_fields",)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_locked_method_has_its_parameters(package: str) -> None:
    endpoints = import_module(package)
    for locked in spec().lock.routes.values():
        if locked.method == "connect_web_socket":
            continue
        for group in locked.groups:
            method = getattr(getattr(endpoints, class_name(group)), locked.method)
            found = [p for p in inspect.signature(method).parameters.values() if p.kind != p.VAR_KEYWORD][1:]
            place = f"{group}.{locked.method}"
            assert [p.name for p in found] == [p.name for p in locked.parameters], place
            for have, want in zip(found, locked.parameters, strict=True):
                expected = have.POSITIONAL_OR_KEYWORD if want.positional else have.KEYWORD_ONLY
                assert have.kind == expected, place
                needed = KEYWORDS if have.default is KEYWORDS else have.empty
                assert _plain(have.default) == (needed if want.default is MISSING else want.default), place


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("package", PACKAGES)
def test_methods_of_a_facade_are_what_they_claim_to_be(package: str) -> None:
    endpoints = import_module(package)
    for group, methods in by_group(plans()).items():
        for name, _ in methods:
            method = getattr(getattr(endpoints, class_name(group)), name)
            assert inspect.iscoroutinefunction(method) == ("async" in package), f"{group}.{name}"


def test_every_locked_model_keeps_its_fields() -> None:
    models = import_module("matterapi.models")
    for name, locked in spec().lock.models.items():
        found = models
        for part in name.split("."):
            found = getattr(found, part)
        _compare(name, found, locked)


def _compare(name: str, found: Any, locked: LockedModel) -> None:
    assert issubclass(found, BaseModel), name
    if name == "GetUsersByGroupChannelIdsResponse200":  # its one field stood for the keys of a map
        return
    for field in locked.fields:
        have = found.model_fields[field.name]
        assert have.is_required() == field.required, f"{name}.{field.name}"
        if not field.required:
            assert _plain(have.default) == field.default, f"{name}.{field.name}"


def test_every_locked_enum_keeps_its_members() -> None:
    enums = import_module("matterapi.enums")
    for name, members in spec().lock.enums.items():
        found = getattr(enums, name)
        assert {key: member.value for key, member in found.__members__.items()}.items() >= members.items()
        assert all(str(member) == member.value for member in found)


def test_models_of_answers_demand_nothing_that_0_5_0_did_not() -> None:
    models = import_module("matterapi.models")
    post = models.Post.model_validate({})
    assert post.id is None
    assert models.PostList.model_validate({"posts": {"a": {"id": "a"}}}).posts["a"].id == "a"


def test_every_model_can_be_built() -> None:
    models = import_module("matterapi.models")
    for name in models.__all__:
        getattr(models, name).model_json_schema()


def test_models_load_on_first_use_and_unknown_names_say_so() -> None:
    models = import_module("matterapi.models")
    assert set(models.__all__) <= set(dir(models))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        models.Nonsense  # noqa: B018


def test_the_catalogue_knows_every_operation_and_every_schema_it_mentions() -> None:
    catalogue = json.loads((ROOT / "python/matterapi/testing/catalogue/operations.json").read_text())
    assert len(catalogue["operations"]) == 654
    missing = {ref for ref in _refs(catalogue) if ref not in catalogue["schemas"]}
    assert missing == set()


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["ref"]] if set(node) == {"ref"} and isinstance(node["ref"], str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    return [ref for item in node for ref in _refs(item)] if isinstance(node, list) else []


def test_the_tables_hold_each_route_once() -> None:
    routes = []
    for home in {plan.home for plan in plans()}:
        table = import_module(f"matterapi.endpoints.operations.{home}")
        routes += [op.route for op in vars(table).values() if type(op).__name__ == "Operation"]
    assert sorted(routes) == sorted(plan.template for plan in plans())


def test_the_index_lists_documented_methods_only() -> None:
    text = (ROOT / "docs/reference/operations.md").read_text()
    assert "| `get_user` | `GET /api/v4/users/{user_id}` | `User` |" in text
    for hidden in ("manual_test", "ai_bridge", "connect_web_socket"):
        assert hidden not in text
