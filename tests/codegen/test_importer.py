"""A newer description of the API is taken into the catalogue: `make bump`, on the toy."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.errors import SpecError
from codegen.importer.__main__ import main
from codegen.importer.bump import bump
from codegen.importer.description import Description
from codegen.importer.write import operation_text, schema_text

from .toy_spec import TOY, generated, texts

DESCRIPTION: Any = yaml.safe_load((TOY / "description.yaml").read_text("utf-8"))
OPERATIONS, LOCK, SCHEMAS = "operations/books.yaml", "names.lock.yaml", "schemas/books.yaml"
REAL = Path(__file__).parents[2] / "spec"


def bumped(document: Any = DESCRIPTION) -> tuple[dict[str, str], list[str]]:
    changed, remarks = bump(texts(), document, "1.1")
    return {**texts(), **changed}, remarks


def entry(files: dict[str, str], path: str, name: str) -> Any:
    return yaml.safe_load(files[path])[name]


def test_a_new_operation_gets_a_method_by_the_naming_rules() -> None:
    files, remarks = bumped()
    name = "PutApiV4LoansLoanId"
    assert entry(files, "operations/loans.yaml", name) == {
        "route": "PUT /api/v4/loans/{loan_id}",
        "tags": ["loans"],
        "since": ">1.0",
        "body": {"json": "Loan!"},
        "answers": {200: "Loan"},
    }
    signature = "loans.put_api_v4_loans_loan_id(loan_id, *, json_body)"
    assert entry(files, LOCK, "routes")["PUT /api/v4/loans/{loan_id}"] == signature
    assert "new: loans.put_api_v4_loans_loan_id, PUT /api/v4/loans/{loan_id}" in remarks


def test_an_old_operation_gains_what_may_be_left_out() -> None:
    files, _ = bumped()
    old = entry(texts(), OPERATIONS, "GetBooks")
    assert entry(files, OPERATIONS, "GetBooks") == {**old, "query": {**old["query"], "sort": "str"}}
    before = next(
        s for r, s in entry(texts(), LOCK, "routes").items() if "/books" in r and r.startswith("GET")
    )
    after = next(s for r, s in entry(files, LOCK, "routes").items() if "/books" in r and r.startswith("GET"))
    assert after == before.replace(")", ", sort=null)")


def test_an_old_schema_gains_fields_and_a_new_one_a_home() -> None:
    files, _ = bumped()
    assert entry(files, SCHEMAS, "Book") == {**entry(texts(), SCHEMAS, "Book"), "loan": "Loan"}
    body = entry(files, SCHEMAS, "AddBookJsonBody")
    assert body == {**entry(texts(), SCHEMAS, "AddBookJsonBody"), "room": "AddBookJsonBody.Room"}
    assert entry(files, SCHEMAS, "AddBookJsonBody.Room") == {"floor": "int"}
    assert entry(files, SCHEMAS, "Loan") == {"reader": "str!", "until": "int"}


def test_an_enum_gains_values() -> None:
    files, remarks = bumped()
    old = entry(texts(), "enums.yaml", "ShelfKind")
    assert entry(files, "enums.yaml", "ShelfKind") == [*old, "locked"]
    assert "more: enum ShelfKind: locked" in remarks


def test_nothing_that_is_there_is_changed_or_lost() -> None:
    files, remarks = bumped()
    for path, old in texts().items():
        if path not in {"server.yaml", "enums.yaml", LOCK}:
            now = files[path].replace("'", "").splitlines()
            assert [line for line in old.replace("'", "").splitlines() if line not in now] == [], path
    assert "differs: schema AddBookJsonBody isbn: str, described as int" in remarks
    (gone,) = [remark for remark in remarks if remark.startswith("gone")]
    assert "GET /api/v4/books/{book_id}/cover" in gone


def test_another_answer_or_kind_of_body_is_for_a_person_to_judge() -> None:
    document = copy.deepcopy(DESCRIPTION)
    operation = document["paths"]["/api/v4/books"]["post"]
    operation["responses"]["202"] = operation["responses"]["201"]
    operation["requestBody"]["content"]["multipart/form-data"] = {"schema": {"type": "object"}}
    files, remarks = bumped(document)
    assert entry(files, OPERATIONS, "AddBook") == entry(texts(), OPERATIONS, "AddBook")
    assert "differs: AddBook answers 202: not known, described as Book" in remarks
    assert "differs: AddBook body multipart: not known, described as map[any]" in remarks


def test_the_version_is_the_one_that_was_said() -> None:
    assert bumped()[0]["server.yaml"] == "version: '1.1'\n"


def test_what_was_taken_once_gives_nothing_new() -> None:
    files, _ = bumped()
    again, remarks = bump(files, DESCRIPTION, "1.1")
    assert again == {}
    assert [remark for remark in remarks if not remark.startswith(("differs", "gone"))] == []


def test_a_method_can_be_generated_from_what_was_taken() -> None:
    made = generated(bumped()[0])
    loans = made["python/matterapi/endpoints/sync_api/loans.py"]
    compile(loans, "loans.py", "exec")
    assert "def put_api_v4_loans_loan_id(self, loan_id: str, **fields: Unpack[LoanDict])" in loans
    assert "sort: str | None = None" in made["python/matterapi/endpoints/sync_api/books.py"]
    assert "loan: Loan | None = None" in made["python/matterapi/models/books.py"]


def test_the_command_changes_the_folder_and_says_what_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path, text in texts().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert main([str(TOY / "description.yaml"), "1.1"], tmp_path) == 0
    files, remarks = bumped()
    now = {p.relative_to(tmp_path).as_posix(): p.read_text() for p in tmp_path.rglob("*.yaml")}
    assert now == files
    told = capsys.readouterr().out.splitlines()
    assert told[:-1] == remarks
    assert told[-1].endswith("now run: python -m codegen")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "no OpenAPI 3 document"),
        ({"swagger": "2.0", "paths": {}}, "no OpenAPI 3 document"),
        ({"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": {}}}}}, "GET /x: without a tag"),
        (
            {
                "openapi": "3.1.0",
                "paths": {
                    "/x": {
                        "post": {"tags": ["x"], "requestBody": {"content": {"text/odd": {}}}, "responses": {}}
                    }
                },
            },
            "a body of text/odd",
        ),
    ],
)
def test_what_is_not_understood_is_refused(document: Any, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        bumped(document)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml"), "1.1"], tmp_path) == 1
    assert "none.yaml" in capsys.readouterr().err


def test_an_operation_of_its_own_parameters_goes_before_its_paths() -> None:
    path = {"parameters": [{"in": "query", "name": "n", "schema": {"type": "string"}}]}
    path["get"] = {"tags": ["x"], "parameters": [{"in": "query", "name": "n", "schema": {"type": "integer"}}]}  # type: ignore[assignment]
    ((_, _, operation),) = Description({"openapi": "3.0.0", "paths": {"/x": path}}).operations()
    assert operation["parameters"] == [{"in": "query", "name": "n", "schema": {"type": "integer"}}]


@pytest.mark.parametrize("folder", ["operations", "schemas"])
def test_the_real_catalogue_is_written_as_the_importer_writes(folder: str) -> None:
    write = operation_text if folder == "operations" else schema_text
    for path in sorted((REAL / folder).iterdir()):
        text = path.read_text("utf-8")
        assert "".join(write(name, value) for name, value in yaml.safe_load(text).items()) == text, path.name
