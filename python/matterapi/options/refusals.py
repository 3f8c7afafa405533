"""Options that cannot be used: one error for all of them, which names the option and never its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from typing_extensions import Self

from matterapi.errors.exceptions import InvalidOptions, MatterapiError

TOP = "options"
"""What the options themselves are called in errors."""

_WORDS = {
    "Value error, ": "",
    "Field required": "is missing",
    "Input should be ": "must be ",
    "String should have at least 1 character": "must not be empty",
}
"""Beginnings of pydantic's sentences, and how they go on after the name of an option."""

_OTHER_WORDS = {
    "scheme": "write it into url, as in https://chat.example.com:8065",
    "port": "write it into url, as in https://chat.example.com:8065",
    "base_url": "the server is url, beside httpx_client_options",
    "username": "its name is login_id, in auth",
    "request_timeout": "its name is timeout, in httpx_client_options",
}
"""Names from other clients of Mattermost and HTTP, and what to write."""


class UnknownNameError(TypeError):
    """There is no option of that name. Not a `ValueError`, which pydantic would take for itself."""


class _RefusedValueError(InvalidOptions, ValidationError):
    """`InvalidOptions` that `except pydantic.ValidationError`, written against 0.5.0, catches as well."""

    def __new__(cls, message: str, found: ValidationError) -> Self:
        return ValidationError.__new__(cls, found.title, [])

    def __init__(self, message: str, found: ValidationError) -> None:
        MatterapiError.__init__(self, message)
        self._found = found

    def errors(self, **how: Any) -> Any:
        return self._found.errors(**how)

    def error_count(self) -> int:
        return self._found.error_count()

    def json(self, **how: Any) -> str:
        return self._found.json(**how)

    def __reduce__(self) -> Any:
        return InvalidOptions, (self.message,)


class _RefusedNameError(InvalidOptions, TypeError):
    """`InvalidOptions` that is a `TypeError` too, as a wrong keyword is one of httpx."""

    def __reduce__(self) -> Any:
        return InvalidOptions, (self.message,)


for _class in (_RefusedValueError, _RefusedNameError):
    # Who reads a traceback sees the class that is documented.
    _class.__name__, _class.__qualname__ = InvalidOptions.__name__, InvalidOptions.__qualname__
    _class.__module__ = InvalidOptions.__module__


@contextmanager
def refusals() -> Iterator[None]:
    """Raise `InvalidOptions` for what pydantic and `check_names` refuse within."""
    try:
        yield
    except UnknownNameError as error:
        raise _RefusedNameError(str(error)) from None
    except ValidationError as error:
        raise _RefusedValueError(_described(error), error) from None


def check_names(data: Mapping[Any, Any], place: str, places: Mapping[str, Iterable[str]]) -> None:
    """Refuse names that no option has.

    Args:
        data: What was given.
        place: Where: a key of `places`.
        places: The names of all options, by where they belong.

    Raises:
        UnknownNameError: The first of them, with the nearest name that there is.
    """
    for name in data:
        if name not in places[place]:
            raise UnknownNameError(
                f"there is no option {name!r} in {place}; {_advice(str(name), place, places)}"
            )


def _advice(name: str, place: str, places: Mapping[str, Iterable[str]]) -> str:
    if name in _OTHER_WORDS:
        return _OTHER_WORDS[name]
    homes = {known: home for home, names in places.items() for known in names}
    # What is right here goes before what is right elsewhere.
    homes.update(dict.fromkeys(places[place], place))
    if name in homes:
        return f"it belongs to {homes[name]}, as in {_written(name, homes[name])}"
    for names in (places[place], homes):
        if near := get_close_matches(name.lower(), list(names), n=1):
            home = homes[near[0]]
            return f"did you mean {near[0]!r}{'' if home == place else f' in {home}'}?"
    return f"there are {', '.join(places[place])}"


def _written(name: str, home: str) -> str:
    inner = f"{{{name!r}: ...}}"
    return inner if home == TOP else f"{{{home!r}: {inner}}}"


def _described(found: ValidationError) -> str:
    lines = found.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(dict.fromkeys(_sentence(line["loc"], line["msg"]) for line in lines))


def _sentence(place: tuple[int | str, ...], text: str) -> str:
    for beginning, words in _WORDS.items():
        if text.startswith(beginning):
            text = words + text.removeprefix(beginning)
    first, *inner = [str(part) for part in place] or [TOP]
    # Our own validators name the option themselves.
    if text.startswith((f"{first} ", f"{first}:", f"{first}[")):
        return text
    name = first + "".join(f"[{part!r}]" for part in inner)
    return f"{name} {text}" if text.startswith(("must ", "is ")) else f"{name}: {text}"
