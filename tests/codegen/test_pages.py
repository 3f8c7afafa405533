"""Iterators beside operations that page: every one has one, or a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from codegen.api import OperationFacts, Spec
from codegen.errors import SpecError
from codegen.load import load
from codegen.lower_pages import PagesPlan, iterator_name, lower_pages
from codegen.lower_routes import lower_routes
from matterapi import AsyncClient, SyncClient
from matterapi.calls import page_plans

from .toy_spec import changed, generated, texts

ROOT = Path(__file__).parents[2]
PAGING = re.compile(r"page|cursor|^from_|^before$|^after$", re.IGNORECASE)
"""Looser than the generator's own list: a new word for paging is found here."""


@cache
def spec() -> Spec:
    return load(ROOT / "spec")


@cache
def plans() -> dict[str, PagesPlan]:
    return {plan.route.id: plan for plan in lower_pages(spec(), lower_routes(spec()))}


def parameters(op: OperationFacts) -> Iterator[str]:
    yield from (value.name for value in op.query)
    for body in op.bodies:
        schema = spec().schemas.get(body.type.kind) if body.kind == "json" and body.type else None
        yield from (value.name for value in schema.fields) if schema else ()


def test_every_operation_that_pages_has_an_iterator_or_a_reason() -> None:
    paging = {op.id for op in spec().operations if any(PAGING.search(name) for name in parameters(op))}
    without = spec().paging.without
    assert paging - {*plans(), *without} == OTHER_THINGS
    assert len(plans()) > 65
    assert len(without) < 10


OTHER_THINGS = {"CreateOAuthApp", "UpdateOAuthApp", "TestLdapConnection", "TestLdapDiagnostics"}
"""Operations with such a word, of a home page or of LDAP's own paging."""


def test_both_clients_have_each_iterator_and_it_takes_what_its_operation_takes() -> None:
    options: Any = {"url": "http://127.0.0.1:9", "auth": {"token": "t"}}
    for client in (SyncClient(options=options), AsyncClient(options=options)):
        for plan in plans().values():
            for group in plan.route.groups:
                found = signature(getattr(getattr(client, group), plan.name)).parameters
                beside = signature(getattr(getattr(client, group), plan.route.method)).parameters
                assert {*found} - {*beside} <= {"per_page", "limit"}
                assert found["limit"].default is None


def test_every_plan_can_be_made_and_asks_with_what_its_operation_knows() -> None:
    for plan in plans().values():
        made = getattr(page_plans, f"By{plan.family}")(**plan.arguments)
        given = {"post_id": "p", "sort_column": "Username"}
        ask = made.walk(10, given).send(None)
        operation = next(op for op in spec().operations if op.id == plan.route.id)
        assert {*ask} <= {*parameters(operation)}, plan.route.route
        assert {*plan.fixed} <= {*parameters(operation)}


@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("get_users", "iter_users"),
        ("list_playbook_runs", "iter_playbook_runs"),
        ("search_teams", "iter_search_teams"),
        ("channel_members_minus_group_members", "iter_channel_members_minus_group_members"),
    ],
)
def test_one_rule_names_them(method: str, name: str) -> None:
    assert iterator_name(method) == name


def test_the_page_lists_them() -> None:
    page = (ROOT / "docs" / "reference" / "iterators.md").read_text()
    for plan in plans().values():
        for group in plan.route.groups:
            assert f"| `{group}.{plan.name}` | `{group}.{plan.route.method}` |" in page
    for name in spec().paging.without:
        assert f"| `{name}` |" in page


def test_the_plan_of_a_thread_and_of_a_report() -> None:
    assert plans()["GetPostThread"].fixed == {"direction": "down"}
    assert plans()["GetUsersForReporting"].arguments == {"size": "page_size", "most": 100}
    assert plans()["SearchTeams"].arguments == {"in_body": True, "items": "teams"}
    assert str(plans()["GetPostsForView"].item) == "Post"


def refuses(files: dict[str, str], pattern: str) -> None:
    with pytest.raises(SpecError, match=pattern):
        generated(files)


def test_an_operation_that_pages_in_an_unknown_way_is_refused() -> None:
    files = changed("operations/books.yaml", "    per_page: int = 60\n", "    cursor_id: str\n")
    lock = files["names.lock.yaml"].replace("per_page=60", "cursor_id=null")
    refuses({**files, "names.lock.yaml": lock}, "GetBooks: say how it pages, .* it has cursor_id, page")
    told = "plans: {GetBooks: {by: Cursor, size: page, cursor: cursor_id=id}}"
    files = {**files, "names.lock.yaml": lock, "paging.yaml": told}
    table = generated(files)["python/matterapi/endpoints/page_plans.py"]
    assert "ByCursor(size='page', cursor='cursor_id=id')" in table


def test_an_operation_with_a_reason_has_none() -> None:
    files = {**texts(), "paging.yaml": "without: {GetBooks: nobody reads so many}"}
    found = generated(files)
    assert "iter_" not in found["python/matterapi/endpoints/sync_api/books.py"]
    assert "| `GetBooks` | nobody reads so many |" in found["docs/reference/iterators.md"]


@pytest.mark.parametrize(
    ("told", "pattern"),
    [
        ("plans: {GetNothing: {}}", "GetNothing: there is no such operation"),
        ("plans: {GetBooks: {by: Magic}}", "GetBooks: there is no way to page by 'Magic'"),
        ("plans: {GetBooks: {key: isbn}}", "say in `key` what tells one Book from another; it has no 'isbn'"),
        ("plans: {GetBooks: {items: books}}", "say in `items` what it lists"),
    ],
)
def test_what_paging_says_has_to_be_there(told: str, pattern: str) -> None:
    refuses({**texts(), "paging.yaml": told}, pattern)


def test_two_methods_of_one_name_are_refused() -> None:
    lock = texts()["names.lock.yaml"].replace("books.get_cover(", "books.iter_books(")
    refuses({**texts(), "names.lock.yaml": lock}, "books.iter_books is taken")
