"""The JSON body of each operation as a model, a dict and keywords: three ways to send the same bytes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args, get_type_hints

import orjson
import pytest
from pydantic import BaseModel

from codegen.names import class_name
from matterapi import bodies
from matterapi.exceptions import ApiError
from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.samples import sample
from tests.support.faces import make_client

CATALOGUE = orjson.loads(files("matterapi.testing.catalogue").joinpath("operations.json").read_bytes())
SCHEMAS = CATALOGUE["schemas"]
REQUIRED_FIELD_CLASHES = {
    "AddTeamMember",
    "ConvertGroupMessageToChannel",
    "CreateSidebarCategoryForTeamForUser",
    "UpdateSidebarCategoryForTeamForUser",
    "UpdateUserStatus",
}
"""Their bodies have a required field with the name of a path parameter."""
REQUIRED_BY_0_5_0_ALONE = {
    "CreateGroupJsonBody.group",
    "ResetPasswordJsonBody.code",
    "RegisterTermsOfServiceActionJsonBody.serviceTermsId",
}
REFUSED = {"Login", "LoginByCwsToken"}
"""Of these the server without state, too, judges the body."""
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "bodies.md"


def object_of(expr: Any) -> Any:
    """The object with fields that a body is, or may be, as an expression of the catalogue."""
    parts = expr["union"] if isinstance(expr, dict) and "union" in expr else [expr]
    for part in parts:
        if isinstance(part, dict) and SCHEMAS.get(part.get("ref"), {}).get("fields", {}).keys() - {"..."}:
            return part
    return None


OPERATIONS: dict[str, dict[str, Any]] = {
    op["id"]: op
    for op in CATALOGUE["operations"]
    if op["method"] and op["body"] and op["body"]["kind"] == "json" and object_of(op["body"]["type"])
}


def method_of(operation: dict[str, Any], facade: str = "sync_api") -> Any:
    group = import_module(f"matterapi.endpoints.{facade}.{operation['group']}")
    return getattr(getattr(group, class_name(operation["group"])), operation["method"])


def model_of(operation: dict[str, Any]) -> Any:
    """The model in the annotation of the body."""
    hint = get_type_hints(method_of(operation))["json_body"]
    return next(arg for arg in get_args(hint) if isinstance(arg, type) and issubclass(arg, BaseModel))


def names_of(model: type[BaseModel]) -> dict[str, str]:
    """The attributes of a model by the server's names."""
    return {
        field.serialization_alias or field.alias or name: name for name, field in model.model_fields.items()
    }


def takes_keywords(method: Any) -> bool:
    return any(p.kind == p.VAR_KEYWORD for p in inspect.signature(method).parameters.values())


@pytest.fixture(scope="module")
def stateless() -> Iterator[MattermostServer]:
    with MattermostServer(stateless=True) as server:
        yield server


def instance(model: type[BaseModel], body: dict[str, Any]) -> BaseModel:
    """The model of a body. What only 0.5.0 required, and no server knows, is left out again."""
    names = names_of(model)
    old = {key for key, name in names.items() if model.model_fields[name].is_required()} - body.keys()
    assert {f"{model.__name__}.{key}" for key in old} <= REQUIRED_BY_0_5_0_ALONE
    placeholders: dict[str, Any] = {key: body if key == "group" else "x" for key in old}
    made = model.model_validate({**body, **placeholders})
    made.model_fields_set.difference_update(names[key] for key in old)
    return made


def ways(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments that give the body of a sample, without what is no keyword."""
    method, model = method_of(operation), model_of(operation)
    names, parameters = names_of(model), inspect.signature(method).parameters
    body = sample(object_of(operation["body"]["type"]), SCHEMAS, "body")
    assert isinstance(body, dict)
    if takes_keywords(method):
        body = {key: value for key, value in body.items() if names[key] not in parameters}
        yield {names[key]: value for key, value in body.items()}
    yield {"json_body": body}
    yield {"json_body": instance(model, body)}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
async def test_keywords_dict_and_model_give_the_same_bytes(
    stateless: MattermostServer, kind: str, name: str
) -> None:
    operation = OPERATIONS[name]
    given = {p["name"]: sample(p["type"], SCHEMAS, p["name"]) for p in operation["path_params"]}
    given |= {q["name"]: sample(q["type"], SCHEMAS, q["name"]) for q in operation["query"] if q["required"]}
    client = make_client(kind, stateless.url, {"token": stateless.admin.token})
    refused = ApiError if name in REFUSED else ()
    sent = []
    for face in (client, client.with_raw_response):
        for way in ways(operation):
            with suppress(refused):
                await getattr(getattr(face, operation["group"]), operation["method"])(**given, **way)
            request = stateless.requests[-1]
            assert request.operation == name
            sent.append(request.body)
    assert len(sent) == (4 if name in REQUIRED_FIELD_CLASHES else 6)
    assert len({*sent}) == 1
    assert len(orjson.loads(sent[0])) > 0
    await client.aclose()


def test_all_objects_are_keywords_but_for_five_that_clash() -> None:
    assert len(OPERATIONS) > 200
    for facade in ("sync_api", "async_api"):
        without = {name for name, op in OPERATIONS.items() if not takes_keywords(method_of(op, facade))}
        assert without == REQUIRED_FIELD_CLASHES


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_the_types_of_a_body_have_the_fields_that_the_server_knows(name: str) -> None:
    operation = OPERATIONS[name]
    model = model_of(operation)
    fields = SCHEMAS[object_of(operation["body"]["type"])["ref"]]["fields"]
    attributes = {key: name for key, name in names_of(model).items() if key in fields}
    needed = {key for key in attributes if fields[key]["required"]}
    base = model.__qualname__.replace(".", "")
    of_dict = getattr(bodies, f"{base}Dict")
    assert of_dict.__annotations__.keys() == attributes.keys()
    assert of_dict.__required_keys__ == needed
    clashes = {*attributes.values()} & inspect.signature(method_of(operation)).parameters.keys()
    if name in REQUIRED_FIELD_CLASHES:
        assert clashes & needed
        return
    of_keywords = getattr(bodies, f"{base}Keywords", of_dict)
    assert of_keywords.__annotations__.keys() == {*attributes.values()} - clashes
    assert of_keywords.__required_keys__ == {attributes[key] for key in needed}
    differ = clashes or any(key != name for key, name in attributes.items())
    assert (of_keywords is not of_dict) == bool(differ)
    for made in (of_dict, of_keywords):
        assert get_type_hints(made).keys() == made.__annotations__.keys()


def test_docstring_and_reference_name_each_field_that_is_no_keyword() -> None:
    page = PAGE.read_text("utf-8")
    found = []
    for operation in OPERATIONS.values():
        method = method_of(operation)
        place = f"{operation['group']}.{operation['method']}"
        for name in names_of(model_of(operation)).values():
            if name in inspect.signature(method).parameters:
                found.append(f"{place}: {name}")
                assert f"| `{place}` | `{name}` | " in page
                told = " ".join((inspect.getdoc(method) or "").split())
                start = "In `json_body` only:" if takes_keywords(method) else "json_body: The body. It has no"
                assert f"`{name}`" in told.partition(start)[2]
    assert len(found) == 10
