"""Every public name of matterapi 0.5.0 against the package: nothing is missing or means something else."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

import matterapi
from codegen.api import MISSING, Parameter
from codegen.load import read_yaml, signature
from codegen.names import class_name
from matterapi import models
from matterapi.calls.keyword_body import KEYWORDS
from matterapi.client import exceptions
from matterapi.client.base import BaseClient
from matterapi.types import BaseConfig, MultipartModel

PATH_PARAMETERS_THAT_0_5_0_FORGOT = {
    "oauth.get_outgoing_oauth_connection": "connection_id",
    "oauth.update_outgoing_oauth_connection": "connection_id",
    "oauth.delete_outgoing_oauth_connection": "connection_id",
    "outgoing_connections.get_outgoing_oauth_connection": "connection_id",
    "outgoing_connections.update_outgoing_oauth_connection": "connection_id",
    "outgoing_connections.delete_outgoing_oauth_connection": "connection_id",
    "outgoing_oauth_connections.get_outgoing_oauth_connection": "connection_id",
    "outgoing_oauth_connections.update_outgoing_oauth_connection": "connection_id",
    "outgoing_oauth_connections.delete_outgoing_oauth_connection": "connection_id",
    "remote_clusters.generate_remote_cluster_invite": "remote_id",
    "scheduled_post.get_user_scheduled_posts": "team_id",
    "users.reset_password_failed_attempts": "user_id",
}
DEFAULTS_THAT_ASKED_FOR_NOTHING = {
    "channels.channel_members_minus_group_members": "per_page",
    "channels.get_all_channels": "per_page",
    "shared_channels.get_all_shared_channels": "per_page",
    "teams.team_members_minus_group_members": "per_page",
}
"""Parameters whose default of 0 made the server answer with an empty list: now `None`, which is not sent."""
PAGE_SIZES_OF_WHICH_0_MEANS_ALL = {"posts.get_post_thread.perPage"}
FACADES = {"SyncClient": "sync_api", "AsyncClient": "async_api"}
FIELD = re.compile(r"(?P<name>\w+)(?P<required>!?)(?: = (?P<default>.*?))?(?: @ (?P<alias>.+))?")


@cache
def surface() -> dict[str, Any]:
    text = Path(__file__).with_name("surface_0_5_0.yaml").read_text("utf-8")
    return dict(read_yaml(text))


def of_kind(section: str) -> list[tuple[str, Any]]:
    return list(surface()[section].items())


def found(name: str) -> Any:
    """A model by its full name, such as `PostList.Posts`."""
    value: Any = models
    for part in name.split("."):
        value = getattr(value, part)
    return value


def plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def fields(model: Any, expected: list[str]) -> Iterator[str]:
    """What is wrong with the fields of a model; `expected` is how the surface writes them."""
    for text in expected:
        match = FIELD.fullmatch(text)
        assert match is not None, text
        field = model.model_fields.get(match["name"])
        if field is None:
            yield f"{match['name']} is missing"
            continue
        if field.is_required() != bool(match["required"]):
            yield f"{match['name']} is required: {field.is_required()}"
        default = yaml.safe_load(match["default"]) if match["default"] else None
        if not field.is_required() and plain(field.default) != default:
            yield f"{match['name']} is {field.default!r} by default"
        if match["alias"] is not None and field.alias != match["alias"]:
            yield f"{match['name']} is called {field.alias!r} in JSON"


def parameters(function: Any, expected: tuple[Parameter, ...]) -> Iterator[str]:
    """What a caller of 0.5.0 would trip over; parameters that may be left out are no change for it."""
    have = dict(inspect.signature(function).parameters)
    have.pop("self")
    for want in expected:
        parameter = have.pop(want.name, None)
        if parameter is None:
            yield f"{want.name} is missing"
            continue
        kind = parameter.POSITIONAL_OR_KEYWORD if want.positional else parameter.KEYWORD_ONLY
        if parameter.kind != kind:
            yield f"{want.name} is {parameter.kind.description}"
        default = parameter.empty if want.default is MISSING else want.default
        if parameter.default is KEYWORDS and default is parameter.empty:
            continue  # the fields of the body may stand in its place
        if plain(parameter.default) != default:
            yield f"{want.name} is {parameter.default!r} by default"
    have = {name: p for name, p in have.items() if p.kind != p.VAR_KEYWORD}
    yield from (f"{name} is new and needed" for name, p in have.items() if p.default is p.empty)


def test_the_list_is_complete() -> None:
    assert len(surface()["modules"]) == 135
    assert len(surface()["methods"]) == 61
    assert sum(map(len, surface()["methods"].values())) == 559
    assert sum("." not in name for name in surface()["models"]) == 377
    assert len(surface()["models"]) == 461
    assert len(surface()["enums"]) == 22
    assert len(surface()["exceptions"]) == 11


@pytest.mark.parametrize(("module", "names"), of_kind("modules"))
def test_every_module_can_be_imported_and_has_its_names(module: str, names: list[str]) -> None:
    loaded = import_module(module)
    assert [name for name in names if not hasattr(loaded, name)] == []


def test_star_imports_give_what_they_gave() -> None:
    assert set(matterapi.__all__) >= {"ApiClientOptions", "AsyncClient", "SyncClient", "exceptions"}
    for facade in FACADES.values():
        module = import_module(f"matterapi.endpoints.{facade}")
        assert set(module.__all__) >= {class_name(group) for group in surface()["methods"]}


@pytest.mark.parametrize("facade", FACADES.values())
@pytest.mark.parametrize(("group", "methods"), of_kind("methods"))
def test_every_method_takes_the_arguments_it_took(facade: str, group: str, methods: list[str]) -> None:
    cls = getattr(import_module(f"matterapi.endpoints.{facade}.{group}"), class_name(group))
    wrong = {}
    for text in methods:
        _, name, expected = signature(text, group)
        if problems := list(parameters(getattr(cls, name), expected)):
            wrong[name] = problems
    changed = {
        method: [problem.format(name)]
        for problem, places in (
            ("{} is new and needed", PATH_PARAMETERS_THAT_0_5_0_FORGOT),
            ("{} is None by default", DEFAULTS_THAT_ASKED_FOR_NOTHING),
        )
        for place, name in places.items()
        for owner, method in [place.split(".")]
        if owner == group
    }
    assert wrong == changed


@pytest.mark.parametrize("facade", FACADES.values())
def test_no_method_asks_for_an_empty_page_by_default(facade: str) -> None:
    page_size = re.compile("per_?page|page_?size|limit|count", re.IGNORECASE)
    empty = {
        f"{group}.{name}.{parameter.name}"
        for group in surface()["methods"]
        for name, method in vars(
            getattr(import_module(f"matterapi.endpoints.{facade}.{group}"), class_name(group))
        ).items()
        if inspect.isfunction(method)
        for parameter in inspect.signature(method).parameters.values()
        if page_size.search(parameter.name)
        and parameter.default is not False
        and parameter.default in {0, "0"}
    }
    assert empty == PAGE_SIZES_OF_WHICH_0_MEANS_ALL


def test_a_file_search_takes_its_body_under_both_names() -> None:
    for facade in FACADES.values():
        for group in ("files", "search", "teams"):
            cls = getattr(import_module(f"matterapi.endpoints.{facade}.{group}"), class_name(group))
            assert {"multipart_data", "json_body"} <= inspect.signature(cls.search_files).parameters.keys()


def test_the_path_parameters_that_were_forgotten_come_first() -> None:
    for facade in FACADES.values():
        for place, name in PATH_PARAMETERS_THAT_0_5_0_FORGOT.items():
            group, method = place.split(".")
            cls = getattr(import_module(f"matterapi.endpoints.{facade}.{group}"), class_name(group))
            assert list(inspect.signature(getattr(cls, method)).parameters)[:2] == ["self", name]


@pytest.mark.parametrize(
    ("name", "field", "written", "read"),
    [
        ("AllowedIPRange", "cidr_block", "cidr_block", "CIDRBlock"),
        ("CommandResponse", "goto_location", "goto_location", "GotoLocation"),
        ("Config.SamlSettings", "idp_url", "IdpURL", "IdpUrl"),
    ],
)
def test_a_json_name_that_the_server_never_had_is_read_but_not_written(
    name: str, field: str, written: str, read: str
) -> None:
    for key in (field, written, read):
        assert found(name)(**{key: "x"}).model_dump(by_alias=True, exclude_unset=True) == {written: "x"}


def test_every_model_has_its_fields() -> None:
    models = {name: found(name) for name in surface()["models"]}
    assert [name for name, model in models.items() if not issubclass(model, BaseModel)] == []
    missing = {name: list(fields(models[name], expected)) for name, expected in surface()["models"].items()}
    assert {name: problems for name, problems in missing.items() if problems} == {}


@pytest.mark.parametrize(("name", "base"), of_kind("containers"))
def test_mappings_and_arrays_are_still_such(name: str, base: str) -> None:
    assert base in {cls.__name__ for cls in found(name).__mro__}


def test_every_other_model_keeps_unknown_fields() -> None:
    names = surface()["models"].keys() - surface()["containers"].keys()
    assert [name for name in names if not issubclass(found(name), BaseConfig)] == []


@pytest.mark.parametrize(("name", "files"), of_kind("file_models"))
def test_models_of_forms_know_their_files(name: str, files: list[str]) -> None:
    model = found(name)
    assert issubclass(model, MultipartModel)
    assert list(model._file_properties) == files


@pytest.mark.parametrize(("name", "members"), of_kind("enums"))
def test_every_enum_has_its_members_and_prints_its_values(name: str, members: dict[str, str]) -> None:
    enum = getattr(import_module("matterapi.enums"), name)
    assert issubclass(enum, str)
    assert {key: enum[key].value for key in members} == members
    assert {str(enum[key]) for key in members} == set(members.values())


@pytest.mark.parametrize(("name", "bases"), of_kind("exceptions"))
def test_every_exception_has_its_parent(name: str, bases: list[str]) -> None:
    cls = getattr(exceptions, name)
    assert set(bases) <= {parent.__name__ for parent in cls.__mro__}


def test_errors_can_be_made_as_before() -> None:
    names = list(inspect.signature(exceptions.ApiError).parameters)
    assert names[:2] == ["message", "error_details"]
    assert exceptions.ApiError("no").details is None
    body = {text.rstrip("!") for text in surface()["exception_body"]}
    assert body <= exceptions.ExceptionBody.model_fields.keys()


@pytest.mark.parametrize(("name", "expected"), of_kind("options"))
def test_every_option_has_its_name_and_default(name: str, expected: list[str]) -> None:
    cls = getattr(import_module("matterapi.client.base"), name)
    assert list(fields(cls, expected)) == []
    assert [
        method for method in surface()["option_methods"][name] if not callable(getattr(cls, method))
    ] == []


@pytest.mark.parametrize(("name", "expected"), of_kind("types"))
def test_the_parents_of_the_models_have_their_members(name: str, expected: dict[str, list[str]]) -> None:
    value = getattr(import_module("matterapi.types"), name)
    assert list(fields(value, expected.get("fields", []))) == []
    assert [method for method in expected.get("methods", []) if not callable(getattr(value, method))] == []


@pytest.mark.parametrize(("name", "expected"), of_kind("clients"))
def test_the_clients_have_their_members(name: str, expected: dict[str, list[str]]) -> None:
    cls = BaseClient if name == "BaseClient" else getattr(matterapi, name)
    assert issubclass(cls, BaseClient)
    for text in expected["methods"]:
        method = text.partition("(")[0]
        have = getattr(cls, method)
        for part in filter(None, text.partition("(")[2].rstrip(")").split(", ")):
            parameter, _, default = part.partition("=")
            found_default = inspect.signature(have).parameters[parameter].default
            assert found_default == (yaml.safe_load(default) if default else inspect.Parameter.empty)
        assert inspect.iscoroutinefunction(have) == (method in expected["coroutines"])


@pytest.mark.parametrize(("client", "facade"), FACADES.items())
def test_the_clients_have_their_groups_and_attributes(client: str, facade: str) -> None:
    made = getattr(matterapi, client)(options={"url": "http://localhost", "auth": {"token": "t"}})
    assert [name for name in surface()["clients"][client]["attributes"] if not hasattr(made, name)] == []
    for group in surface()["clients"][client]["groups"]:
        api = getattr(made, group)
        assert type(api).__module__ == f"matterapi.endpoints.{facade}.{group}"
        assert api.client is made
        assert api.skip_response_parsing is False
