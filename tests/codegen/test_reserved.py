import pytest

from codegen.reserved import reserved_words, with_reserved


def test_a_literal_sibling_is_reserved() -> None:
    routes = ["GET /users/{user_id}", "GET /users/stats", "POST /users/ids", "GET /users/{user_id}/teams"]
    assert reserved_words(routes) == {"GET /users/{user_id}": {"user_id": ["stats"]}}


def test_the_leftmost_literal_decides_between_crossing_routes() -> None:
    routes = ["GET /users/{user_id}/image", "GET /users/username/{username}"]
    assert reserved_words(routes) == {"GET /users/{user_id}/image": {"user_id": ["username"]}}


@pytest.mark.parametrize(
    "other",
    ["GET /a/{y}", "POST /a/b", "GET /c/b", "GET /a/b/c"],
    ids=["same shape", "other verb", "other literal", "other length"],
)
def test_routes_that_cannot_meet_reserve_nothing(other: str) -> None:
    assert reserved_words(["GET /a/{x}", other]) == {}


def test_words_stand_beside_their_parameter_in_the_template() -> None:
    template = with_reserved("GET /u/{id}/x/{other}{?id}", {"id": ["a", "b"]})
    assert template == "GET /u/{id!a,b}/x/{other}{?id}"
