"""What the generator refuses, and what it says then."""

from __future__ import annotations

import pytest

from codegen.errors import SpecError

from .toy_spec import changed, generated, texts

LOCK, BOOKS, SCHEMAS = "names.lock.yaml", "operations/books.yaml", "schemas/books.yaml"


def refuses(files: dict[str, str], pattern: str) -> None:
    with pytest.raises(SpecError, match=pattern):
        generated(files)


def test_a_lock_entry_without_a_route() -> None:
    files = changed(LOCK, "enums:", "  GET /api/v4/gone: books.get_gone()\nenums:")
    refuses(files, "GET /api/v4/gone: no operation")


def test_a_route_without_a_lock_entry_and_the_entry_it_should_get() -> None:
    new = "GetLoan:\n  route: POST /api/v4/loans/{loan_id}\n  tags: [books, shelves]\n"
    new += "  query: {nights: int = 0}\n  body: {json: AddBookJsonBody!}\n  answers: {200: Book}\n"
    files = texts()
    files[BOOKS] += new
    entry = "'POST /api/v4/loans/{loan_id}': 'books|shelves.get_loan(loan_id, *, json_body, nights=0)'"
    with pytest.raises(SpecError) as error:
        generated(files)
    assert entry in error.value.problem
    files[LOCK] = files[LOCK].replace("enums:", f"  {entry}\nenums:")
    assert "GET_LOAN = " in generated(files)["python/matterapi/endpoints/operations/books.py"]


def test_an_unknown_content_type() -> None:
    refuses(changed(BOOKS, "image/png", "image/webp"), "GetCover 200: unknown content type 'image/webp'")


def test_an_unknown_kind_of_body() -> None:
    refuses(changed(BOOKS, "{json: ", "{xml: "), "AddBook: unknown kind of body 'xml'")


def test_two_methods_of_one_name_in_a_group() -> None:
    refuses(changed(LOCK, "books.get_cover", "books.create_book"), "books.create_book is already")


@pytest.mark.parametrize(
    ("line", "problem"),
    [("Boook: id", "Boook: there is no such schema"), ("Book: id isbn", "the schema has no field 'isbn'")],
)
def test_a_field_that_is_always_sent_and_does_not_exist(line: str, problem: str) -> None:
    refuses({**texts(), "always_sent.yaml": line}, problem)


def test_a_schema_in_two_files() -> None:
    files = texts()
    refuses({**files, "schemas/other.yaml": "Book:\n  id: str\n"}, "also in schemas/")


def test_two_fields_that_become_one_name() -> None:
    refuses(
        changed(SCHEMAS, "  Title: str", "  Title: str\n  title: str"),
        "'Title' and 'title' both become 'title'",
    )


def test_two_enum_values_that_become_one_member() -> None:
    refuses(changed("enums.yaml", "closed", "closed, Closed"), "'closed' and 'Closed' both become CLOSED")


@pytest.mark.parametrize("name", ["json_body", "multipart_data", "form_data", "op", "self"])
def test_a_parameter_that_is_called_like_one_of_ours(name: str) -> None:
    refuses(changed(BOOKS, "tags: {type", f"{name}: {{type"), f"may not be called {name!r}")


def test_a_path_parameter_that_is_called_like_one_of_ours() -> None:
    refuses(changed(LOCK, "get_books(shelf", "get_books(self"), "may not be called 'self'")


def test_a_signature_that_lacks_a_query_parameter() -> None:
    refuses(changed(LOCK, ", tags=null", ""), "lacks the query parameter 'tags'")


def test_a_signature_that_lacks_a_path_parameter() -> None:
    refuses(changed(LOCK, "get_cover(book_id)", "get_cover()"), r"the path has the parameters \['book_id'\]")


def test_a_type_that_does_not_exist() -> None:
    refuses(changed(SCHEMAS, "copies: {type: int", "copies: {type: Count"), "there is no schema Count")


def test_modules_that_would_import_each_other() -> None:
    files = changed(SCHEMAS, "  id: str", "  id: Shelf")
    refuses({**files, "schemas/shelves.yaml": "Shelf:\n  books: list[Book]\n"}, "books -> shelves -> books")


def test_classes_of_a_module_that_mention_each_other() -> None:
    files = changed(SCHEMAS, "  id: str", "  id: Shelf")
    files[SCHEMAS] += "Shelf:\n  books: list[Book]\n"
    refuses(files, "Book -> Shelf -> Book")


def test_a_signature_that_is_none() -> None:
    refuses(changed(LOCK, "books.get_cover(book_id)", "get_cover"), "'get_cover' is no signature")


def test_a_field_that_looks_like_a_secret_and_is_not_decided_on() -> None:
    refuses(
        changed(SCHEMAS, "  Title: str", "  Title: str\n  reader_token: str"),
        "Book.reader_token: the name looks like that of a secret: name it in spec/secrets.yaml",
    )


@pytest.mark.parametrize(("decision", "is_masked"), [("secret", True), ("plain", False)])
@pytest.mark.parametrize("name", ["reader_token", "Book.reader_token"])
def test_a_field_that_looks_like_a_secret_is_what_was_decided(
    decision: str, name: str, is_masked: bool
) -> None:
    files = changed(SCHEMAS, "  Title: str", "  Title: str\n  reader_token: str")
    files["secrets.yaml"] = f"secret: [unlock_code]\n{decision}: [{name}]\n".replace(
        "secret: [unlock_code]\nsecret: [", "secret: [unlock_code, "
    )
    models = generated(files)["python/matterapi/models/books.py"]
    masked = next(line for line in models.splitlines() if "_secret_fields" in line)
    assert ('"reader_token"' in masked) is is_masked


@pytest.mark.parametrize("kind", ["bool", "int", "list[int]", "ShelfKind", "Book.Notes"])
def test_what_cannot_hold_a_secret_need_not_be_decided_on(kind: str) -> None:
    generated(changed(SCHEMAS, "  Title: str", f"  Title: str\n  reader_token: {kind}"))
