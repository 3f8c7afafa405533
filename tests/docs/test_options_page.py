"""The page of options says what the classes say."""

from __future__ import annotations

import re

import pytest

from tests.docs.options_page import CLASSES, PAGE, defaults, descriptions, page


def test_the_page_is_what_would_be_written() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.docs.options_page"


@pytest.mark.parametrize("cls", [cls for _, cls in CLASSES], ids=lambda cls: cls.__name__)
def test_every_option_is_described_and_no_other(cls: type) -> None:
    assert set(descriptions(cls)) == set(defaults(cls))


def test_every_number_has_a_unit() -> None:
    for line in page().splitlines():
        cells = re.split(r"(?<!\\)\|", line.strip("|"))
        if len(cells) == 5 and re.search(r"`(?:int|float)\b", cells[1]):
            assert cells[3].strip(), line
