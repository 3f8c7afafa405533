from __future__ import annotations

from tests.docs.emulator_page import table, written


def test_the_table_of_routes_says_what_the_emulator_does() -> None:
    assert written() == table()
