from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from matterapi.testing import MattermostServer
from matterapi.testing.catalogue.checks import check_request, object_fields, wrong_field
from matterapi.testing.catalogue.operations import Body, DocumentedResponse, Operation, bundled, is_available
from matterapi.testing.catalogue.samples import sample, sample_content, sample_id
from matterapi.testing.http.errors import AppError
from tests.emulator.peer import ID, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS: dict[str, Any] = {
    "Tree": {
        "fields": {
            "id": {"type": "str", "required": True},
            "size": {"type": {"null": "int"}, "required": False},
            "children": {"type": {"list": {"ref": "Tree"}}, "required": False},
            "parent": {"type": {"ref": "Tree"}, "required": False},
        },
        "extra": None,
    },
    "Kind": {"enum": ["O", "P"]},
    "Counts": {"alias": {"map": "int"}},
}

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture(scope="module")
def stateless() -> Iterator[MattermostServer]:
    with MattermostServer(stateless=True) as server:
        yield server


def _operation(**changes: Any) -> Operation:
    fields: dict[str, Any] = {
        "id": "Op",
        "verb": "POST",
        "path": "/op",
        "since": None,
        "permissions": None,
        "auth": "session",
        "local_only": False,
        "max_body": None,
        "path_params": [],
        "query": [],
        "body": None,
        "responses": [],
    }
    return Operation(json.dumps({**fields, **changes}).encode())


@pytest.mark.parametrize(
    ("expr", "value", "wrong"),
    [
        ({"ref": "Tree"}, {"id": "x", "unknown": 1}, None),
        ({"ref": "Tree"}, {"id": "x", "size": None}, None),
        ({"ref": "Tree"}, {}, "id"),
        ({"ref": "Tree"}, {"id": None}, "id"),
        ({"ref": "Tree"}, {"id": "x", "size": True}, "size"),
        ({"ref": "Tree"}, {"id": "x", "children": [{"id": 5}]}, "id"),
        ({"ref": "Tree"}, [], ""),
        ({"ref": "Kind"}, "O", None),
        ({"ref": "Kind"}, "Kind.O", ""),
        ({"ref": "Counts"}, {"a": 1}, None),
        ({"ref": "Counts"}, {"a": "1"}, ""),
        ({"union": ["int", {"list": "str"}]}, ["a"], None),
        ({"union": ["int", {"list": "str"}]}, [1], ""),
        ("float", 1, None),
        ("float", "1", ""),
        ("any", {"x": []}, None),
    ],
)
def test_a_value_is_held_against_its_type(expr: Any, value: Any, wrong: str | None) -> None:
    assert wrong_field(expr, value, SCHEMAS) == wrong


@pytest.mark.parametrize(
    ("expr", "values", "fits"),
    [
        ("int", ["5"], True),
        ("int", ["five"], False),
        ("bool", ["true"], True),
        ("bool", ["True"], False),
        ({"list": "int"}, ["1,2"], True),
        ({"list": "int"}, ["1", "x"], False),
        ({"ref": "Kind"}, ["P"], True),
        ({"ref": "Kind"}, ["Kind.P"], False),
    ],
)
def test_query_values_are_held_against_their_type(expr: Any, values: list[str], fits: bool) -> None:
    operation = _operation(query=[{"name": "q", "type": expr, "required": True}])

    def check(query: dict[str, list[str]]) -> None:
        check_request(operation, {}, query, content_type="", body=b"", schemas=SCHEMAS)

    if fits:
        check({"q": values})
    else:
        with pytest.raises(AppError, match="invalid_url_param"):
            check({"q": values})
    with pytest.raises(AppError, match="invalid_url_param"):
        check({})


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"size":1}'])
def test_a_body_that_does_not_fit_is_400(body: bytes) -> None:
    operation = _operation(body={"kind": "json", "required": True, "type": {"ref": "Tree"}})
    with pytest.raises(AppError) as caught:
        check_request(operation, {}, {}, content_type="", body=body, schemas=SCHEMAS)
    assert (caught.value.status, caught.value.error_id) == (400, "api.context.invalid_body_param.app_error")


def test_samples_fit_their_type_end_and_do_not_change() -> None:
    for expr in ({"ref": "Tree"}, {"ref": "Kind"}, {"ref": "Counts"}, {"list": {"ref": "Tree"}}, "str"):
        made = sample(expr, SCHEMAS)
        assert wrong_field(expr, made, SCHEMAS) is None
        assert made == sample(expr, SCHEMAS)
    assert sample({"ref": "Tree"}, SCHEMAS) == {"id": sample_id("id"), "size": 1, "children": []}
    assert len(sample_id("channel_id")) == 26


@pytest.mark.parametrize(
    ("kind", "beginning"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("application/zip", b"PK"),
        ("text/csv", b"id,"),
        ("text/html", b"<html"),
    ],
)
def test_sample_files_are_of_their_kind(kind: str, beginning: bytes) -> None:
    assert sample_content(kind).startswith(beginning)


def test_an_operation_of_unknown_age_is_always_there() -> None:
    assert is_available(_operation(since=None), "5.0")
    assert is_available(_operation(since="<=11.11"), "5.0")
    assert is_available(_operation(since="9.9.0"), "9.9")
    assert not is_available(_operation(since="11.7"), "11.2")
    assert not is_available(_operation(since=">11.2"), "11.2")
    assert is_available(_operation(since=">11.2"), "11.3")


def _arguments(operation: Operation) -> tuple[str, bytes | None, dict[str, str]]:
    """Return path, body and headers of a request that fits the operation."""
    schemas = bundled().schemas
    path = operation.path
    for param in operation.path_params:
        path = path.replace(f"{{{param.name}}}", "1" if param.type == "int" else ID)
    pairs = []
    for param in operation.query:
        value = sample(param.type, schemas, param.name)
        one = value[0] if isinstance(value, list) else value
        pairs.append(f"{param.name}={str(one).lower() if isinstance(one, bool) else one}".replace(" ", "+"))
    path += "?" + "&".join(pairs)
    if operation.body is None:
        return path, None, {}
    if operation.body.kind == "multipart":
        return path, _form(operation.body), MULTIPART
    if operation.body.kind == "raw":
        return path, b"raw", {}
    return path, json.dumps(sample(operation.body.type or "any", schemas)).encode(), {}


def _form(body: Body) -> bytes:
    """Return a form with every field that `body` may have."""
    form, schemas = b"", bundled().schemas
    for name, entry in object_fields(body.type, schemas).items():
        filename = '; filename="f"' if "file" in str(entry["type"]) else ""
        head = f'--x\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
        value = sample(entry["type"], schemas, name)
        content = value if isinstance(value, str) else json.dumps(value)
        form += head.encode() + content.encode() + b"\r\n"
    return form + b"--x--\r\n"


def _operations() -> list[Operation]:
    return [one for one in bundled().operations if one.id not in ("ConnectWebSocket", "Login")]


def _is_json(answer: DocumentedResponse) -> bool:
    return answer.content_type == "application/json" and answer.type not in (None, "file")


def test_there_are_654_operations() -> None:
    assert len(bundled().operations) == 654


def test_every_operation_is_answered_from_the_catalogue_with_its_declared_type(
    stateless: MattermostServer,
) -> None:
    admin = Peer(stateless, stateless.admin.token)
    failures: list[tuple[str, object, bytes]] = []
    for operation in _operations():
        path, body, headers = _arguments(operation)
        answer = admin.call(operation.verb, path, body, headers=headers)
        expected = operation.responses[0] if operation.responses else None
        if answer.status != (expected.status if expected else 501):
            failures.append((operation.id, answer.status, answer.body[:200]))
        elif expected and _is_json(expected):
            wrong = wrong_field(expected.type or "any", answer.json, bundled().schemas)
            failures += [(operation.id, wrong, answer.body[:200])] if wrong is not None else []
    assert failures == []
    assert stateless.requests[-1].operation == _operations()[-1].id


def test_operations_that_need_a_session_are_401_without_one(stateless: MattermostServer) -> None:
    nobody = Peer(stateless)
    for operation in _operations():
        if operation.needs_session:
            path, body, headers = _arguments(operation)
            answer = nobody.call(operation.verb, path, body, headers=headers)
            assert answer.status == 401, operation.id


def test_an_operation_without_state_is_checked_against_the_catalogue(admin: Peer, stranger: Peer) -> None:
    assert admin.post("/site_url/test", {"site_url": "http://x.example"}).status == 200
    wrong = admin.post("/site_url/test", {"site_url": 5})
    assert (wrong.status, wrong.error_id) == (400, "api.context.invalid_body_param.app_error")
    assert "site_url" in wrong.json["message"]
    assert stranger.post("/site_url/test", b"{}").status in (400, 403)
    query = admin.get("/logs?page=one")
    assert (query.status, query.error_id) == (400, "api.context.invalid_url_param.app_error")


def test_the_two_operations_without_a_2xx_end_as_documented(stateless: MattermostServer) -> None:
    admin = Peer(stateless, stateless.admin.token)
    redirected = admin.post("/users/login/cws", {})
    assert redirected.status == 302
    gone = admin.get("/hosted_customer/signup_available")
    assert gone.status == 501
