"""Texts of others on one line, harmless for terminals and logs."""

from __future__ import annotations


def one_line(text: str) -> str:
    """The text with an escape for whatever ends a line, steers a terminal or shows nothing.

    Escaped is what `repr` escapes: control characters, line and paragraph separators, marks that turn the
    direction of writing, odd spaces, lone surrogates.
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def summary(text: str, most: int) -> str:
    """At most so many characters of the text on one line, white space made single spaces."""
    line = " ".join(text.split())
    return one_line(line if len(line) <= most else f"{line[:most]}...")


def lines(text: str) -> str:
    """The same for a text of several lines, such as a traceback: line feeds and tabs stay."""
    return "\n".join("\t".join(map(one_line, line.split("\t"))) for line in text.split("\n"))


def _escaped(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
