"""Which fields of a body are keywords, and what the files say of those that are not."""

from __future__ import annotations

from .toy_spec import changed, generated

LOCK, BOOKS, SCHEMAS = "names.lock.yaml", "operations/books.yaml", "schemas/books.yaml"
API = "python/matterapi/endpoints/sync_api/books.py"
TABLE = "python/matterapi/endpoints/operations/books.py"
TYPES = "python/matterapi/bodies/books.py"
PAGE = "docs/reference/bodies.md"


def with_query(name: str) -> dict[str, str]:
    """The toy catalogue, in which adding a book has a parameter of this name too."""
    files = changed(BOOKS, "  body: {json: AddBookJsonBody!}\n", f"  query: {{{name}: str}}\n" + BODY)
    files[LOCK] = files[LOCK].replace("add_book(*, json_body)", f"add_book(*, json_body, {name}=null)")
    return files


BODY = "  body: {json: AddBookJsonBody!}\n"


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_an_optional_field_with_the_name_of_a_parameter_stays_in_the_body() -> None:
    files = generated(with_query("colour"))
    api = squeezed(files[API])
    assert "**fields: Unpack[AddBookJsonBodyKeywords]" in api
    assert "**fields: `title`, `isbn` (required). In `json_body` only: `colour`." in api
    of_dict, _, of_keywords = files[TYPES].partition("class AddBookJsonBodyKeywords")
    assert "Colour: str" in of_dict
    assert "olour" not in of_keywords
    assert 'needed="title isbn")' in files[TABLE]
    assert "| `books.add_book` | `colour` | the others are keywords |" in files[PAGE]


def test_a_required_field_with_the_name_of_a_parameter_leaves_no_keywords() -> None:
    files = generated(with_query("isbn"))
    api = squeezed(files[API])
    assert "Unpack" not in api
    assert "add_book(self, *, json_body: AddBookJsonBody | JsonObject, isbn: str | None = None)" in api
    assert "It has no form as keywords: the call has a parameter `isbn` too." in api
    assert "AddBookJsonBodyKeywords" not in files[TYPES]
    assert "needed=" not in files[TABLE]
    assert "| `books.add_book` | `isbn` | it is required: no keywords at all |" in files[PAGE]


def test_a_field_is_required_where_the_server_requires_it_not_where_0_5_0_did() -> None:
    files = changed(SCHEMAS, "  title: str!\n", "  title: str\n")
    assert 'needed="isbn"' in generated(files)[TABLE]
    assert "title: str\n" in generated(files)[TYPES]


def test_a_field_that_only_0_5_0_knew_is_no_keyword() -> None:
    files = changed(SCHEMAS, "  Colour: str\n", "")
    assert "colour: str" in files[LOCK]
    assert "olour" not in generated(files)[TYPES]


def test_a_key_that_is_no_python_name_has_another_as_keyword() -> None:
    made = generated(changed(SCHEMAS, "  isbn: str!\n", "  from: str!\n"))
    assert '"from": Required[str]' in made[TYPES]
    assert "    from_: Required[str]\n" in made[TYPES]
    assert 'needed="title from_", renamed="from_=from ' in made[TABLE]


def test_a_list_or_an_object_is_keywords_of_the_object() -> None:
    api = generated(changed(BOOKS, "json: AddBookJsonBody!", "json: 'list[str] | AddBookJsonBody!'"))[API]
    assert "json_body: Sequence[str] | AddBookJsonBody | AddBookJsonBodyDict | JsonObject" in squeezed(api)
    assert "**fields: Unpack[AddBookJsonBodyKeywords]" in api


def test_a_body_without_fields_has_none() -> None:
    for kind in ("list[AddBookJsonBody]", "map[any]", "str"):
        files = generated(changed(BOOKS, "json: AddBookJsonBody!", f"json: '{kind}!'"))
        assert "**fields" not in files[API]
        assert TYPES not in files


def test_a_body_that_may_be_left_out_needs_no_keywords_either() -> None:
    files = changed(LOCK, "add_book(*, json_body)", "add_book(*, json_body=null)")
    api = squeezed(generated(files)[API])
    assert "json_body: AddBookJsonBody | JsonObject | None = None, **fields: Any" in api
    assert "KEYWORDS" not in api
