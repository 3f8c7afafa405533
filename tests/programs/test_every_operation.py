"""Every operation through both clients: the server's catalogue accepts the call, the answer has its type."""

import importlib
import inspect
from collections.abc import Iterator
from importlib.resources import files
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import orjson
import pytest

from matterapi.calls.operation import Operation
from matterapi.client import exceptions as e
from matterapi.response import Response
from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.samples import sample
from tests.support.always_sent import lacking
from tests.support.faces import make_client

CATALOGUE = orjson.loads(files("matterapi.testing.catalogue").joinpath("operations.json").read_bytes())
SCHEMAS = CATALOGUE["schemas"]
OPERATIONS: dict[str, dict[str, Any]] = {op["id"]: op for op in CATALOGUE["operations"] if op["method"]}
GROUPS = sorted({op["group"] for op in OPERATIONS.values()})

WITHOUT_SUCCESS = {
    "LoginByCwsToken": (e.ApiError, 302),
    "HostedCustomerSignupAvailable": (e.FeatureDisabled, 501),
}
"""The two operations without a 2xx in the catalogue, and how they end."""


@pytest.fixture(scope="module")
def stateless() -> Iterator[MattermostServer]:
    with MattermostServer(stateless=True) as server:
        yield server


def has_type(value: Any, declared: Any) -> bool:
    """Whether `value` is of the declared type, its elements included."""
    origin, arguments = get_origin(declared), get_args(declared)
    if declared is Any:
        return True
    if origin in {Union, UnionType}:
        return any(has_type(value, argument) for argument in arguments)
    if origin is list:
        return isinstance(value, list) and all(has_type(item, arguments[0]) for item in value)
    if origin is dict:
        return isinstance(value, dict) and all(has_type(item, arguments[1]) for item in value.values())
    if declared in {None, NoneType}:
        return value is None
    return isinstance(value, declared)


def table_line(operation: dict[str, Any]) -> Operation[Any]:
    tables = importlib.import_module(f"matterapi.endpoints.operations.{operation['group']}")
    line = getattr(tables, operation["constant"])
    assert isinstance(line, Operation)
    return line


def arguments(operation: dict[str, Any], method: Any) -> dict[str, Any]:
    """One value for each path parameter, each required parameter and the body."""
    parameters = inspect.signature(method).parameters
    given = {p["name"]: sample(p["type"], SCHEMAS, p["name"]) for p in operation["path_params"]}
    given |= {q["name"]: sample(q["type"], SCHEMAS, q["name"]) for q in operation["query"] if q["required"]}
    body = operation["body"]
    if body is None:
        return given
    keyword = next(name for name in ("json_body", "multipart_data", "form_data") if name in parameters)
    if body["kind"] == "json":
        return given | {keyword: sample(body["type"], SCHEMAS, "body")}
    if body["kind"] == "raw":
        return given | {keyword: b"raw bytes"}
    fields = sample(body["type"], SCHEMAS, "body")
    assert isinstance(fields, dict)
    return given | {keyword: {**fields, **dict.fromkeys(body["files"], b"content of a file")}}


@pytest.mark.parametrize("facade", ["sync", "async"])
@pytest.mark.parametrize("group", GROUPS)
async def test_the_call_is_accepted_and_the_answer_has_its_declared_type(
    stateless: MattermostServer, facade: str, group: str
) -> None:
    client = make_client(facade, stateless.url, {"token": stateless.admin.token})
    for name, operation in OPERATIONS.items():
        if operation["group"] == group:
            await assert_accepted(stateless, name, getattr(getattr(client, group), operation["method"]))


async def assert_accepted(stateless: MattermostServer, name: str, method: Any) -> None:
    """Fail unless the call of the operation of this name in the catalogue is answered as it declares."""
    operation = OPERATIONS[name]
    if name in WITHOUT_SUCCESS:
        kind, status = WITHOUT_SUCCESS[name]
        with pytest.raises(kind) as caught:
            await method(**arguments(operation, method))
        assert caught.value.status_code == status
        return
    given = arguments(operation, method)
    if name == "Login":  # the one call that even a server without state judges
        admin = stateless.admin
        given = {"json_body": {"login_id": admin.username, "password": admin.password}}
    try:
        answer = await method(**given)
    except e.MatterapiError as failure:
        raise AssertionError(f"{name} is not accepted") from failure
    line = table_line(operation)
    assert has_type(answer, line.returns), (name, answer, line)
    assert list(lacking(answer)) == [], name
    request = stateless.requests[-1]
    assert (request.verb, request.operation) == (operation["verb"], name)


def test_the_catalogue_has_all_routes_but_the_websocket_as_methods() -> None:
    assert len(CATALOGUE["operations"]) == 654
    assert len(OPERATIONS) == 653
    assert {op["id"] for op in CATALOGUE["operations"]} - set(OPERATIONS) == {"ConnectWebSocket"}


def test_raw_answers_are_responses() -> None:
    raw = [name for name, operation in OPERATIONS.items() if table_line(operation).returns is Response]
    assert {"GetFile", "GetProfileImage", "GetEmojiImage"} <= set(raw)
    assert len(raw) < 60
