"""Naming rules: how names of the server's description become Python names.

The lock (`spec/names.lock.yaml`) holds the names that exist already; these rules name only what the lock
does not know, so that a new route gets the name its neighbours would lead one to expect.
"""

from __future__ import annotations

import keyword
import re

_ILLEGAL = re.compile(r"[^\w _.-]")
_ACRONYM = re.compile(r"([A-Z]{2,})(?=[A-Z][a-z]|[-_. \d]|$)")
_LONE_CAPITAL = re.compile(r"(?<![A-Z])([A-Z])([A-Z])(?=[a-z])")
_SEPARATOR = re.compile(r"[-. ]+")
_CAPITAL = re.compile(r"(?<!^)(?<!_)([A-Z])")
_NEXT_WORD = re.compile(r"[-_. ]+([a-z0-9])")


def snake(text: str) -> str:
    """A Python name in snake case: `OAuth` -> `oauth`, `PlaybookRuns` -> `playbook_runs`."""
    text = _ILLEGAL.sub("", text)
    text = _ACRONYM.sub(lambda m: m.group(1).capitalize(), text)
    text = _LONE_CAPITAL.sub(lambda m: m.group(1) + m.group(2).lower(), text)
    text = _SEPARATOR.sub("_", text)
    text = _CAPITAL.sub(r"_\1", text).lower()
    return f"{text}_" if keyword.iskeyword(text) else text


def pascal(text: str) -> str:
    """A class name: `user_id` -> `UserId`; inner capitals stay as they are (`Server_Busy`)."""
    text = _ILLEGAL.sub("", text).replace(" ", "_").lstrip("-_.")
    text = _NEXT_WORD.sub(lambda m: m.group(1).upper(), text)
    return text[:1].upper() + text[1:]


def method_name(operation_id: str, tag: str) -> str:
    """The method of an operation id; the group's own name in front of it is dropped."""
    return snake(operation_id.removeprefix(f"{tag}_"))


def group_name(tag: str) -> str:
    """The group (client property and module) of a tag: `shared channels` -> `shared_channels`."""
    return snake(tag)


def class_name(group: str) -> str:
    """The endpoint class of a group: `users` -> `UsersApi`."""
    return f"{pascal(group)}Api"


def field_name(raw: str) -> str:
    """The Python name of a JSON key; `from` -> `from_`, keys that are no identifier get `field_`."""
    name = snake(raw)
    return name if name.isidentifier() else f"field_{name}"


def member_name(value: str, index: int) -> str:
    """The enum member of a value; the `index`-th value gets `VALUE_<index>` when it has no letters first."""
    if not value[:1].isalpha():
        return f"VALUE_{index}"
    return snake(value.upper()).upper()


def constant(method: str) -> str:
    """The name of an operation in its table: `get_user` -> `GET_USER`."""
    return method.upper().rstrip("_") if keyword.iskeyword(method.rstrip("_")) else method.upper()


def normalized(path: str) -> str:
    """A path without the names of its parameters, to compare routes of different descriptions."""
    return re.sub(r"\{[^}]*\}", "{}", path)
