"""Long messages in parts: nothing is lost, no part is too long, and code stays code."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matterapi.content import MOST_CHARACTERS, split_message

SHORT = st.text(st.sampled_from("ab 🎉é#>*"), max_size=30)
MARKS = st.sampled_from(["```", "~~~", "````", "  ```"])
INFOS = st.sampled_from(["", "python", "c++"])
BLOCKS = st.builds(
    lambda mark, info, lines: "\n".join([f"{mark}{info}", *lines, mark]), MARKS, INFOS, st.lists(SHORT)
)
MESSAGES = st.lists(st.one_of(SHORT, BLOCKS), min_size=4).map("\n".join)
LIMITS = st.integers(80, 200)


def read(text: str) -> tuple[list[tuple[str, str | None]], bool]:
    """The lines that are no fences, each with the info of its block, and whether one is open at the end."""
    lines, info, mark = list[tuple[str, str | None]](), None, ""
    for line in text.split("\n"):
        fence = re.fullmatch(r"\s*(`{3,}|~{3,})(.*)", line)
        if fence and info is None:
            mark, info = fence[1], fence[2]
        elif fence and fence[1].startswith(mark) and not fence[2]:
            info = None
        elif line:
            lines.append((line, info))
    return lines, info is not None


@given(MESSAGES, LIMITS)
def test_every_line_is_in_the_block_that_it_was_in_and_no_part_is_too_long(message: str, limit: int) -> None:
    parts = split_message(message, limit)
    assert all(len(part) <= limit for part in parts)
    assert [line for part in parts for line in read(part)[0]] == read(message)[0]
    assert not any(read(part)[1] for part in parts)


@given(st.text(), st.integers(16, 40))
def test_text_without_code_joins_to_the_message(message: str, limit: int) -> None:
    message = message.replace("`", "'").replace("~", "-")
    parts = split_message(message, limit)
    assert "".join(parts) == message
    assert all(len(part) <= limit for part in parts)


@given(st.text(st.sampled_from("`~ a\n"), max_size=400), st.integers(16, 60))
def test_no_text_makes_a_part_too_long_or_an_endless_loop(message: str, limit: int) -> None:
    assert all(0 < len(part) <= limit for part in split_message(message, limit) if message)


def test_a_message_that_fits_is_one_part_as_it_is() -> None:
    for message in ["", "x" * MOST_CHARACTERS, "```\nopen", "\n"]:
        assert split_message(message) == [message]


def test_characters_are_counted_and_not_bytes() -> None:
    assert [len(part) for part in split_message("🎉" * (MOST_CHARACTERS + 1))] == [MOST_CHARACTERS, 1]


def test_the_cut_is_at_the_end_of_a_line_or_else_behind_a_word() -> None:
    assert split_message("aaaa aaaa\nbbbb bbbb\ncccc", 20) == ["aaaa aaaa\nbbbb bbbb\n", "cccc"]
    assert split_message("aaaa bbbb cccc dddd eeee", 16) == ["aaaa bbbb cccc ", "dddd eeee"]


def test_a_block_is_closed_and_opened_again_with_its_language() -> None:
    code = "".join(f"line {number:02}\n" for number in range(10))
    first, second = split_message(f"Look:\n```python\n{code}```\nDone.\n", 80)
    assert first == "Look:\n```python\n" + "".join(f"line {number:02}\n" for number in range(7)) + "```"
    assert second == "```python\nline 07\nline 08\nline 09\n```\nDone.\n"


def test_a_block_that_would_be_empty_begins_in_the_next_part() -> None:
    text = "a" * 60
    assert split_message(f"{text}\n```py\nprint(1234567)\n```", 80) == [
        f"{text}\n", "```py\nprint(1234567)\n```",
    ]  # fmt: skip


def test_a_line_of_code_that_is_longer_than_a_part_stays_code() -> None:
    parts = split_message(f"```\n{'x' * 100}\n```", 40)
    assert all(part.startswith("```\nx") and part.rstrip().endswith("x\n```") for part in parts)
    assert sum(part.count("x") for part in parts) == 100


def test_a_line_in_a_block_that_looks_like_its_opening_is_code() -> None:
    text = "```py\n" + "```py\n" * 20 + "```"
    parts = split_message(text, 50)
    assert sum(len(read(part)[0]) for part in parts) == 20


@pytest.mark.parametrize(("mark", "inside"), [("```", "~~~"), ("````", "```"), ("~~~", "```")])
def test_a_block_ends_with_its_own_mark_only(mark: str, inside: str) -> None:
    code = "".join(f"line {number:02}\n" for number in range(20))
    parts = split_message(f"{mark}\n{inside}\n{code}{mark}", 80)
    assert len(parts) > 2
    assert all(part.startswith(f"{mark}\n") and part.endswith(f"\n{mark}") for part in parts)


def test_the_rest_of_a_cut_line_does_not_become_a_block() -> None:
    parts = split_message("aaaa aaaa aaaa ```b bbbb bbbb", 16)
    assert "".join(parts) == "aaaa aaaa aaaa ```b bbbb bbbb"
    assert not any(part.startswith("```") for part in parts)


def test_a_limit_that_no_block_fits_into_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        split_message("x", 15)
